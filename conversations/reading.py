"""How what a person sends changes the session (rules 3 and 5 of the engine). What is said goes onto the list `said`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conversations import events, replies
from conversations.asking import BACK, EXPLAIN, FOLD, KEEP
from conversations.events import Json
from conversations.flow import Narrowed, Reading, Refused, Step, Taken, TakesPicture
from conversations.leaving import LEAVE
from conversations.place import Place
from conversations.rules.nik import mentioned
from conversations.rules.secrets import looks_like_secret
from conversations.session import Session
from conversations.words import Text, _

Said = list[replies.Reply]

EDIT = "edit:"  # a summary's option that opens the step named behind it
SECRET = _(
    "⚠️ That looks like an OTP, PIN or password, so I deleted it. Never give those to anyone. This bot never asks for them."
)
MISPLACED = _("That looks like a NIK, so I deleted it from the chat. It does not belong here.")
UNREADABLE: Mapping[str, Text] = {
    "photo": _("Thank you, but I cannot read pictures, and no photo of your KTP is needed. Please type your answer."),
    "sticker": _("Nice sticker! But please answer with words or with the buttons."),
    "voice": _("I cannot listen to voice messages yet. Please type your answer."),
    "video": _("I cannot watch videos. Please type your answer."),
    "location": _("Thank you, but a map location is not needed. Please answer with words or with the buttons."),
    "document": _("I cannot open files here, and no scan of your KTP is needed. Please type your answer."),
    "forward": _("That is a forwarded message. Please type the answer yourself, so that it is really yours."),
    "other": _("I cannot read that. Please answer with words or with the buttons."),
}


def answered(place: Place, event: events.Typed | events.Contact, said: Said) -> Session:
    """Read a message as the answer to the question last shown."""
    step = place.shown
    if step is None or step != place.current:
        return place.session  # nothing was asked yet, or a deploy changed the question: ask before reading
    if isinstance(event, events.Typed) and _unsafe(step, event, said):
        return place.session
    return _read(place, step, place.session.heard(event.message, step.id), event, said)


def pressed(place: Place, event: events.Pressed, said: Said) -> Session:
    """Act on a button of the open question; one of an earlier question at most opens its step again."""
    session, step = place.session, place.step(event.step)
    if step is not None and step.id == session.at and step == place.current and event.version == session.version:
        return _acted(place, step, event, said)
    said.append(replies.Toast(_("That was an earlier question.")))
    if step is None or step.id in {LEAVE.id, session.at} or event.option.startswith("!") or not place.applies(step):
        return session
    if _option(session.answers.get(step.id)) in (None, event.option):
        return session  # the same answer once more, as when a press arrives twice
    return replace(session, reopened=step.id, draft=None)


def corrected(place: Place, event: events.Typed, said: Said) -> Session:
    """Read an edited message again for the step it had answered."""
    session = place.session
    step = place.flow.step(session.sources.get(str(event.message)))
    if step is None or not place.applies(step):
        return session
    if step.id == session.at:
        return answered(place, event, said)
    if _unsafe(step, event, said):
        return session
    after = _read(place, step, replace(session, draft=None), event, said)
    if after.answers.get(step.id) == session.answers.get(step.id):
        # Refused or only narrowed: the question that was open stays open with what was on it.
        return replace(after, draft=session.draft, reopened=session.reopened)
    said.append(replies.Notice(_("Your answer is corrected.")))
    return replace(after, reopened=session.reopened)


def attached(place: Place, event: events.Attached | events.Pictured, said: Said) -> Session:
    """Read a picture where one is asked for. Nobody looks at anything else; what may show a KTP is deleted as well."""
    step = place.shown if place.shown == place.current else None
    if isinstance(event, events.Pictured) and step is not None and isinstance(step.kind, TakesPicture):
        seen = step.kind.look(event, place.session.answers, place.context)
        return _understood(place, step, place.session, seen, said)
    kind = "photo" if isinstance(event, events.Pictured) else event.kind
    said.append(replies.Notice(UNREADABLE[kind]))
    said += [replies.Forget(event.message)] if kind in {"photo", "document"} else []
    return place.session


def went_back(place: Place) -> Session:
    """Open the answered question before the one last shown."""
    step = place.shown
    if step is not None and step.id == LEAVE.id:
        return replace(place.session, reopened=None)
    earlier = None if step is None else place.before(step)
    return place.session if earlier is None else replace(place.session, reopened=earlier.id, draft=None)


def _unsafe(step: Step, event: events.Typed, said: Said) -> bool:
    """Delete what should not stay in a chat: a password, or a NIK where none is asked."""
    if step.kind.digits:
        secret, misplaced = looks_like_secret(event.text) and not event.text.strip().isdigit(), False
    else:
        secret, misplaced = looks_like_secret(event.text), mentioned(event.text)
    if secret or misplaced:
        said += [replies.Forget(event.message), replies.Notice(SECRET if secret else MISPLACED)]
    return secret or misplaced


def _read(
    place: Place, step: Step, session: Session, event: events.Typed | events.Contact | events.Pressed, said: Said
) -> Session:
    reading = step.kind.read(event, session.draft, session.answers, place.context)
    if reading.forget and not isinstance(event, events.Pressed):
        said.append(replies.Forget(event.message))
    return _understood(place, step, session, reading, said)


def _understood(place: Place, step: Step, session: Session, reading: Reading, said: Said) -> Session:
    match reading:
        case Refused(why, _forget, tried):
            said.append(replies.Notice(why))
            said += [replies.Tried(tried)] if tried is not None else []
            return session
        case Narrowed(draft, note):
            said += [replies.Notice(note)] if note is not None else []
            return replace(session, draft=draft)
        case Taken(value, note, _forget, tried):
            said += [replies.Notice(note)] if note is not None else []
            said += [replies.Tried(tried)] if tried is not None else []
            said += looking_up(step, value)
            return _taken(place, step, session, value)


def looking_up(step: Step, value: Json) -> list[replies.Reply]:
    """Return the wishes for the facts that this answer calls for."""
    return [replies.LookUp(fact, value) for fact in step.learns]


def _taken(place: Place, step: Step, session: Session, value: Json) -> Session:
    if isinstance(value, str) and value in step.reopens:
        applicable = {one.id for one in place.applicable}
        target = next((name for name in step.reopens[value] if name in applicable), None)
        return replace(session.without(step.id), reopened=target, draft=None)
    if step.id == LEAVE.id:
        return session.answered(step.id, value, ()) if value == "leave" else replace(session, reopened=None, draft=None)
    changed = session.answers.get(step.id) != value
    void = tuple(later.id for later in place.flow.steps if step.id in later.after) if changed else ()
    return session.answered(step.id, value, void)


def _option(value: Json) -> Json:
    """Return the option that a stored answer came from."""
    return value.get("option", value.get("code")) if isinstance(value, dict) else value


def _acted(place: Place, step: Step, event: events.Pressed, said: Said) -> Session:
    session = place.session
    match event.option:
        case option if option == BACK:
            return went_back(place)
        case option if option == FOLD:
            return replace(session, draft=None)
        case option if option == KEEP:
            return replace(session, reopened=None, draft=None) if place.holds(step) else session
        case option if option.startswith(EXPLAIN):
            return replace(session, draft=option)
        case option if option.startswith(EDIT):
            target = place.flow.step(option.removeprefix(EDIT))
            return session if target is None else replace(session, reopened=target.id, draft=None)
    return _read(place, step, session, event, said)
