"""One call's parameters, whichever way they came: query, form, multipart or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.refusals import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its name, its declared type and its bytes."""

    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values by name; every reader returns None for what was left out and raises Refusal for what cannot be read."""

    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    uploads: Mapping[str, Upload] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str | None:
        """A string; numbers are taken as written."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def number(self, name: str) -> int | None:
        """A whole number."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return int(str(value))
        except ValueError as error:
            raise bad_request(f"invalid {name} specified") from error

    def flag(self, name: str) -> bool:
        """True for true, "true", "True", 1 and "1"."""
        return str(self.values.get(name, "")).lower() in {"true", "1", "yes"}

    def tree(self, name: str, kind: str) -> Any:  # noqa: ANN401 - it is JSON
        """A JSON object or array, given as such or as a string; `kind` names it in the refusal."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {kind} JSON object") from error

    def upload(self, name: str) -> Upload | None:
        """The file sent under `name`, or the one its "attach://…" points to."""
        if name in self.uploads:
            return self.uploads[name]
        return self.attached(self.text(name) or "")

    def attached(self, reference: str) -> Upload | None:
        """The file that "attach://…" points to; None when `reference` is something else."""
        if not reference.startswith("attach://"):
            return None
        try:
            return self.uploads[reference.removeprefix("attach://")]
        except KeyError as error:
            raise bad_request("attached file not found") from error
