"""What can happen in a conversation. Frozen records, matched with `match`; everything a person sends is one of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Started:
    """The person opens the conversation.

    `answers` are known beforehand (a village from a poster), by step id; `facts` are what the conversation is about.
    """

    answers: Mapping[str, Json] = field(default_factory=dict, repr=False)
    facts: Mapping[str, Json] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Typed:
    """A text message. `message` is its id in the chat, so that it can be edited or deleted later."""

    text: str = field(repr=False)
    message: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """The person edited a text message sent earlier."""

    text: str = field(repr=False)
    message: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a question. `version` is the session's version when the button was made."""

    step: str
    option: str
    version: int


@dataclass(frozen=True, slots=True)
class Keyed:
    """A reply key, which carries no step and no version: it belongs to the question last shown."""

    option: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A shared contact card; `own` says whether it is the sender's own."""

    phone: str = field(repr=False)
    own: bool
    message: int


@dataclass(frozen=True, slots=True)
class Attached:
    """Something that is not text: a sticker, a voice message, a place, a photo nobody asked for, a forwarded message."""

    kind: Literal["photo", "sticker", "voice", "video", "location", "document", "forward", "other"]
    message: int


@dataclass(frozen=True, slots=True)
class Pictured:
    """A photo; `file` is the id by which Telegram sends it again. Only a question that asks for a picture reads it."""

    file: str = field(repr=False)
    message: int


@dataclass(frozen=True, slots=True)
class WentBack:
    """The person wants the question before."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person wants to stop (/batal)."""


@dataclass(frozen=True, slots=True)
class AskedHelp:
    """/bantuan in the middle of a question."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The person comes back, perhaps after days, or the language changed: show the question again."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was heard for a while; the open question may be shown once more."""


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """The last message could not be delivered; nothing is to be said."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A fact that the conversation had asked for with `LookUp`."""

    fact: str
    value: Json = field(repr=False)


Event = (
    Started
    | Typed
    | Corrected
    | Pressed
    | Keyed
    | Contact
    | Attached
    | Pictured
    | WentBack
    | Cancelled
    | AskedHelp
    | Resumed
    | Silence
    | Undeliverable
    | Learned
)
