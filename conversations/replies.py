"""What a conversation answers with. Frozen records; delivery, languages and Telegram are somebody else's concern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conversations.events import Json
from conversations.words import Text, Value


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a question. `step` and `option` come back in `Pressed`."""

    label: Value
    step: str
    option: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be drawn: `name` of the drawing, its `facts`, and a `caption` that says the same in words."""

    name: str
    facts: Mapping[str, str]
    caption: Value

    @property
    def key(self) -> str:
        """Tell which picture it is: two with one key look the same."""
        return "|".join([self.name, *(f"{name}={value}" for name, value in sorted(self.facts.items()))])


@dataclass(frozen=True, slots=True)
class Question:
    """The open question: always the last of the replies while a conversation is open, and always `session.at`.

    `contact` asks the client for its button that shares the person's own number; such a question has no inline buttons
    in Telegram, so its `rows` are shown as reply keys.
    """

    step: str
    text: Value
    rows: tuple[tuple[Button, ...], ...]
    version: int
    contact: bool = False
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that asks nothing. `clears` takes the reply keys away."""

    text: Value
    clears: bool = False


@dataclass(frozen=True, slots=True)
class Toast:
    """A short line shown for a moment over the chat, in answer to a press."""

    text: Text


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete this message of the person's from the chat: it holds what should not stay on a phone."""

    message: int


@dataclass(frozen=True, slots=True)
class LookUp:
    """A fact is needed; the answer comes back as `Learned`."""

    fact: str
    value: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """One more try of something that is counted per person and day."""

    what: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The form is complete. `answers` holds every applicable step's answer and no other, `facts` what it was about."""

    outcome: str
    answers: Mapping[str, Json] = field(repr=False)
    facts: Mapping[str, Json] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Left:
    """The person stopped; nothing is to be kept."""


Reply = Question | Notice | Toast | Forget | LookUp | Tried | Finished | Left
