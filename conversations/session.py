"""What is remembered of an open conversation: answers by step id and the question last shown. It is plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conversations.events import Json

REMEMBERED_MESSAGES = 40  # how many of the person's messages stay editable


@dataclass(frozen=True)
class Session:
    """An open conversation.

    `answers` by step id, also those that do not apply just now. `at` is the question last shown. `version` grows with
    every turn and stands in every button. `reopened` is a step asked again although it has an answer. `draft` belongs
    to the question at `at`: a page, a search result, a value to be confirmed. `sources` says which of the person's
    messages was read for which step. `learned` holds facts looked up. `keyboard` tells that reply keys are on screen,
    `pictures` which ones are in the chat.
    """

    flow: str
    version: int
    answers: Mapping[str, Json] = field(default_factory=dict, repr=False)
    at: str | None = None
    reopened: str | None = None
    draft: Json = field(default=None, repr=False)
    sources: Mapping[str, str] = field(default_factory=dict)
    learned: Mapping[str, Json] = field(default_factory=dict, repr=False)
    keyboard: bool = False
    pictures: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """Return the session as JSON, ready to be stored."""
        return {
            "flow": self.flow,
            "version": self.version,
            "answers": dict(self.answers),
            "at": self.at,
            "reopened": self.reopened,
            "draft": self.draft,
            "sources": dict(self.sources),
            "learned": dict(self.learned),
            "keyboard": self.keyboard,
            "pictures": list(self.pictures),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Json]) -> Session:
        """Return the session stored as `body`; unknown keys are left out, missing ones take their default."""
        known: dict[str, Any] = {name: body[name] for name in cls.__dataclass_fields__ if name in body}
        return cls(**{**known, "pictures": tuple(known.get("pictures", ()))})

    def answered(self, step: str, value: Json, void: tuple[str, ...]) -> Session:
        """Return the session with one more answer; the answers of the `void` steps are dropped."""
        kept = {name: answer for name, answer in self.answers.items() if name not in void}
        return replace(self, answers={**kept, step: value}, reopened=None, draft=None)

    def without(self, *steps: str) -> Session:
        """Return the session without the answers of these steps."""
        return replace(self, answers={name: value for name, value in self.answers.items() if name not in steps})

    def heard(self, message: int, step: str) -> Session:
        """Return the session that remembers for which step a message was read."""
        recent = list(self.sources.items())[-(REMEMBERED_MESSAGES - 1) :]
        return replace(self, sources={**dict(recent), str(message): step})
