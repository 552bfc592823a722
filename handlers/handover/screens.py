"""/serahkan: an admin proposes what goes to BPJS, another one confirms it, and the file comes to the first alone."""

from __future__ import annotations

import re

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations.words import Lines, Number, Text, Value, _, paragraphs
from handlers import rights
from handlers.handover import making
from handlers.handover.returning import expect_answer
from handlers.notices import UNDO
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import handovers, people, programmes, registrations
from storage.handovers import Handover
from storage.registrations import Ready

router = Router(name="handover")

STRANGER = _("Only admins hand registrations over.")
TWO = 2  # admins that a hand-over takes
SHOWN = 5  # hand-overs under the list
NUMBER = re.compile(r"[0-9]{1,9}")

STATES: dict[str, Text] = {
    "asked": _("🕓 waits for a second admin"),
    "confirmed": _("⏳ is being handed over"),
    "handed": _("⏳ the file is being made"),
    "ready": _("📮 handed over"),
    "cancelled": _("✖️ cancelled"),
    "expired": _("✖️ not confirmed in time"),
}
OUTCOMES: dict[str, Text] = {
    "active": _("covered: {count}"),
    "not_matched": _("not matched: {count}"),
    "rejected": _("refused: {count}"),
    "": _("without an answer: {count}"),
}


@router.message(Command("serahkan"))
async def start(_message: Message, visit: Visit) -> None:
    """/serahkan: what waits to be handed over, and the last hand-overs."""
    if visit.id not in await rights.admins(visit, visit.office.area):
        visit.refuse("handover", STRANGER)
        return
    await visit.sign()
    visit.say(*await _list(visit))


@router.callback_query(pressed_on("handover"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of these screens, for admins only."""
    action, subject = pressed_button(callback.data)
    if visit.id not in await rights.admins(visit, visit.office.area):
        visit.refuse("handover", STRANGER)
        return
    match action:
        case "list":
            visit.show(*await _list(visit))
        case "choose":
            await _choose(visit, subject)
        case "ask":
            await _ask(visit, subject)
        case _:
            handover = await handovers.get(visit.tx, int(subject)) if NUMBER.fullmatch(subject) else None
            await _act(visit, action, handover)


async def _act(visit: Visit, action: str, handover: Handover | None) -> None:
    """Act on one hand-over."""
    if handover is None:
        visit.notify(_("There is no such hand-over."), alert=True)
        return
    match action:
        case "see":
            visit.show(*await _card(visit, handover))
        case "confirm":
            await _confirm(visit, handover)
        case "cancel":
            await _cancel(visit, handover)
        case "password" | "again" if handover.state != "ready" or handover.asked_by != visit.id:
            visit.refuse("handover", _("Only the admin who asked for this file gets it."))
        case "password":
            visit.notify(_("Password: {password}", password=handover.password or ""), alert=True)
            visit.leave()
            await handovers.note(visit.tx, handover.id, "password shown", visit.id, visit.now)
        case "again":
            await handovers.again(visit.tx, handover.id, by=visit.id, now=visit.now)
            visit.notify(_("The file is made again and comes within a minute."))
        case "return" if handover.state == "ready":
            await expect_answer(visit, handover)


async def _list(visit: Visit) -> tuple[Value, Keys]:
    ready = await registrations.ready(visit.tx, visit.now - UNDO)
    recent = await handovers.in_state(visit.tx, "asked", "confirmed", "handed", "ready", limit=SHOWN)
    keys = [[Key(await _label(visit, one), button("handover", "choose", one.programme or ""))] for one in ready]
    for one in recent:
        name = _("Hand-over {number}: {state}", number=one.id, state=STATES[one.state])
        keys.append([Key(name, button("handover", "see", str(one.id)))])
    text = _("<b>Hand over to BPJS.</b> What is approved waits here. Which one?")
    return text if ready else _("Nothing is approved that waits to be handed over."), keys


async def _label(visit: Visit, one: Ready) -> Value:
    return _("{name} · {count}", name=await _name(visit, one.programme), count=Number(one.people))


async def _name(visit: Visit, code: str | None) -> Value:
    """Return what a programme is called; of those without one, who pays."""
    stored = None if code is None else await programmes.get(visit.tx, code)
    return _("Without a programme") if stored is None else stored.name


async def _choose(visit: Visit, code: str) -> None:
    """Show what would go, and what it takes."""
    waiting = await _waiting(visit, code)
    if waiting is None:
        visit.show(*await _list(visit))
        return
    if len(await rights.admins(visit, visit.office.area)) < TWO:
        visit.show(
            _(
                "A hand-over takes two admins, and you are the only one. Please invite another one with /undang, or have "
                "their Telegram id written into SERTAKAN_ADMINS."
            ),
            [[Key(_("◀ Back"), button("handover", "list"))]],
        )
        return
    visit.show(
        paragraphs(
            Lines(
                [
                    _("<b>{name}</b>", name=await _name(visit, waiting.programme)),
                    _("Registrations that are ready: <b>{count}</b>.", count=Number(waiting.people)),
                ]
            ),
            _("Another admin has to confirm. Then the locked file comes to you alone."),
        ),
        [
            [Key(_("Ask another admin"), button("handover", "ask", code))],
            [Key(_("◀ Back"), button("handover", "list"))],
        ],
    )


async def _waiting(visit: Visit, code: str) -> Ready | None:
    ready = await registrations.ready(visit.tx, visit.now - UNDO)
    return next((one for one in ready if (one.programme or "") == code), None)


async def _ask(visit: Visit, code: str) -> None:
    waiting = await _waiting(visit, code)
    others = [one for one in sorted(await rights.admins(visit, visit.office.area)) if one != visit.id]
    if waiting is None or not others:
        visit.show(*await _list(visit))
        return
    asked = await handovers.propose(
        visit.tx,
        waiting.programme,
        mapping=visit.office.mapping.name,
        count=waiting.people,
        by=visit.id,
        now=visit.now,
    )
    visit.show(*await _card(visit, asked))
    if asked.asked_by == visit.id and asked.asked_at == visit.now:
        await call_second(visit, asked, others)


async def call_second(visit: Visit, handover: Handover, others: list[int]) -> None:
    """Ask the other admins to look at a proposal."""
    by = None if handover.asked_by is None else await people.name(visit.tx, handover.asked_by)
    text = _(
        "📮 {who} wants to hand over to BPJS: <b>{name}</b>, {count} registrations. Do you confirm?",
        who=by or _("The operator of the machine"),
        name=await _name(visit, handover.programme),
        count=Number(handover.count),
    )
    await visit.write_to(others, text, [[Key(_("Look at it"), button("handover", "see", str(handover.id)))]])


async def _card(visit: Visit, handover: Handover) -> tuple[Value, Keys]:
    """Return how a hand-over stands, with what this admin can do."""
    number = str(handover.id)
    who = None if handover.asked_by is None else await people.name(visit.tx, handover.asked_by)
    head = Lines(
        [
            _("<b>Hand-over {number}</b>: {state}", number=handover.id, state=STATES[handover.state]),
            _(
                "{name}: {count} registrations",
                name=await _name(visit, handover.programme),
                count=Number(handover.count),
            ),
            _("Asked by {who}, {day}", who=who or _("The operator of the machine"), day=_day(visit, handover)),
        ]
    )
    keys: list[list[Key]] = []
    said: Value = ""
    match handover.state:
        case "asked" if handover.asked_by == visit.id:
            said = _("Another admin has to confirm within a day.")
            keys = [[Key(_("✖️ Cancel"), button("handover", "cancel", number))]]
        case "asked":
            said = _("Once confirmed, they go to BPJS and can no longer be corrected here.")
            keys = [
                [Key(_("✅ Confirm"), button("handover", "confirm", number))],
                [Key(_("✖️ Not now"), button("handover", "cancel", number))],
            ]
        case "ready":
            counted = await handovers.outcomes(visit.tx, handover.id)
            said = Lines(
                [
                    Text(text.sentence, {"count": Number(counted[one])})
                    for one, text in OUTCOMES.items()
                    if one in counted
                ]
            )
            mine = handover.asked_by == visit.id
            again = [[Key(_("📄 The file again"), button("handover", "again", number))]] if mine else []
            keys = [*making.keys(handover), *again] if mine else making.keys(handover)[1:]
        case _:
            pass
    return paragraphs(head, said), [*keys, [Key(_("◀ Back"), button("handover", "list"))]]


def _day(visit: Visit, handover: Handover) -> Value:
    return handover.asked_at.astimezone(visit.office.zone).date()


async def _confirm(visit: Visit, handover: Handover) -> None:
    if handover.asked_by == visit.id:
        visit.refuse("handover", _("Who asks cannot confirm. Another admin has to."))
        return
    await visit.sign()
    confirmed = await handovers.confirm(visit.tx, handover.id, by=visit.id, now=visit.now)
    if confirmed is None:
        visit.notify(_("It was confirmed or closed already."), alert=True)
        visit.show(*await _card(visit, handover))
        return
    visit.show(_("✅ Confirmed. They are handed over now; the file goes to whoever asked for it."))
    if confirmed.asked_by is not None:
        text = _("✅ Hand-over {number} is confirmed. Your file comes within a few minutes.", number=confirmed.id)
        await visit.write_to([confirmed.asked_by], text)


async def _cancel(visit: Visit, handover: Handover) -> None:
    cancelled = await handovers.cancel(visit.tx, handover.id, by=visit.id, now=visit.now)
    if cancelled is None:
        visit.notify(_("It was confirmed or closed already."), alert=True)
        visit.show(*await _card(visit, handover))
        return
    visit.show(*await _card(visit, cancelled))
    if cancelled.asked_by not in {None, visit.id}:
        text = _("Hand-over {number} was not confirmed by another admin.", number=cancelled.id)
        await visit.write_to([one for one in [cancelled.asked_by] if one is not None], text)
