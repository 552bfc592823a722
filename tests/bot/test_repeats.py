"""Repeats: a line that comes again and again is written now and then, and nothing else is held back."""

from __future__ import annotations

from contextlib import suppress

import pytest
from structlog import DropEvent

from bot.watching.repeats import EVERY, MOST, Repeats


class Written:
    """A log in which time stands still unless it is moved."""

    def __init__(self) -> None:
        self.now, self.lines = 0.0, list[dict[str, object]]()
        self._step = Repeats(lambda: self.now)

    def __call__(self, **event: object) -> None:
        """Log a line."""
        with suppress(DropEvent):
            self.lines.append(dict(self._step(None, "", dict(event))))


@pytest.fixture
def log() -> Written:
    """A fresh log."""
    return Written()


def test_an_hour_of_trouble(log: Written) -> None:
    """A failure every second is written once in five minutes, with how often it was meanwhile."""
    for _second in range(3600):
        log(event="the outbox could not be read", error="full")
        log.now += 1
    assert len(log.lines) == 3600 / EVERY
    assert [line.get("repeated") for line in log.lines] == [None, *[EVERY - 1] * 11]


def test_what_differs_is_written(log: Written) -> None:
    """Another event, another error, another update, and lines without an error are all written."""
    for update in (1, 2):
        log(event="an update failed", error="full", update=update, seconds=update)
    log(event="an update failed", error="locked", update=1)
    log(event="a round failed", error="full")
    for _again in range(3):
        log(event="refused")
    assert len(log.lines) == 7


def test_little_is_remembered(log: Written) -> None:
    """However many different lines there are, so many are remembered at most."""
    for number in range(10_000):
        log(event="an update failed", error="full", update=number)
    assert len(log._step._seen) == MOST
