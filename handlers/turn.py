"""A turn: where a person's stored session, the pure conversation and the letters meet.

The session is loaded, one event is given to the engine, facts it asks for are looked up, and what it says becomes
letters. All of it belongs to the transaction of the update, so a turn happens wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from structlog.contextvars import bind_contextvars

from conversations import FLOWS, engine, events, replies
from conversations.events import Json
from conversations.replies import Button, Question
from conversations.session import Session
from conversations.words import Lines, Value, _, paragraphs
from handlers import programmes
from handlers.visit import Key, Keys, Visit, message
from storage import people, registrations
from storage.sessions import Stored

Ending = Callable[[Visit, replies.Finished], Awaitable[None]]
ENDINGS: dict[str, Ending] = {}
Finding = Callable[[Visit, Session], Awaitable[Json]]
FINDINGS: dict[str, Finding] = {}
BASE = 36
BESIDE = 16  # characters of a label up to which two buttons fit beside each other on a small phone
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def ending(flow: str) -> Callable[[Ending], Ending]:
    """Say what a finished form of this flow means; it stands beside the screens it belongs to."""

    def register(function: Ending) -> Ending:
        ENDINGS[flow] = function
        return function

    return register


def finding(fact: str) -> Callable[[Finding], Finding]:
    """Say how a fact that a conversation asks for is found; it stands beside the screens it belongs to."""

    def register(function: Finding) -> Finding:
        FINDINGS[fact] = function
        return function

    return register


async def hold(visit: Visit, flow_name: str, event: events.Event, stored: Stored | None = None) -> None:
    """Take one turn of a conversation, opening it where none is open; `stored` is its session if it is at hand."""
    flow, context = FLOWS[flow_name], visit.context()
    stored = stored or visit.drawer.load(visit.id, flow_name)
    before = engine.open_session(flow, context) if stored is None else Session.from_json(stored.body)
    bind_contextvars(flow=flow_name, step=before.at)
    session, said = engine.advance(flow, before, event, context)
    wishes = {reply.fact: reply for reply in said if isinstance(reply, replies.LookUp)}  # each fact is looked up once
    for wish in wishes.values():
        if session is not None:
            learned = events.Learned(wish.fact, await _fact(visit, wish, session))
            session, more = engine.advance(flow, session, learned, context)
            said = (*(reply for reply in said if not isinstance(reply, Question)), *more)
    await _effects(visit, said)
    if session is None:
        visit.drawer.drop(visit.id, flow_name)
        await _close(visit, before, said)
    else:
        visit.drawer.save(visit.id, flow_name, session.to_json(), visit.now)
        _deliver(visit, flow_name, said)


async def begin(visit: Visit, flow_name: str, event: events.Started) -> None:
    """Open a conversation anew; what was left open of the same one is put away."""
    visit.drawer.drop(visit.id, flow_name)
    await hold(visit, flow_name, event)


def latest(visit: Visit) -> Stored | None:
    """Return the conversation the person is in; one whose flow a deploy took away is none."""
    stored = visit.drawer.latest(visit.id)
    return stored if stored is not None and stored.flow in FLOWS else None


async def go_on(visit: Visit, event: events.Event) -> bool:
    """Give an event to the conversation the person is in, and tell whether there is one."""
    stored = latest(visit)
    if stored is not None:
        await hold(visit, stored.flow, event, stored)
    return stored is not None


def reply_key(visit: Visit, stored: Stored, text: str) -> str | None:
    """Return the option of the reply key with this label, where reply keys are on the screen."""
    session = Session.from_json(stored.body)
    question = engine.open_question(FLOWS[stored.flow], session, visit.context()) if session.keyboard else None
    rows = () if question is None else question.rows
    return next((key.option for row in rows for key in row if visit.words.plain(key.label) == text), None)


async def _fact(visit: Visit, wish: replies.LookUp, session: Session) -> Json:
    """Look a fact up. Only the person's own registrations are told: a NIK is no question anybody may ask."""
    if wish.fact == "own_registration" and isinstance(wish.value, str):
        own = await registrations.own_open(visit.tx, visit.id, wish.value)
        return None if own is None or own.number == session.learned.get("correcting") else own.number
    if wish.fact == "programmes" and isinstance(wish.value, dict):
        return await _programmes(visit, wish.value, session)
    return await FINDINGS[wish.fact](visit, session)


async def _programmes(visit: Visit, village: Mapping[str, Json], session: Session) -> list[Json]:
    """List what may be chosen in a village; who helps there with nothing but money chooses what they pay themselves."""
    area, number = str(village.get("code")), session.learned.get("correcting")
    if village.get("words"):
        return []  # a place elsewhere in words: the officer decides
    if session.flow in {"neighbour", "batch"}:
        return [one.to_json() for one in await programmes.for_others(visit, area)]
    corrected = await registrations.get(visit.tx, number) if isinstance(number, str) else None
    found = await programmes.offered(visit, area, under=corrected)
    return [one.to_json() for one in found]


async def _effects(visit: Visit, said: tuple[replies.Reply, ...]) -> None:
    for reply in said:
        match reply:
            case replies.Forget(message_id):
                visit.forget(message_id)
            case replies.Toast(text):
                visit.notify(text)
                visit.leave()
            case replies.Tried("nik"):
                await people.count_try(visit.tx, visit.id, visit.today)
            case replies.Tried("link"):
                await people.count_link_try(visit.tx, visit.id, visit.today)


async def _close(visit: Visit, session: Session, said: tuple[replies.Reply, ...]) -> None:
    notices = _notices(said)
    if session.keyboard:
        visit.post("sendMessage", _clearing(visit, Lines(notices) if notices else _("All right.")))
    elif notices:
        visit.show(Lines(notices))
    match said[-1]:
        case replies.Left():
            visit.show(FLOWS[session.flow].left)
        case replies.Finished() as finished:
            await ENDINGS[session.flow](visit, finished)


def _notices(said: tuple[replies.Reply, ...]) -> list[Value]:
    return [reply.text for reply in said if isinstance(reply, replies.Notice)]


def _deliver(visit: Visit, flow: str, said: tuple[replies.Reply, ...]) -> None:
    """Turn notices and the question into as few messages as can be: usually one, in place of the one pressed."""
    notices = _notices(said)
    question = next((reply for reply in said if isinstance(reply, Question)), None)
    if question is None:
        return
    if any(isinstance(reply, replies.Notice) and reply.clears for reply in said):
        visit.post("sendMessage", _clearing(visit, Lines(notices)))
        notices = []
    if question.picture is not None:
        visit.lay_aside()
        _send_picture(visit, question.picture)
    text = paragraphs(Lines(notices), question.text) if notices else question.text
    if question.contact:
        visit.lay_aside()
        visit.post("sendMessage", {**message(visit.id, visit.words, text), "reply_markup": _contact(visit, question)})
    else:
        visit.show(text, _keys(visit, flow, question))


def _clearing(visit: Visit, text: Value) -> dict[str, object]:
    return {**message(visit.id, visit.words, text), "reply_markup": {"remove_keyboard": True}}


def _send_picture(visit: Visit, picture: replies.Picture) -> None:
    visit.post(
        "sendPhoto",
        {
            "chat_id": visit.id,
            "photo": {"draw": picture.name, "facts": dict(picture.facts), "language": visit.words.language},
            "caption": visit.words(picture.caption),
            "parse_mode": "HTML",
        },
    )


def _keys(visit: Visit, flow: str, question: Question) -> Keys:
    """Return the inline buttons; those whose labels are too long to stand beside each other stand below each other."""
    rows: list[list[Key]] = []
    for row in question.rows:
        keys = [Key(button.label, data(flow, button, question.version)) for button in row]
        beside = all(len(visit.words.plain(key.label)) <= BESIDE for key in keys)
        rows += [keys] if beside else [[key] for key in keys]
    return rows


def _contact(visit: Visit, question: Question) -> dict[str, object]:
    """Return the reply keys: sharing a contact is only possible from those."""
    share: list[object] = [{"text": visit.words.plain(_("📱 Share my number")), "request_contact": True}]
    rows = [[{"text": visit.words.plain(button.label)} for button in row] for row in question.rows]
    return {"keyboard": [share, *rows], "resize_keyboard": True, "one_time_keyboard": True}


def data(flow: str, button: Button, version: int) -> str:
    """Return a button's data: flow, step, option and version; at most 64 bytes, and no answer in it."""
    return f"t|{flow}|{button.step}|{button.option}|{_short(version)}"


def pressed(text: str) -> tuple[str, events.Pressed] | None:
    """Return the flow and the press that a button's data stand for; None for anything else, also when forged."""
    parts = text.split("|")
    if len(parts) != len(("t", "flow", "step", "option", "version")) or parts[0] != "t" or parts[1] not in FLOWS:
        return None
    try:
        return parts[1], events.Pressed(parts[2], parts[3], int(parts[4], BASE))
    except ValueError:
        return None


def _short(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, BASE)
        text = DIGITS[digit] + text
    return text or "0"
