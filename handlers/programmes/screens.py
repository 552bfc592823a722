"""The admin's list of programmes: which there are, how much of each is left, and making, changing, closing one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events
from conversations.replies import Finished
from conversations.rules.programmes import Terms
from conversations.words import Lines, Number, Text, Value, _, paragraphs
from handlers import rights, turn
from handlers.programmes import closing, promote, terms, wording
from handlers.visit import Key, Visit, button, pressed_button, pressed_on
from storage import programmes, registrations, words
from storage.programmes import CLOSED, OPEN, Programme, QuotaTooSmallError
from storage.roles import covers

router = Router(name="programme")

PAGE = 8
VILLAGES = 40  # shares in one message
STRANGER = _("Only admins see the programmes here. Who wants to pay for somebody: /bayarkan.")
NOT_HERE = _("This programme is not in your area.")
TOO_SMALL: dict[str, Text] = {
    "people": _(
        "{promised} places are promised already, so there cannot be fewer, also in a village. Please change it."
    ),
    "person-months": _("{promised} person-months are promised already, so there cannot be fewer. Please change it."),
    "rupiah": _("{promised} rupiah are promised already, so the budget cannot be smaller. Please change it."),
}


@router.message(Command("program"))
async def program(_message: Message, visit: Visit) -> None:
    """/program: the list."""
    if not await rights.is_admin(visit):
        visit.refuse("programme", STRANGER)
        return
    await visit.sign()
    await _list(visit, private=False, page=0)


@router.callback_query(pressed_on("programme"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of the list, if this person is an admin for the programme's area."""
    action, subject = pressed_button(callback.data)
    if not await rights.is_admin(visit):
        visit.refuse("programme", STRANGER)
        return
    match action:
        case "list" | "private":
            await _list(visit, private=action == "private", page=int(subject) if subject.isdigit() else 0)
        case "new":
            visit.lay_aside()
            await turn.begin(visit, "programme", events.Started())
        case _:
            found = await programmes.get(visit.tx, subject)
            if found is None or not await rights.administers(visit, found.area):
                visit.refuse("programme", NOT_HERE)
                return
            await _act(visit, action, found)


async def _act(visit: Visit, action: str, programme: Programme) -> None:
    match action:
        case "open":
            await _show(visit, programme)
        case "edit" if programme.owner is None:
            visit.lay_aside()
            await _edit(visit, programme, terms.answers(programme, visit.context()))
        case "reshare" if programme.owner is None:
            visit.lay_aside()
            known = terms.answers(programme, visit.context())
            await _edit(visit, programme, {name: known[name] for name in known if name not in {"shares", "by_village"}})
        case "shares":
            await _shares(visit, programme)
        case "close" if programme.state == OPEN:
            await _ask_to_close(visit, programme)
        case "closed" if programme.state == OPEN:
            await _show(visit, await closing.close(visit, programme))
        case "reopen" if programme.state == CLOSED:
            saved = await programmes.save(visit.tx, replace(programme, state=OPEN), by=visit.id, now=visit.now)
            await _show(visit, saved)
        case _:
            await _show(visit, programme)


async def _ask_to_close(visit: Visit, programme: Programme) -> None:
    waiting = await registrations.unplaced_count(visit.tx, programme.code)
    visit.show(
        paragraphs(
            _("Close <b>{name}</b>? Whoever has a place keeps it; nobody new gets one.", name=programme.name),
            _(
                "{count} wait without a place. They go back to their village's queue without a programme, and are told.",
                count=Number(waiting),
            )
            if waiting
            else "",
        ),
        [
            [Key(_("No, leave it open"), button("programme", "open", programme.code))],
            [Key(_("Yes, close it"), button("programme", "closed", programme.code))],
        ],
    )


async def _list(visit: Visit, *, private: bool, page: int) -> None:
    mine = await rights.administered(visit)
    known = [one for one in await programmes.all_(visit.tx) if any(covers(area, one.area) for area in mine)]
    listed = [one for one in known if (one.owner is not None) is private]
    shown = listed[page * PAGE : (page + 1) * PAGE]
    head = _("<b>Private sponsors</b>") if private else _("<b>Programmes</b>")
    lines = Lines([await wording.line(visit, one) for one in shown]) if shown else _("There is none yet.")
    keys = [[Key(one.name, button("programme", "open", one.code))] for one in shown]
    screen = "private" if private else "list"
    turns = [Key(_("◀ Previous"), button("programme", screen, str(page - 1)))] if page else []
    if len(listed) > (page + 1) * PAGE:
        turns.append(Key(_("More ▶"), button("programme", screen, str(page + 1))))
    keys.append(turns)
    if private:
        keys.append([Key(_("⬅️ Programmes"), button("programme", "list"))])
    else:
        others = len(known) - len(listed)
        unmatched = await words.unsolved_count(visit.tx)
        keys += [
            [Key(_("➕ New programme"), button("programme", "new"))],
            [Key(_("🤝 Private sponsors ({count})", count=others), button("programme", "private"))] if others else [],
            [Key(_("🔤 Words for work ({count})", count=unmatched), button("trade", "list"))],
        ]
    visit.show(paragraphs(head, lines), keys)


async def _show(visit: Visit, programme: Programme) -> None:
    """Show a programme: its terms in words, and how much of it is used."""
    code = programme.code
    closing = (
        Key(_("⏸ Close"), button("programme", "close", code))
        if programme.state == OPEN
        else Key(_("▶️ Open again"), button("programme", "reopen", code))
    )
    changing = [Key(_("✏️ Edit"), button("programme", "edit", code))] if programme.owner is None else []
    shares = [Key(_("🏘 Villages' shares"), button("programme", "shares", code))] if programme.shares else []
    visit.show(
        paragraphs(
            wording.answered(visit, programme),
            wording.departments(programme),
            await wording.used(visit, programme),
        ),
        [[*changing, closing], shares, [Key(_("⬅️ Programmes"), button("programme", "list"))]],
    )


async def _shares(visit: Visit, programme: Programme) -> None:
    parts = await programmes.shares_of(visit.tx, programme.code)
    name = visit.office.areas.describe
    lines: list[Value] = [
        _(
            "• {village}: {taken} of {people}",
            village=name(one.area).partition(", Kab.")[0],
            taken=one.taken,
            people=one.people,
        )
        for one in parts[:VILLAGES]
    ]
    if len(parts) > VILLAGES:
        lines.append(_("… and {count} more villages", count=len(parts) - VILLAGES))
    keys = [
        [Key(_("✏️ Share out anew"), button("programme", "reshare", programme.code))],
        [Key(_("⬅️ Back"), button("programme", "open", programme.code))],
    ]
    visit.show(paragraphs(_("<b>Places taken by village</b>"), Lines(lines)), keys)


async def _edit(visit: Visit, programme: Programme, known: dict[str, Any]) -> None:
    departments = dict(Terms.read(programme.terms).departments)
    facts: dict[str, Any] = {"editing": programme.code, "departments": departments}
    await turn.begin(visit, "programme", events.Started(known, facts))


@turn.ending("programme")
async def written(visit: Visit, result: Finished) -> None:
    """Save the programme; the right to do so is asked again, for the area it was and for the one it becomes."""
    code = str(result.facts["editing"]) if "editing" in result.facts else None
    before = None if code is None else await programmes.get(visit.tx, code)
    known = [one.code for one in await programmes.all_(visit.tx)] if code is None else []
    made = terms.programme(
        result.answers, visit.context(), code or terms.new_code(str(result.answers["name"]), known), before
    )
    areas = {made.area, made.area if before is None else before.area}
    if not all([await rights.administers(visit, area) for area in areas]) or made.owner is not None:
        visit.refuse("programme", NOT_HERE)
        return
    try:
        async with visit.tx.savepoint():
            saved = await programmes.save(visit.tx, made, by=visit.id, now=visit.now)
    except QuotaTooSmallError as short:
        visit.show(Text(TOO_SMALL[short.what].sentence, {"promised": Number(short.promised)}))
        again = {name: answer for name, answer in result.answers.items() if name != "summary"}
        await turn.begin(visit, "programme", events.Started(again, result.facts))
        return
    await promote(visit, saved.code)
    saved = await programmes.get(visit.tx, saved.code) or saved
    visit.show(
        paragraphs(_("💾 Saved: <b>{name}</b>.", name=saved.name), await wording.used(visit, saved)),
        [[Key(_("Look at it"), button("programme", "open", saved.code))]],
    )
