"""The engine: one pure step of a conversation.

The rules:

1. `advance(flow, session, event, context)` returns a new session and the replies. Nothing else goes in or out: no
   clock, no chance, no database.
2. The position is worked out, never stored as a number: the question is the re-opened step, or else the first
   applicable step without a valid answer. Answers are kept by step id, so that steps may be inserted, removed, renamed
   (`was`) or reordered under open conversations.
3. What a person sends answers the question last shown, `at`, and nothing else. A button carries its step, option and
   version. A button of an earlier question re-opens its step if pressing it would change the answer, or shows the
   question again; it never acts.
4. Stored answers are read again every turn. One that no longer holds is simply asked again.
5. Going back, editing, cancelling, help, resuming and a change of language happen here, not in any flow or handler. An
   edited message corrects the answer it gave. Answers of steps that no longer apply are kept but are not in the result.
6. Silence, an undeliverable message and a fact looked up are events like any other.
7. A refusal says in one sentence what is wrong and how to put it right. While the conversation is open, the last reply
   is a question, and it is `at`.
"""

from __future__ import annotations

from dataclasses import replace

from conversations import events, reading, replies
from conversations.asking import ask
from conversations.flow import Context, Flow
from conversations.leaving import LEAVE
from conversations.place import Place
from conversations.replies import Question
from conversations.session import Session
from conversations.words import Lines, Value, _

Replies = tuple[replies.Reply, ...]


def open_session(flow: Flow, context: Context) -> Session:
    """Return a fresh session. Its version starts from the clock, so that buttons of an earlier one never fit it."""
    return Session(flow.name, version=int(context.now.timestamp()))


def open_question(flow: Flow, session: Session, context: Context) -> Question | None:
    """Return the question that is open, as it stands on the screen; None before the first one."""
    place = Place.of(flow, session, context)
    return None if place.shown is None else ask(place, place.shown)


def advance(flow: Flow, session: Session, event: events.Event, context: Context) -> tuple[Session | None, Replies]:
    """Take one step. The session returned is None once the conversation has ended."""
    before = Place.of(flow, session, context)
    if isinstance(event, events.Undeliverable):
        return session, ()
    said: list[replies.Reply] = []
    after = Place.of(flow, _happened(before, event, said), context)
    if after.session.answers.get(LEAVE.id) == "leave":
        return None, (*_clearing(before.session, said), replies.Left())
    if (ending := after.ending) is not None:
        finished = replies.Finished(ending, after.result, after.session.learned)
        return None, (*_clearing(before.session, said), finished)
    return _asked(before.session, after, said)


def _happened(place: Place, event: events.Event, said: list[replies.Reply]) -> Session:
    """Return the session after the event, and put onto `said` what is said beside the question."""
    session = place.session
    match event:
        case events.Started(answers, facts):
            known = {**session.answers, **answers}
            given = [step for step in place.flow.steps if step.id in answers]
            said += [wish for step in given for wish in reading.looking_up(step, answers[step.id])]
            return replace(session, answers=known, learned={**session.learned, **facts}, draft=None)
        case events.Typed() | events.Contact():
            return reading.answered(place, event, said)
        case events.Pressed():
            return reading.pressed(place, event, said)
        case events.Keyed(option):
            return reading.pressed(place, events.Pressed(session.at or "", option, session.version), said)
        case events.Corrected(text, message):
            return reading.corrected(place, events.Typed(text, message), said)
        case events.Attached() | events.Pictured():
            return reading.attached(place, event, said)
        case events.WentBack():
            return reading.went_back(place)
        case events.Cancelled():
            return replace(session, reopened=LEAVE.id, draft=None)
        case events.AskedHelp():
            said.append(replies.Notice(_help(place)))
        case events.Learned(fact, value):
            return replace(session, learned={**session.learned, fact: value})
    return session


def _asked(before: Session, place: Place, said: list[replies.Reply]) -> tuple[Session, Replies]:
    """End the turn with the question that is open now (rule 7)."""
    step, session = place.current, place.session
    if step is None:
        raise ValueError(f"{place.flow.name!r} has no open question and no end")
    arrived = step.id != before.at
    session = replace(session, at=step.id, keyboard=step.kind.contact, draft=None if arrived else session.draft)
    if _differs(session, before):
        session = replace(session, version=before.version + 1)
    question = ask(replace(place, session=session), step, arrived=arrived)
    if question.picture is not None:
        session = replace(session, pictures=(*session.pictures, question.picture.key))
    if not session.keyboard:
        said = _clearing(before, said)
    return session, (*said, question)


def _differs(session: Session, before: Session) -> bool:
    """Tell whether the question changed: only then do its buttons need a new version (rule 3)."""
    now = (session.answers, session.at, session.reopened, session.draft)
    return now != (before.answers, before.at, before.reopened, before.draft)


def _clearing(before: Session, said: list[replies.Reply]) -> list[replies.Reply]:
    """Where reply keys are on screen, let the first notice take them away; without one, a short word does."""
    if not before.keyboard:
        return said
    for index, reply in enumerate(said):
        if isinstance(reply, replies.Notice):
            return [*said[:index], replace(reply, clears=True), *said[index + 1 :]]
    return [replies.Notice(_("All right."), clears=True), *said]


def _help(place: Place) -> Value:
    general = _(
        "You can stop at any time and come back later: your answers are kept. /batal stops and deletes them. "
        "Questions? {operator}, {contact}.",
        operator=place.context.operator,
        contact=place.context.contact,
    )
    step = place.shown
    return Lines([step.help, general] if step is not None and step.help is not None else [general])
