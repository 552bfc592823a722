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

from collections.abc import Mapping
from dataclasses import replace

from conversations import events, replies
from conversations.events import Json
from conversations.flow import Context, Flow, Narrowed, Reading, Refused, Step, Taken, worded
from conversations.leaving import LEAVE
from conversations.replies import Button, Question
from conversations.rules.secrets import looks_like_secret
from conversations.session import Session
from conversations.words import Lines, Text, Value, _

Replies = tuple[replies.Reply, ...]

KEEP, BACK, FOLD = "!keep", "!back", "!fold"  # options of the engine; the options of steps never begin with "!"
EXPLAIN = "!about-"

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
SECRET = _(
    "⚠️ That looks like an OTP, PIN or password, so I deleted it. Never give those to anyone. This bot never asks for them."
)


def open_session(flow: Flow, context: Context) -> Session:
    """Return a fresh session. Its version starts from the clock, so that buttons of an earlier one never fit it."""
    return Session(flow.name, version=int(context.now.timestamp()))


def advance(flow: Flow, session: Session, event: events.Event, context: Context) -> tuple[Session | None, Replies]:
    """Take one step. The session returned is None once the conversation has ended."""
    session = _renamed(flow, session)
    context = _informed(context, session)
    said: list[replies.Reply] = []
    before = session
    match event:
        case events.Started(answers, facts):
            session = replace(
                session, answers={**session.answers, **answers}, learned={**session.learned, **facts}, draft=None
            )
        case events.Typed() | events.Contact():
            session = _answered(flow, session, event, context, said)
        case events.Pressed():
            session = _pressed(flow, session, event, context, said)
        case events.Keyed(option):
            pressed = events.Pressed(session.at or "", option, session.version)
            session = _pressed(flow, session, pressed, context, said)
        case events.Corrected(text, message):
            session = _corrected(flow, session, events.Typed(text, message), context, said)
        case events.Attached(kind, message):
            said.append(replies.Notice(UNREADABLE[kind]))
            if kind in {"photo", "document"}:
                said.append(replies.Forget(message))
        case events.WentBack():
            session = _back(flow, session, context)
        case events.Cancelled():
            session = replace(session, reopened=LEAVE.id, draft=None)
        case events.AskedHelp():
            said.append(replies.Notice(_help(flow, session, context)))
        case events.Learned(fact, value):
            session = replace(session, learned={**session.learned, fact: value})
        case events.Undeliverable():
            return session, ()
        case events.Resumed() | events.Silence():
            pass
    return _outcome(flow, before, session, _informed(context, session), said)


def question(flow: Flow, session: Session, context: Context) -> Question | None:
    """Return the question that is open, as it stands on the screen; None before the first one."""
    context = _informed(context, session)
    step = _step(flow, session.at)
    return None if step is None else _question(flow, step, session, context, moved=False)


def _informed(context: Context, session: Session) -> Context:
    return replace(context, facts={**context.facts, **session.learned})


def _renamed(flow: Flow, session: Session) -> Session:
    """Call everything by the present id of its step (rule 2)."""
    now = {old: step.id for step in flow.steps for old in step.was}
    return replace(
        session,
        answers={now.get(name, name): value for name, value in session.answers.items()},
        sources={message: now.get(name, name) for message, name in session.sources.items()},
        at=now.get(session.at or "", session.at),
        reopened=now.get(session.reopened or "", session.reopened),
    )


def _step(flow: Flow, name: str | None) -> Step | None:
    return LEAVE if name == LEAVE.id else flow.step(name)


def _applicable(flow: Flow, session: Session, context: Context) -> list[Step]:
    return [step for step in flow.steps if step.when(session.answers, context)]


def _holds(step: Step, session: Session, context: Context) -> bool:
    value = session.answers.get(step.id)
    if value is None or (isinstance(value, str) and value in step.ends):
        return False
    return step.kind.holds(value, session.answers, context)


def _current(flow: Flow, session: Session, context: Context) -> Step | None:
    """Return the question to be asked now, or None when the form is complete (rule 2)."""
    if session.reopened == LEAVE.id:
        return LEAVE
    applicable = _applicable(flow, session, context)
    for step in applicable:
        if step.id == session.reopened:
            return step
    return next((step for step in applicable if not _holds(step, session, context)), None)


def _result(flow: Flow, session: Session, context: Context) -> dict[str, Json]:
    return {
        step.id: session.answers[step.id] for step in _applicable(flow, session, context) if step.id in session.answers
    }


def _outcome(
    flow: Flow, before: Session, session: Session, context: Context, said: list[replies.Reply]
) -> tuple[Session | None, Replies]:
    """Close the conversation, or end the turn with its question (rule 7)."""
    left = session.answers.get(LEAVE.id) == "leave"
    if left or (ended := _ended(flow, session, context)) is not None:
        if session.keyboard:
            said = _clearing(said)
        said.append(replies.Left() if left else ended)  # type: ignore[arg-type]  # not None here
        return None, tuple(said)
    step = _current(flow, session, context)
    if step is None:
        raise ValueError(f"{flow.name!r} has no open question and no end")
    moved = step.id != before.at
    if moved:
        session = replace(session, draft=None)
    if session.keyboard and not step.kind.contact:
        said = _clearing(said)
    session = replace(session, at=step.id, keyboard=step.kind.contact)
    if _differs(session, before):
        session = replace(session, version=before.version + 1)
    said.append(_question(flow, step, session, context, moved=moved))
    return session, tuple(said)


def _differs(session: Session, before: Session) -> bool:
    """Tell whether the question changed: only then do its buttons need a new version (rule 3)."""
    return (session.answers, session.at, session.reopened, session.draft) != (
        before.answers,
        before.at,
        before.reopened,
        before.draft,
    )


def _ended(flow: Flow, session: Session, context: Context) -> replies.Finished | None:
    """Return the result once an ending was chosen and nothing before it is open, or once nothing is open at all."""
    if session.reopened is not None:
        return None
    for step in _applicable(flow, session, context):
        value = session.answers.get(step.id)
        if isinstance(value, str) and value in step.ends:
            return replies.Finished(step.ends[value], _result(flow, session, context), session.learned)
        if not _holds(step, session, context):
            return None
    return replies.Finished("done", _result(flow, session, context), session.learned)


def _clearing(said: list[replies.Reply]) -> list[replies.Reply]:
    """Let the first notice take the reply keys away; where there is none, a short word does."""
    for index, reply in enumerate(said):
        if isinstance(reply, replies.Notice):
            return [*said[:index], replace(reply, clears=True), *said[index + 1 :]]
    return [replies.Notice(_("All right."), clears=True), *said]


def _question(flow: Flow, step: Step, session: Session, context: Context, *, moved: bool) -> Question:
    explained = _explained(session.draft)
    value = session.answers.get(step.id)
    keeps = step.id != LEAVE.id and _holds(step, session, context)
    parts: list[Value] = []
    if explained is not None and explained in step.explains:
        parts.append(worded(step.explains[explained][1], session.answers, context))
    else:
        parts.append(flow.leaving if step.id == LEAVE.id else step.words(session.answers, context))
        if keeps:
            parts.append(_("Now: {value}", value=step.kind.shown(value, session.answers, context)))
    draft = None if explained is not None else session.draft
    rows = list(step.kind.rows(step, draft, session.answers, context))
    rows += [
        (Button(label, step.id, EXPLAIN + name),) for name, (label, _text) in step.explains.items() if name != explained
    ]
    tail = []
    if explained is not None:
        tail.append(Button(_("⬅️ Back to the question"), step.id, FOLD))
    elif _before(flow, step, session, context) is not None:
        tail.append(Button(_("⬅️ Back"), step.id, BACK))
    if keeps:
        tail.append(Button(_("Leave as it is"), step.id, KEEP))
    rows += [tuple(tail)] if tail else []
    picture = step.picture(session.answers, context) if step.picture is not None and moved else None
    return Question(step.id, Lines(parts), tuple(rows), session.version, step.kind.contact, picture)


def _explained(draft: Json) -> str | None:
    """Return which explanation is open in place of the question."""
    return draft.removeprefix(EXPLAIN) if isinstance(draft, str) and draft.startswith(EXPLAIN) else None


def _before(flow: Flow, step: Step, session: Session, context: Context) -> Step | None:
    """Return the answered step before this one in the order of the form."""
    if step.id == LEAVE.id:
        return None
    earlier = None
    for candidate in _applicable(flow, session, context):
        if candidate.id == step.id:
            return earlier
        if candidate.asked and _holds(candidate, session, context):
            earlier = candidate
    return None


def _back(flow: Flow, session: Session, context: Context) -> Session:
    step = _step(flow, session.at)
    if step is None:
        return session
    if step.id == LEAVE.id:
        return replace(session, reopened=None)
    earlier = _before(flow, step, session, context)
    return session if earlier is None else replace(session, reopened=earlier.id, draft=None)


def _answered(
    flow: Flow, session: Session, event: events.Typed | events.Contact, context: Context, said: list[replies.Reply]
) -> Session:
    """Read a message as the answer to the question last shown (rule 3)."""
    step = _step(flow, session.at)
    if step is None or step != _current(flow, session, context):
        return session  # nothing was asked yet, or a deploy changed the question: ask before reading
    digits_wanted = step.kind.digits and isinstance(event, events.Typed) and event.text.strip().isdigit()
    if isinstance(event, events.Typed) and looks_like_secret(event.text) and not digits_wanted:
        said += [replies.Forget(event.message), replies.Notice(SECRET)]
        return session
    session = session.heard(event.message, step.id)
    return _read(flow, step, session, event, context, said)


def _read(
    flow: Flow,
    step: Step,
    session: Session,
    event: events.Typed | events.Contact | events.Pressed,
    context: Context,
    said: list[replies.Reply],
) -> Session:
    reading: Reading = step.kind.read(event, session.draft, session.answers, context)
    if reading.forget and not isinstance(event, events.Pressed):
        said.append(replies.Forget(event.message))
    match reading:
        case Refused(why):
            said.append(replies.Notice(why))
            return session
        case Narrowed(draft, note):
            said += [replies.Notice(note)] if note is not None else []
            return replace(session, draft=draft)
        case Taken(value, note, _forget, tried, look_up):
            said += [replies.Notice(note)] if note is not None else []
            said += [replies.Tried(tried)] if tried is not None else []
            said += [replies.LookUp(look_up, value)] if look_up is not None else []
            return _taken(flow, step, session, value)


def _taken(flow: Flow, step: Step, session: Session, value: Json) -> Session:
    if isinstance(value, str) and value in step.reopens:
        target = step.reopens[value]
        return replace(session.without(step.id), reopened=target if target != step.id else None, draft=None)
    if step.id == LEAVE.id:
        return session.answered(step.id, value, ()) if value == "leave" else replace(session, reopened=None, draft=None)
    changed = session.answers.get(step.id) != value
    void = tuple(later.id for later in flow.steps if step.id in later.after) if changed else ()
    return session.answered(step.id, value, void)


def _pressed(
    flow: Flow, session: Session, event: events.Pressed, context: Context, said: list[replies.Reply]
) -> Session:
    step = _step(flow, event.step)
    current = _current(flow, session, context)
    if step is not None and step == current and step.id == session.at and event.version == session.version:
        return _acted(flow, step, session, event, context, said)
    said.append(replies.Toast(_("That was an earlier question.")))
    reopens = (
        step is not None
        and step.id not in {LEAVE.id, session.at}
        and not event.option.startswith("!")
        and _option(session.answers.get(step.id)) not in (None, event.option)
        and step.when(session.answers, context)
    )
    return replace(session, reopened=step.id, draft=None) if step is not None and reopens else session


def _option(value: Json) -> Json:
    """Return the option that a stored answer came from."""
    return value.get("option", value.get("code")) if isinstance(value, dict) else value


def _acted(
    flow: Flow, step: Step, session: Session, event: events.Pressed, context: Context, said: list[replies.Reply]
) -> Session:
    if event.option == BACK:
        return _back(flow, session, context)
    if event.option == FOLD:
        return replace(session, draft=None)
    if event.option == KEEP:
        return replace(session, reopened=None, draft=None) if _holds(step, session, context) else session
    if event.option.startswith(EXPLAIN):
        return replace(session, draft=event.option)
    if event.option.startswith("edit:"):
        target = flow.step(event.option.removeprefix("edit:"))
        return session if target is None else replace(session, reopened=target.id, draft=None)
    return _read(flow, step, session, event, context, said)


def _corrected(
    flow: Flow, session: Session, event: events.Typed, context: Context, said: list[replies.Reply]
) -> Session:
    """Read an edited message again for the step it had answered (rule 5)."""
    name = session.sources.get(str(event.message))
    step = flow.step(name)
    if step is None or name is None or not step.when(session.answers, context):
        return session
    if step.id == session.at:
        return _answered(flow, session, event, context, said)
    if looks_like_secret(event.text) and not step.kind.digits:
        said += [replies.Forget(event.message), replies.Notice(SECRET)]
        return session
    earlier = session
    session = _read(flow, step, replace(session, draft=None), event, context, said)
    if session.answers.get(step.id) == earlier.answers.get(step.id):
        # Refused or only narrowed: the question that was open stays open with what was on it.
        return replace(session, draft=earlier.draft, reopened=earlier.reopened)
    said.append(replies.Notice(_("Your answer is corrected.")))
    return replace(session, reopened=earlier.reopened)


def _help(flow: Flow, session: Session, context: Context) -> Value:
    step = _step(flow, session.at)
    general = _(
        "You can stop at any time and come back later: your answers are kept. /batal stops and deletes them. "
        "Questions? {operator}, {contact}.",
        operator=context.operator,
        contact=context.contact,
    )
    return Lines([step.help, general] if step is not None and step.help is not None else [general])
