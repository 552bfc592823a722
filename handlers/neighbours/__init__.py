"""Registering others: the form for one after the other, and the list of one's own entries with what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events, paying
from conversations.neighbour import SHARED
from conversations.replies import Finished
from conversations.rules import names
from conversations.rules.areas import Level
from conversations.words import Lines, Text, Value, _, paragraphs
from handlers import notices, own, registered, rights, standing, turn
from handlers.neighbours import unreachable
from handlers.programmes import pledged
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import broadcasts, registrations
from storage.registrations import AlreadyYoursError, Registration, State

router = Router(name="neighbours")

PAGE = 6  # entries a page: two lines each fill a small screen
STRANGER = _(
    "Who helps neighbours to register is invited by the officer of the village: please ask there, or at {contact}.\n"
    "Would you like to pay for somebody near you? /bayarkan"
)


@router.message(Command("daftarkan"))
async def daftarkan(_message: Message, visit: Visit) -> None:
    """/daftarkan: register one, register many, or see one's own entries."""
    if await rights.places(visit) or await registrations.entered_by(visit.tx, visit.id, limit=1):
        await visit.sign()
        visit.say(
            paragraphs(
                _(
                    "<b>Register somebody near you.</b> It is free. Each person must agree first; they can check it later."
                ),
                _("Never take money or a photo of the KTP for it."),
            ),
            _menu(),
        )
    else:
        visit.refuse("neighbours", stranger(visit))
    await turn.go_on(visit, events.Resumed())


def _menu() -> Keys:
    return [
        [Key(_("👤 One person"), button("neighbours", "one"))],
        [Key(_("📄 Many at once (file)"), button("batch", "open"))],
        [Key(_("📋 My entries"), button("neighbours", "mine", "0"))],
    ]


def stranger(visit: Visit) -> Value:
    """Say how one comes to register others."""
    return Text(STRANGER.sentence, {"contact": visit.office.contact})


@router.callback_query(pressed_on("neighbours"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of these screens, each time asking for the right again."""
    action, subject = pressed_button(callback.data)
    if action == "mine":
        await _list(visit, int(subject) if subject.isdecimal() and len(subject) <= len("9999") else 0)
        return
    if action == "one":
        visit.lay_aside()
        await begin(visit)
        return
    registration = await registrations.get(visit.tx, subject)
    if registration is None or not rights.entered(visit, registration):
        visit.refuse("neighbours", _("That is no registration of yours."))
    elif action == "again":
        visit.lay_aside()
        await _again(visit, registration)
    elif action == "open":
        await _open(visit, registration)


async def begin(visit: Visit, programme: str | None = None, known: Mapping[str, Any] | None = None) -> None:
    """Open the form for a neighbour: under a `programme` one pays, with what is `known`; strangers learn how to."""
    areas = await rights.places(visit)
    if not areas:
        visit.refuse("neighbours", stranger(visit))
        return
    await visit.sign()
    bound = not await rights.helps_in(visit)
    answers: dict[str, Any] = {}
    if len(areas) == 1 and areas[0].count(".") == Level.VILLAGE - 1:
        answers["village"] = {"code": areas[0], "words": None}
    mine = [one for one in await pledged(visit) if programme is None or one.code == programme]
    if (bound or programme is not None) and mine:
        answers["payer"] = "sponsor"
        answers |= {"programme": paying.answer(mine[0])} if len(mine) == 1 else {}
    await turn.begin(
        visit, "neighbour", events.Started({**answers, **(known or {})}, {"areas": [*areas], "bound": bound})
    )


async def _again(visit: Visit, registration: Registration) -> None:
    """Open the form for the next neighbour, with what is likely the same; it stands in the summary to be changed."""
    document = registration.document or {}
    known = {name: document[name] for name in SHARED if document.get(name) is not None}
    await begin(visit, known=known)


@turn.ending("neighbour")
async def finished(visit: Visit, result: Finished) -> None:
    """Act on the outcome of a neighbour's form. The right to register in that village is asked again."""
    if result.outcome == "not_agreed":
        visit.show(_("That is all right. Nothing was stored. Once the person agrees: /daftarkan."))
    elif result.outcome == "already":
        await notices.show(visit, str(result.facts.get("own_registration")))
    elif not await registered.stopped(visit, result):
        await _submit(visit, result)


async def _submit(visit: Visit, result: Finished) -> None:
    form = registered.application(visit, result.answers, neighbour=True)
    if not await rights.may_register(visit, form.area, form.programme):
        visit.show(_("In that village, or without your own programme, you cannot register others. Nothing was stored."))
        return
    try:
        registration = await registered.enter(visit, form)
    except AlreadyYoursError as already:
        await notices.show(visit, already.number)
        return
    visit.show(
        paragraphs(
            registered.sent(registration, names.mask(str(form.document.get("name")))),
            _("Give them the link, so that they can check it and take it over themselves."),
        ),
        [
            [Key(_("➕ Register another"), button("neighbours", "again", registration.number))],
            [Key(_("🔗 Give them the link"), button("claim", "link", registration.number))],
            [Key(_("📋 My entries"), button("neighbours", "mine", "0"))],
        ],
    )
    await notices.call_sponsors(visit, registration.area)


async def _list(visit: Visit, page: int) -> None:
    """Show a page of one's own entries, the newest first."""
    found = await registrations.entered_by(visit.tx, visit.id, limit=PAGE + 1, offset=page * PAGE)
    shown = found[:PAGE]
    if not shown:
        visit.show(_("You have registered nobody yet."), [[Key(_("👤 One person"), button("neighbours", "one"))]])
        return
    numbers = [Key(one.number, button("neighbours", "open", one.number)) for one in shown]
    turns = [Key(_("◀ Previous"), button("neighbours", "mine", str(page - 1)))] if page else []
    turns += [Key(_("More ▶"), button("neighbours", "mine", str(page + 1)))] if len(found) > PAGE else []
    rows = [numbers[index : index + 2] for index in range(0, len(numbers), 2)]
    owners = {one.person for one in shown if one.person is not None and rights.entered(visit, one)}
    lost = await broadcasts.out_of_reach(visit.tx, owners)
    visit.show(
        paragraphs(_("<b>Your entries</b>"), *(_entry(visit, one, lost=one.person in lost) for one in shown)),
        [*rows, turns, [Key(_("👤 One person"), button("neighbours", "one"))]],
    )


def _entry(visit: Visit, registration: Registration, *, lost: bool) -> Value:
    """Return an entry in a few lines; `lost` is one whose owner no message reaches any more."""
    name = str((registration.document or {}).get("name") or "…")
    if not rights.entered(visit, registration):
        name = "…"
    return Lines(
        [
            _(
                "<b>{number}</b> {name} · {state}",
                number=registration.number,
                name=names.mask(name),
                state=_standing(visit, registration),
            ),
            _("{place} · taken over by its owner", place=visit.office.areas.describe(registration.area))
            if registration.claim == "claimed"
            else visit.office.areas.describe(registration.area),
            unreachable.MARK if lost else "",
        ]
    )


def _standing(visit: Visit, registration: Registration) -> Text:
    """Return the state in a word or two; a decision that may still be undone is not told."""
    return standing.BRIEFLY.get(notices.told(visit, registration).state, standing.BRIEFLY[State.QUEUED])


async def _open(visit: Visit, registration: Registration) -> None:
    """Show how an entry stands, with what its registrant can do."""
    text, keys = await notices.status(visit, registration)
    more: list[list[Key]] = []
    if registration.claim == "attested" and await rights.looks_after(visit, registration):
        more = own.data_keys(registration)
        if registration.state in registrations.OPEN:
            more.append([Key(_("🔗 Give them the link"), button("claim", "link", registration.number))])
    more.append([Key(_("📋 My entries"), button("neighbours", "mine", "0"))])
    visit.show(text, [*keys, *more])
