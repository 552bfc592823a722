"""How a step becomes a question on the screen: its words, its buttons, what is one tap away."""

from __future__ import annotations

from conversations.events import Json
from conversations.flow import Step, worded
from conversations.leaving import LEAVE
from conversations.place import Place
from conversations.replies import Button, Picture, Question
from conversations.words import Lines, Value, _

# Options of the engine itself; those of steps never begin with "!".
KEEP, BACK, FOLD, EXPLAIN = "!keep", "!back", "!fold", "!about-"


def ask(place: Place, step: Step, *, arrived: bool = False) -> Question:
    """Return the question of a step as it stands now; on arrival with its picture, if that is not in the chat yet."""
    session = place.session
    explained = _explained(step, session.draft)
    draft = None if explained is not None else session.draft
    rows = [
        *step.kind.rows(step, draft, session.answers, place.context),
        *_explanations(step, explained),
        *_ways_out(place, step, explained),
    ]
    picture = _picture(place, step) if arrived else None
    return Question(step.id, _words(place, step, explained), tuple(rows), session.version, step.kind.contact, picture)


def _explained(step: Step, draft: Json) -> str | None:
    """Return which explanation is open in place of the question."""
    name = draft.removeprefix(EXPLAIN) if isinstance(draft, str) and draft.startswith(EXPLAIN) else None
    return name if name in step.explains else None


def _words(place: Place, step: Step, explained: str | None) -> Value:
    answers, context = place.session.answers, place.context
    if explained is not None:
        return worded(step.explains[explained][1], answers, context)
    if step.id == LEAVE.id:
        return place.flow.leaving
    words = step.words(answers, context)
    if not place.holds(step):
        return words
    return Lines([words, _("Now: {value}", value=step.kind.shown(answers[step.id], answers, context))])


def _explanations(step: Step, explained: str | None) -> list[tuple[Button, ...]]:
    return [
        (Button(label, step.id, EXPLAIN + name),) for name, (label, _text) in step.explains.items() if name != explained
    ]


def _ways_out(place: Place, step: Step, explained: str | None) -> list[tuple[Button, ...]]:
    """Return the last row: back, and keeping the answer as it is."""
    row = []
    if explained is not None:
        row.append(Button(_("⬅️ Back to the question"), step.id, FOLD))
    elif place.before(step) is not None:
        row.append(Button(_("⬅️ Back"), step.id, BACK))
    if step.id != LEAVE.id and place.holds(step):
        row.append(Button(_("Leave as it is"), step.id, KEEP))
    return [tuple(row)] if row else []


def _picture(place: Place, step: Step) -> Picture | None:
    """Return the step's picture, unless the chat has it already: data cost money."""
    picture = None if step.picture is None else step.picture(place.session.answers, place.context)
    return None if picture is not None and picture.key in place.session.pictures else picture
