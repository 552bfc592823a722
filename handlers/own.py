"""The worker's own registrations: how they stand, what is stored, putting one right, withdrawing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events
from conversations.words import _, paragraphs
from handlers import cards, notices, turn
from handlers.visit import Key, Visit, button, pressed_button
from storage import registrations
from storage.registrations import MovedError, Registration, State

router = Router(name="own")

CORRECTABLE = {State.QUEUED, State.NEEDS_CORRECTION}
WITHDRAWABLE = {State.QUEUED, State.NEEDS_CORRECTION, State.APPROVED}


async def list_all(visit: Visit) -> None:
    """Show each registration of the person as a message of its own, the newest last."""
    mine = await registrations.of_person(visit.tx, visit.id)
    if not mine:
        visit.say(_("You have no registration here yet. /daftar begins one."))
    for registration in mine[::-1]:
        text, keys = await notices.status(visit, registration)
        visit.say(text, keys, slot=notices.slot(registration.number), fresh=True)


@router.message(Command("status"))
async def status(_message: Message, visit: Visit) -> None:
    """/status: how every registration stands, then the open question again."""
    await list_all(visit)
    await turn.go_on(visit, events.Resumed())


@router.message(Command("data"))
async def data(_message: Message, visit: Visit) -> None:
    """/data: what is stored about the person, masked, with the ways to correct or withdraw it."""
    mine = [one for one in await registrations.of_person(visit.tx, visit.id) if one.document is not None]
    if not mine:
        visit.say(_("Nothing is stored about you, except the answers of a registration you have not finished."))
    for registration in mine[::-1]:
        visit.say(
            paragraphs(
                _("Registration <b>{number}</b>", number=registration.number), cards.answers(visit, registration)
            ),
            _data_keys(registration),
        )
    await turn.go_on(visit, events.Resumed())


def _data_keys(registration: Registration) -> list[list[Key]]:
    keys = []
    if registration.state in CORRECTABLE:
        keys.append([Key(_("✏️ Correct"), button("own", "edit", registration.number))])
    if registration.state in WITHDRAWABLE:
        keys.append([Key(_("🗑 Withdraw and erase"), button("own", "withdraw", registration.number))])
    return keys


@router.callback_query(F.data.startswith("s|own|"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of a registration, if it is the person's own."""
    action, number = pressed_button(callback.data)
    registration = await registrations.get(visit.tx, number)
    if registration is None or registration.person != visit.id:
        visit.notify(_("That is no registration of yours."))
        return
    match action:
        case "refresh":
            visit.show(*await notices.status(visit, registration))
        case "correct" | "edit" if registration.state in CORRECTABLE:
            visit.lay_aside()
            await _reopen(visit, registration, None if action == "edit" else registration.wanted)
        case "withdraw" if registration.state in WITHDRAWABLE:
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
        case "erase" if registration.state in WITHDRAWABLE:
            await _withdraw(visit, registration)
        case _:
            visit.notify(_("This registration can no longer be changed here. /status shows how it stands."))


async def _reopen(visit: Visit, registration: Registration, wanted: str | None) -> None:
    """Open the form with everything answered but the one answer wanted, or at its summary."""
    answers: dict[str, Any] = {**(registration.document or {})}
    answers.pop("summary", None)
    if wanted is not None:
        answers["summary"] = "send"  # nothing else is asked
        answers.pop(wanted, None)
    if wanted == "nik":
        answers.pop("nik_right", None)
    if wanted == "born":
        answers["nik_right"] = "differs"
    await turn.begin(visit, "correction", events.Started(answers, {"correcting": registration.number}))


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
    text, keys = await notices.status(visit, replace(registration, state=State.WITHDRAWN), settled=True)
    visit.say(text, keys, slot=notices.slot(registration.number))  # also in place of a decision not yet sent
    await notices.move_places(visit, registration.area)
    visit.show(_("Withdrawn. The data of registration {number} are erased.", number=registration.number))
