"""Traces: what an operator needs to follow one update to its letters, in the log and in the metrics.

The trace of an update is worked out from its id, so that every process and every new try finds the same one, and a
letter's ticket begins with it. What is written down names flow, step and kinds of letters, never a value.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from bot.sending.pace import Lane
from bot.watching import metrics
from storage import trace
from storage.inbox import Arrival

log = structlog.get_logger("turn")

Notes = Mapping[str, Any]
recorders: list[Callable[[str, str, float, Notes], None]] = []
"""Who is told of each intake, turn and call: its name, its trace, how many seconds it took until now, and notes."""

LANES = {Lane.REPLY: "reply", Lane.NOTICE: "notice", Lane.BROADCAST: "broadcast"}


def trace_of(update: int) -> str:
    """Return the trace of an update by its id."""
    return hashlib.blake2b(str(update).encode(), digest_size=trace.LENGTH // 2).hexdigest()


@dataclass(slots=True)
class Turn:
    """One update's turn: its kind, what became of it ("done", "again" or "dead"), and what handlers noted of it."""

    kind: str = "other"
    result: str = "done"
    seconds: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    def over(self) -> None:
        """Count it and write it into the log, once the transaction has been committed."""
        metrics.turn(self.kind, self.result, self.seconds)
        log.info("turn", kind=self.kind, result=self.result, ms=round(self.seconds * 1000, 1), **self.notes)
        for record in recorders:
            record("turn", self.notes["trace"], self.seconds, {"kind": self.kind, "result": self.result, **self.notes})


@dataclass(slots=True)
class Call:
    """A call of the Bot API: what became of it; one that was broken off before its end has been returned."""

    result: str = "returned"


@contextmanager
def intake(updates: Sequence[Arrival]) -> Iterator[None]:
    """Take updates in."""
    begun = time.perf_counter()
    yield
    seconds = time.perf_counter() - begun
    for record in recorders:
        for one in updates:
            record("intake", trace_of(one.update_id), seconds, {"update": one.update_id})


@contextmanager
def turn(update: int) -> Iterator[Turn]:
    """Take an update's turn: what is logged meanwhile carries its id and trace, what is posted begins with the trace."""
    taken, name, begun = Turn(), trace_of(update), time.perf_counter()
    bind_contextvars(update=update, trace=name)
    reset = trace.current.set(name)
    try:
        yield taken
    finally:
        trace.current.reset(reset)
        taken.seconds, taken.notes = time.perf_counter() - begun, get_contextvars()
        clear_contextvars()


@contextmanager
def calling(method: str, lane: Lane, ticket: str = "") -> Iterator[Call]:
    """Make a call in a task of its own: what is logged meanwhile carries the trace and the ticket of the letter."""
    call, begun = Call(), time.perf_counter()
    if ticket:
        bind_contextvars(trace=trace.of(ticket), ticket=ticket)
    try:
        yield call
    finally:
        seconds = time.perf_counter() - begun
        metrics.sent(method, LANES[lane], call.result, seconds)
        log.debug("call", method=method, result=call.result, ms=round(seconds * 1000, 1))
        for record in recorders if ticket else ():
            notes = {"method": method, "result": call.result, "ticket": ticket}
            record("send", trace.of(ticket), seconds, notes)
