"""Repeats: what goes wrong again and again is logged at once and then only now and then, with how often it was.

While the database or the Bot API is away, everything that tries fails every few seconds. The log has to say so, and has
to leave room on the disk, which may be what is full.
"""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from typing import Any

from structlog import DropEvent

EVERY = 300.0  # seconds in which the same line comes once
MOST = 500  # lines that are remembered


class Repeats:
    """A step in logging that drops a line with an `error` that was written lately; `now` in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}  # when it was written, and how often dropped since

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the line, with `repeated` if others like it were dropped. Raises DropEvent."""
        if "error" not in event:
            return event
        line, now = tuple(event.get(part) for part in ("event", "error", "update")), self._now()
        written, dropped = self._seen.pop(line, (float("-inf"), 0))
        if now - written < EVERY:
            self._seen[line] = written, dropped + 1
            raise DropEvent
        if len(self._seen) >= MOST:
            del self._seen[next(iter(self._seen))]
        self._seen[line] = now, 0
        return {**event, "repeated": dropped} if dropped else event
