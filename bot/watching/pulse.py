"""Pulses: whether what has to be done again and again is still being done."""

from __future__ import annotations

import time
from collections.abc import Callable

FAILURES = 2  # in a row, after which it is no chance any more


class Pulse:
    """The pulse of one part, named as an operator reads it.

    It has to beat every `within` seconds; `now` is a clock in seconds that is never set back.
    """

    def __init__(self, name: str, within: float, now: Callable[[], float] = time.monotonic) -> None:
        self.name, self._within, self._now = name, within, now
        self._last, self._missed = now(), 0
        self._why: str | None = None

    def beat(self) -> None:
        """Note that it was done."""
        self._last, self._missed, self._why = self._now(), 0, None

    def fail(self, why: str) -> None:
        """Note that it cannot be done, and why, until it beats again."""
        self._why = why

    def miss(self) -> None:
        """Note that it was tried and failed."""
        self._missed += 1

    @property
    def age(self) -> float:
        """Seconds since it was last done, or since the start."""
        return self._now() - self._last

    @property
    def complaint(self) -> str | None:
        """Say what is wrong; None while it is well."""
        if self._why is not None:
            return self._why
        if self._missed >= FAILURES:
            return f"{self.name} has failed {self._missed} times in a row"
        if self.age > self._within:
            return f"{self.name} has done nothing for {self.age:.0f} seconds"
        return None
