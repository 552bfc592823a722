"""Arrivals: updates that Telegram brings to the web hook, on their way into the inbox. Those that come at once share a commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bot.watching import traces
from bot.watching.logs import where
from handlers.office import Clock
from storage import inbox
from storage.database import Database
from storage.inbox import Arrival

log = structlog.get_logger("arrivals")

TOGETHER = 100  # updates in one transaction; Telegram brings no more at once
PATIENCE = 10.0  # seconds that a commit may take, before Telegram is told to come again


class NotKeptError(Exception):
    """An update could not be kept now: Telegram has to bring it again."""


class Arrivals:
    """Keeps what comes until it is stopped; `arrived` is called after each commit."""

    def __init__(self, database: Database, bot_id: int, clock: Clock, arrived: Callable[[], None]) -> None:
        self._database, self._bot_id, self._clock, self._arrived = database, bot_id, clock, arrived
        self._waiting: list[tuple[Arrival, asyncio.Future[bool]]] = []
        self._bell = asyncio.Event()
        self._stopping = False

    def stop(self) -> None:
        """Keep what has come, and take nothing more."""
        self._stopping = True
        self._bell.set()

    async def keep(self, one: Arrival) -> None:
        """Return when an update is in the inbox. Raises NotKeptError."""
        if self._stopping:
            raise NotKeptError
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, kept))
        self._bell.set()
        if not await kept:
            raise NotKeptError

    async def run(self) -> None:
        """Keep what comes until stopped."""
        while not (self._stopping and not self._waiting):
            if not self._waiting:
                await self._bell.wait()
            self._bell.clear()
            some, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            if some:
                done = await self._kept([one for one, _kept in some])
                for _one, kept in some:
                    if not kept.done():  # else whoever brought it is gone
                        kept.set_result(done)

    async def _kept(self, some: list[Arrival]) -> bool:
        try:
            with traces.intake(some):
                async with asyncio.timeout(PATIENCE), self._database.write() as tx:
                    await inbox.keep(tx, self._bot_id, some, self._clock())
        except Exception as error:  # noqa: BLE001  # Telegram keeps the updates and brings them again
            log.warning("updates could not be kept", updates=len(some), error=where(error))
            return False
        self._arrived()
        return True
