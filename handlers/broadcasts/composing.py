"""/siarkan: the broadcasts there are, and composing one. What is sent, to whom and when is asked by the conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import broadcast as form
from conversations import events
from conversations.audience import audience, by_one
from conversations.events import Json
from conversations.flow import Answers, Context
from conversations.kinds.moment_pick import moment_of
from conversations.replies import Finished
from conversations.session import Session
from conversations.words import Lines, Value, _, paragraphs
from handlers import rights, turn
from handlers.broadcasts import wording
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import broadcasts, programmes
from storage.broadcasts import Audience, Broadcast
from storage.roles import covers

router = Router(name="composing")

CANARY = 50  # people in the first wave
SHOWN = 8  # broadcasts in the list
REGISTRANTS = 100  # among whom one may be chosen: those who registered most
STRANGER = _("Only admins and sponsors of a village write to many. Questions? /bantuan")


@router.message(Command("siarkan"))
async def siarkan(_message: Message, visit: Visit) -> None:
    """/siarkan: the latest broadcasts, or composing the first one."""
    if not await rights.areas_of(visit, visit.id):
        visit.refuse("siarkan", STRANGER)
        return
    await visit.sign()
    if await _latest(visit):
        await _list(visit)
    else:
        await begin(visit)


@router.callback_query(pressed_on("siarkan"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of the list, if this person may still write to many."""
    action, _subject = pressed_button(callback.data)
    if not await rights.areas_of(visit, visit.id):
        visit.refuse("siarkan", STRANGER)
        return
    match action:
        case "list":
            await _list(visit)
        case "new":
            visit.lay_aside()
            await begin(visit)
        case _:
            visit.refuse("siarkan", _("This button no longer works."))


async def _latest(visit: Visit) -> list[Broadcast]:
    return await broadcasts.latest(visit.tx, await rights.areas_of(visit, visit.id), SHOWN)


async def _list(visit: Visit) -> None:
    """Show the latest broadcasts, each with a button that opens it."""
    found = await _latest(visit)
    lines: list[Value] = [_("{title} · {stage}", title=title(one), stage=wording.STAGES[one.stage]) for one in found]
    keys: Keys = [
        [Key(_("➕ Write to many"), button("siarkan", "new"))],
        *([Key(title(one), button("deck", "open", str(one.id)))] for one in found),
    ]
    visit.show(paragraphs(_("<b>Messages to many</b>"), Lines(lines) if lines else _("There is none yet.")), keys)


def title(broadcast: Broadcast) -> str:
    """Return the words by which an author finds a broadcast again: its number, and how its text begins."""
    return f"{broadcast.id}. {broadcast.body.get('title') or '…'}"


async def begin(visit: Visit, given: Answers | None = None) -> None:
    """Open the form with what its author may do, and with the answers that are `given`."""
    mine = await rights.areas_of(visit, visit.id)
    whole = any(covers(area, visit.office.area) for area in mine)
    places: list[Json] = [] if whole else [*dict.fromkeys(mine)]
    known = await programmes.all_(visit.tx, state=programmes.OPEN)
    facts: dict[str, Json] = {
        "admin": await rights.is_admin(visit),
        "places": places,
        "programmes": [
            {"code": one.code, "name": one.name} for one in known if any(covers(area, one.area) for area in mine)
        ],
    }
    usual: dict[str, Json] = {"place": places[0]} if len(places) == 1 else {}
    await turn.begin(visit, "broadcast", events.Started({**usual, **(given or {})}, facts))


def _context(visit: Visit, facts: dict[str, Json]) -> Context:
    return replace(visit.context(), facts=facts)


async def _allowed(visit: Visit, answers: Answers, wanted: dict[str, Json]) -> bool:
    """Tell whether the visitor may write what the answers say, now."""
    return await rights.may_write_to(visit, str(wanted["area"]), necessary=answers.get("kind") == "necessary")


@turn.finding("registrants")
async def registrants(visit: Visit, session: Session) -> Json:
    """List who has registered others in the chosen area, if one of them is to be chosen by somebody who may."""
    context = _context(visit, dict(session.learned))
    wanted = audience(session.answers, context)
    if not by_one(session.answers, context) or not await _allowed(visit, session.answers, wanted):
        return None
    found = await broadcasts.registrants(visit.tx, str(wanted["area"]), REGISTRANTS)
    return [{"person": one.person, "name": one.name, "count": one.count} for one in found]


@turn.finding("recipients")
async def recipients(visit: Visit, session: Session) -> Json:
    """Count the people whom the answers reach so far; whoever may not write to them learns nothing."""
    wanted: dict[str, Any] = audience(session.answers, _context(visit, dict(session.learned)))
    if not await _allowed(visit, session.answers, wanted):
        return None
    return await broadcasts.count(visit.tx, Audience.of_json(wanted), visit.today)


@turn.ending("broadcast")
async def composed(visit: Visit, result: Finished) -> None:
    """Write the broadcast down, to be prepared; the right to do so is asked once more."""
    answers = result.answers
    made = form.body(answers, _context(visit, dict(result.facts)))
    wanted: Any = made["audience"]
    if not await _allowed(visit, answers, wanted):
        visit.refuse("siarkan", STRANGER)
        return
    await broadcasts.create(
        visit.tx,
        area=wanted["area"],
        body={**made, "answers": {name: answer for name, answer in answers.items() if name != "summary"}},
        necessary=answers.get("kind") == "necessary",
        quiet=answers.get("night") != "yes",
        due_at=moment_of(answers["when"]),
        canary=CANARY,
        by=visit.id,
        now=visit.now,
    )
    visit.show(
        Lines(
            [
                _("⏳ <b>It is being prepared.</b> Each recipient's message is tried out."),
                _("In a moment you see here who gets it, and who does not and why. Nothing is sent before you say so."),
            ]
        )
    )
