"""The pacer: when the next call may go out. One budget for everybody who sends.

The rule is in `bot/sending/pace.py`. Here are those who wait, and the book in which the rule's moments are kept: in the memory
of one process, or in a row that all processes on one PostgreSQL share.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import asdict
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.sending.pace import AHEAD, UNHURRIED, UNLIMITED, Booked, Lane, Later, Pace, Times
from bot.watching import metrics
from storage import pace as shared_pace
from storage.database import Database

PUNCTUAL = 0.003  # seconds that a turn may be late without being noted
TICK = 0.001  # seconds: no timer is finer

log = structlog.get_logger("pacer")


class HaltedError(Exception):
    """Telegram said to send nothing for so many `seconds` more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"nothing may be sent for {seconds:.1f} seconds")
        self.seconds = seconds


class PaceAwayError(ConnectionError):
    """The pace that is shared with others cannot be read now."""


class Book(Protocol):
    """Where the times are kept: `opened` gives them and the moment, to one at a time, and keeps what was changed."""

    def opened(self) -> AbstractAsyncContextManager[tuple[Times, float]]:
        """Open the book."""


class OwnBook:
    """The times of one process, in its memory."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._times, self._now = Times(), now

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Times, float]]:
        """Give the times as they stand."""
        yield self._times, self._now()


class SharedBook:
    """The times of all processes on one PostgreSQL, by the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Times, float]]:
        """Give the times under their lock. Raises PaceAwayError."""
        try:
            async with self._database.write() as tx:
                state, now = await shared_pace.lock(tx)
                times = Times(**state)
                yield times, now
                await shared_pace.keep(tx, asdict(times))
        except (SQLAlchemyError, OSError) as error:
            raise PaceAwayError(type(error).__name__) from None


class Pacer:
    """Gives out turns to send.

    `now` is a clock in seconds: not uvloop's, which stands still while the program is busy.
    """

    def __init__(
        self, pace: Pace = UNHURRIED, book: Book | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.pace, self._now = pace, now
        self._book = book or OwnBook(now)
        self._lines = {lane: asyncio.Lock() for lane in Lane}  # first come, first served
        self._halted_until = 0.0  # by this process's clock, as far as it has heard

    @classmethod
    def over(cls, database: Database, pace: Pace = UNHURRIED) -> Pacer:
        """Make the pacer of a process that may share its database, and so its budget, with others."""
        return cls(pace, SharedBook(database) if database.shared and pace is not UNLIMITED else None)

    async def turn(self, chat: int, lane: Lane = Lane.REPLY) -> float:
        """Return when a message to this chat may be sent now: the moment by the book's clock, for `late`.

        Raises HaltedError, also for a halt that begins meanwhile, and PaceAwayError.
        """
        while isinstance(answer := await self._in_line(chat, lane), Later):  # noqa: ASYNC110  # time is what is waited for
            await asyncio.sleep(answer.seconds)
        return await self._waited(answer) if answer.seconds > 0 else answer.at

    async def late(self, turn: float, seconds: float) -> None:
        """Note that a turn was used so many seconds later than it was given."""
        with suppress(PaceAwayError):
            async with self._book.opened() as (times, _now):
                times.late(turn, seconds)

    async def halt(self, seconds: float) -> None:
        """Let nothing go out for so long, in any process: Telegram said so."""
        metrics.halted(seconds)
        self._heard(seconds)
        try:
            async with self._book.opened() as (times, now):
                times.halt(now, seconds)
        except PaceAwayError as error:
            log.warning("other processes could not be told of a halt", seconds=seconds, error=str(error))

    @property
    def halted(self) -> float:
        """For how many seconds nothing may go out, as far as this process has heard; 0 when no halt is on."""
        return max(0.0, self._halted_until - self._now())

    async def _in_line(self, chat: int, lane: Lane) -> Booked | Later:
        """Book a turn when those before in this lane have theirs; whoever has to wait aside leaves the line."""
        async with self._lines[lane]:
            while True:
                async with self._opened() as (times, now):
                    answer = times.book(self.pace, now, chat, lane)
                if isinstance(answer, Booked) or answer.aside:
                    return answer
                await asyncio.sleep(max(answer.seconds, TICK))

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Times, float]]:
        """Open the book. Raises HaltedError when this process or another was told to halt."""
        if self.halted:
            raise HaltedError(self.halted)
        async with self._book.opened() as (times, now):
            if times.halted_until > now:
                self._heard(times.halted_until - now)
                raise HaltedError(times.halted_until - now)
            yield times, now

    async def _waited(self, turn: Booked) -> float:
        """Wait for a turn and return its moment. Raises HaltedError when somebody has said halt meanwhile.

        The book is opened again only after a longer wait, or when this process was too busy to wake up in time.
        """
        due = self._now() + turn.seconds
        await asyncio.sleep(turn.seconds)
        late = self._now() - due
        if self.halted:
            raise HaltedError(self.halted)
        if late <= PUNCTUAL and turn.seconds <= AHEAD[Lane.NOTICE]:
            return turn.at
        async with self._opened() as (times, _now):
            return times.late(turn.at, max(0.0, late))

    def _heard(self, seconds: float) -> None:
        self._halted_until = max(self._halted_until, self._now() + seconds)
