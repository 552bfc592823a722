"""A conversation as a table: steps in the order of a paper form, and the kinds of answer they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from conversations.events import Contact, Json, Pictured, Pressed, Typed
from conversations.replies import Button, Picture
from conversations.rules.areas import Areas
from conversations.words import Text, Value, _

Answers = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Context:
    """Everything a conversation may know beside the answers. There is no other way for time or place to come in.

    `today` is the operator's calendar day, `area` the code prefix the operator serves, `nik_tries` how many NIK this person has entered today, `link_tries` how many wrong links or proofs,
    `facts` what the caller knows about the subject of the conversation (a registration under review),
    `solved` which occupation words mean that the list does not know, by `occupations.key`.
    """

    now: datetime
    today: date
    areas: Areas
    area: str
    operator: str
    contact: str
    nik_tries: int = 0
    link_tries: int = 0
    facts: Mapping[str, Json] = field(default_factory=dict, repr=False)
    solved: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer was understood. `note` is said before the next question; `forget` deletes the person's message."""

    value: Json = field(repr=False)
    note: Value | None = None
    forget: bool = False
    tried: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer was not understood; `why` says what is wrong and how to put it right. `tried` counts it."""

    why: Value
    forget: bool = False
    tried: str | None = None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Not an answer yet, but the question changes: a page, a search result, an explanation. `draft` is kept for it."""

    draft: Json = field(repr=False)
    note: Value | None = None
    forget: bool = False


Reading = Taken | Refused | Narrowed
Reply = Typed | Contact | Pressed


class Kind(Protocol):
    """A kind of answer: how it is offered, read, checked again, and shown."""

    contact: bool
    digits: bool

    def rows(self, step: Step, draft: Json, answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Return the buttons under the question."""
        ...

    def read(self, reply: Reply, draft: Json, answers: Answers, context: Context) -> Reading:
        """Understand what the person sent."""
        ...

    def holds(self, value: Json, answers: Answers, context: Context) -> bool:
        """Tell whether a stored value is still an answer under today's rules."""
        ...

    def shown(self, value: Json, answers: Answers, context: Context) -> Value:
        """Return the value as the person may see it, masked where it must be."""
        ...


@runtime_checkable
class TakesPicture(Protocol):
    """What a kind of answer has besides if it may be a picture."""

    def look(self, picture: Pictured, answers: Answers, context: Context) -> Reading:
        """Understand the picture the person sent."""
        ...


Wording = Value | Callable[[Answers, Context], Value]
Condition = Callable[[Answers, Context], bool]


def always(_answers: Answers, _context: Context) -> bool:
    """Apply to everybody."""
    return True


@dataclass(frozen=True)
class Step:
    """One question.

    `id` names the answer; `was` lists ids it had in earlier versions. `label` is its name in the summary (None: not
    listed). `when` says to whom it applies. `explains` are texts one tap away, by option. `after` names steps whose
    change makes this answer void (a confirmation of what was typed). `ends` maps options to the outcome with which
    they finish the conversation. `reopens` maps options to the step that is asked again: the first that applies. `learns` names the facts that are looked up for its answer, in this order. One that is not `asked` is known beforehand.
    """

    id: str
    asks: Wording
    kind: Kind
    label: Text | None = None
    when: Condition = always
    was: tuple[str, ...] = ()
    help: Text | None = None
    explains: Mapping[str, tuple[Text, Wording]] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    ends: Mapping[str, str] = field(default_factory=dict)
    reopens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picture: Callable[[Answers, Context], Picture | None] | None = None
    asked: bool = True
    learns: tuple[str, ...] = ()

    def words(self, answers: Answers, context: Context) -> Value:
        """Return the question's text for these answers."""
        return worded(self.asks, answers, context)


def worded(wording: Wording, answers: Answers, context: Context) -> Value:
    """Return the text of a wording, which may depend on the answers."""
    return wording(answers, context) if callable(wording) else wording


LEAVING, LEFT = _("Stop here? Nothing will be changed."), _("Stopped. Nothing was changed.")


@dataclass(frozen=True)
class Flow:
    """A whole conversation: its name, which buttons carry, and its steps in order.

    `leaving` is asked before it is given up, `left` is said afterwards.
    """

    name: str
    steps: tuple[Step, ...]
    leaving: Text = LEAVING
    left: Text = LEFT

    def __post_init__(self) -> None:
        ids = [name for step in self.steps for name in (step.id, *step.was)]
        if len(ids) != len(set(ids)):
            raise ValueError(f"two steps of {self.name!r} share an id")

    def step(self, name: str | None) -> Step | None:
        """Return the step with this id, or with this former id."""
        return next((step for step in self.steps if step.id == name or name in step.was), None)
