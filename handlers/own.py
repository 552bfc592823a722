"""The registrations somebody looks after: how they stand, what is stored, putting one right, withdrawing."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events
from conversations.words import Lines, _, paragraphs
from handlers import cards, corrected, news, notices, programmes, rights, turn
from handlers.visit import Key, Visit, button, pressed_button, pressed_on
from storage import registrations
from storage.registrations import MovedError, Registration, State

router = Router(name="own")

WITHDRAWABLE = corrected.CORRECTABLE | {State.WITH_DEPARTMENT, State.WAITING_LIST, State.APPROVED, State.NOT_MATCHED}


@router.message(Command("status"))
async def status(_message: Message, visit: Visit) -> None:
    """/status: how every registration stands, then the open question again."""
    await notices.list_all(visit)
    await turn.go_on(visit, events.Resumed())


@router.message(Command("data"))
async def data(_message: Message, visit: Visit) -> None:
    """/data: what is stored about the person, masked, with the ways to correct or withdraw it."""
    mine = [one for one in await registrations.of_person(visit.tx, visit.id) if one.document is not None]
    wishes = news.kept(visit)
    if not mine:
        nothing = _("No registration of yours is stored, except the answers of one that you have not finished.")
        visit.say(Lines([nothing, wishes]))
    for registration in mine[::-1]:
        erased = registration.erased_at
        gone = (
            _(
                "The form was erased on {day}, as was promised. What is left:",
                day=erased.astimezone(visit.office.zone).date(),
            )
            if erased
            else ""
        )
        head = Lines([_("Registration <b>{number}</b>", number=registration.number), gone])
        visit.say(paragraphs(head, await cards.answers(visit, registration)), data_keys(registration))
    if mine and wishes:
        visit.say(Lines([wishes, _("/kabar changes that.")]))
    await turn.go_on(visit, events.Resumed())


def data_keys(registration: Registration) -> list[list[Key]]:
    """Return the ways to correct or withdraw a registration."""
    keys = []
    if registration.state in corrected.CORRECTABLE:
        keys.append([Key(_("✏️ Correct"), button("own", "edit", registration.number))])
    if registration.state in WITHDRAWABLE:
        keys.append([Key(_("🗑 Withdraw and erase"), button("own", "withdraw", registration.number))])
    return keys


@router.callback_query(pressed_on("own"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of a registration, if it is the person's own or entered by them.

    Once the worker has taken it over, who entered it may still put right what the reviewer asks for, and no more.
    """
    action, number = pressed_button(callback.data)
    registration = await registrations.get(visit.tx, number)
    if registration is None or not await rights.looks_after(visit, registration):
        visit.refuse("own", _("That is no registration of yours."))
        return
    free = registration.person in {visit.id, None}
    match action:
        case "refresh":
            visit.show(*await notices.status(visit, registration))
        case "correct" if registration.state is State.NEEDS_CORRECTION:
            visit.lay_aside()
            await corrected.reopen(visit, registration, registration.wanted)
        case "correct" if registration.state is State.QUEUED:
            visit.notify(_("It has been put right already. Thank you."))
            visit.show(*await notices.status(visit, registration))
        case "edit" if free and registration.state in corrected.CORRECTABLE:
            visit.lay_aside()
            await corrected.reopen(visit, registration, None)
        case "withdraw" if free and registration.state in WITHDRAWABLE:
            visit.show(
                _(
                    "Withdraw registration <b>{number}</b>? All its data are erased, and its place is lost.",
                    number=number,
                ),
                [
                    [Key(_("No, keep it"), button("own", "refresh", number))],
                    [Key(_("Yes, withdraw and erase"), button("own", "erase", number))],
                ],
            )
        case "erase" if free and registration.state in WITHDRAWABLE:
            await _withdraw(visit, registration)
        case _:
            visit.notify(_("This registration can no longer be changed here. /status shows how it stands."))


async def _withdraw(visit: Visit, registration: Registration) -> None:
    try:
        await registrations.move(
            visit.tx,
            registration.number,
            State.WITHDRAWN,
            actor=visit.id,
            reason=None,
            now=visit.now,
            frm=registration.state,
        )
    except MovedError as moved:
        visit.show(*await notices.status(visit, moved.registration))
        return
    await registrations.erase(visit.tx, registration.number, visit.now)
    gone = replace(registration, state=State.WITHDRAWN, document=None)
    text, keys = await notices.status(visit, gone, settled=True)
    slot = notices.slot(registration.number)
    visit.say(text, keys, slot=slot)  # also in place of a decision not yet sent
    others = [one for one in notices.audience(registration) if one != visit.id]
    await visit.write_to(others, text, keys, slot=slot)
    await notices.move_up(visit, registration.area)
    await programmes.promote(visit, registration.programme)
    visit.show(_("Withdrawn. The data of registration {number} are erased.", number=registration.number))
