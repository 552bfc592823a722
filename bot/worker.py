"""The worker: takes updates out of the inbox, in order per chat, and handles each wholly or not at all.

Many waiting updates share one transaction (one commit is one wait for the disk), and their statements. When one fails,
all that was done is undone and each is handled in a savepoint of its own, so that it takes nothing with it.

Whoever the bot has met goes before strangers, who are let in no faster than replies go out: then a flood of them keeps
nobody waiting who is registering. A turn never waits for the network: what it sends are rows of the outbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.types import Update

from bot.intake.polling import KINDS
from bot.watching import metrics
from bot.watching.logs import where
from bot.watching.pulse import Pulse
from bot.watching.traces import Turn, turn
from handlers.attending import apologise, attend
from handlers.office import Office
from storage import inbox, outbox
from storage.database import Database
from storage.inbox import Waiting
from storage.transaction import Transaction
from storage.trouble import remedy

log = structlog.get_logger("worker")

TOGETHER = 15  # updates in one transaction
DELAYS = (1, 3, 10, 30)  # seconds before a failed update is tried again
IDLE = 5.0  # seconds after which the inbox is looked at although nothing rang
UNSENT = 50  # replies, two seconds' worth: while so many are due, strangers wait in the inbox
HELD = 0.1  # seconds after which it is looked whether strangers may come
SILENT = 60.0  # seconds without a finished round, after which something is wrong


class Worker:
    """Handles updates until it is stopped; `wrote` is called after each commit that may have filled the outbox."""

    def __init__(self, database: Database, bot: Bot, office: Office, wrote: Callable[[], None]) -> None:
        self._database, self._bot, self._office, self._wrote = database, bot, office, wrote
        self._bell = asyncio.Event()
        self._stopping = False
        self._crowded = False  # more may be waiting than was taken
        self.pulse = Pulse("the worker", SILENT)
        self.ended = 0  # updates handled or given up since the start

    def wake(self) -> None:
        """Say that something has arrived."""
        self._bell.set()

    def stop(self) -> None:
        """Finish the transaction in hand and take no other."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Handle updates until stopped. A database that is away is waited for: the inbox keeps everything."""
        while not self._stopping:
            self._bell.clear()
            try:
                handled = await self._together()
                self.pulse.beat()
            except Exception as error:  # noqa: BLE001  # the transaction is undone and its updates still wait
                log.error("updates could not be handled, trying again", error=where(error))  # noqa: TRY400  # the message may be personal
                handled = 0
                self.pulse.miss()
                await self._nap(1.0)
            if not handled:
                await self._nap(HELD if self._crowded else IDLE)

    async def _nap(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            pass

    async def _together(self) -> int:
        """Handle what is due in one transaction and return how many updates were taken."""
        turns: list[Turn] = []
        async with self._database.write(brief=True) as tx:
            now = self._office.clock()
            late = self._crowded and await outbox.behind(tx, now, UNSENT)
            waiting = await inbox.claim(tx, TOGETHER, now - inbox.HEAD_START / 2 if late else now)
            done = await self._handled(tx, waiting, turns)
            if done:
                await inbox.finish(tx, done, self._office.clock())
        self._crowded = late or len(waiting) == TOGETHER
        if waiting:
            self.ended += len(done)
            self._wrote()
            metrics.group(len(waiting))
            for each in turns:
                each.over()
        return len(waiting)

    async def _handled(self, tx: Transaction, waiting: Sequence[Waiting], turns: list[Turn]) -> list[int]:
        """Handle updates, all in one savepoint; when one fails, each in one of its own. Return which were handled.

        Nothing but the database remembers a turn, so that taking it again is taking it once.
        """
        readable = [(one, update) for one in waiting if (update := await self._read(tx, one, turns)) is not None]
        if not any(one.attempts for one in waiting):
            taken: list[Turn] = []
            try:
                async with tx.savepoint():
                    together = [update for _one, update in readable]
                    await attend(self._bot, together, tx, self._office, lambda update: _taking(update, taken))
            except Exception as error:
                if remedy(error) is not None:
                    raise  # the database's failure is everybody's, and no try of theirs
                log.debug("updates are handled one by one", updates=len(readable))
            else:
                turns += taken
                return [one.id for one, _update in readable]
        return [one.id for one, update in readable if await self._handled_alone(tx, one, update, turns)]

    async def _read(self, tx: Transaction, waiting: Waiting, turns: list[Turn]) -> Update | None:
        """Read an update; one that nobody can read is laid aside."""
        try:
            return Update.model_validate_json(waiting.body)
        except Exception:  # noqa: BLE001  # whatever is wrong with it, it must not hold up the others
            with turn(waiting.update_id) as taken:
                turns.append(taken)
                log.error("an update could not be read and was laid aside")  # noqa: TRY400  # likewise
                taken.result = await self._give_up(tx, waiting, "unreadable")
            return None

    async def _handled_alone(self, tx: Transaction, waiting: Waiting, update: Update, turns: list[Turn]) -> bool:
        """Handle one update in its savepoint; a failure is put off or buried, and tells False."""
        with _taking(update, turns) as taken:
            try:
                async with tx.savepoint():
                    await attend(self._bot, [update], tx, self._office)
            except Exception as error:
                if remedy(error) is not None:
                    raise  # likewise
                taken.result = await self._failed(tx, waiting, error)
        return taken.result == "done"

    async def _failed(self, tx: Transaction, waiting: Waiting, error: Exception) -> str:
        reason = type(error).__name__
        if waiting.attempts < len(DELAYS):
            delay = DELAYS[waiting.attempts]
            log.warning("an update failed and is tried again", error=where(error), seconds=delay)
            await inbox.postpone(tx, waiting.id, self._office.clock() + timedelta(seconds=delay), reason)
            return "again"
        log.error("an update failed and was laid aside", error=where(error))
        ended = await self._give_up(tx, waiting, reason)
        if waiting.lane > 0:
            await self._apologise(tx, waiting.lane)
        return ended

    async def _apologise(self, tx: Transaction, chat: int) -> None:
        """Tell the person; what kept the update from being handled may keep this from being posted."""
        try:
            async with tx.savepoint():
                await apologise(tx, chat, self._office)
        except Exception as error:  # noqa: BLE001  # the other updates of this transaction go on
            log.error("nobody could be told of it", error=where(error))  # noqa: TRY400  # likewise

    async def _give_up(self, tx: Transaction, waiting: Waiting, reason: str) -> str:
        await inbox.bury(tx, waiting.id, reason, self._office.clock())
        self.ended += 1
        return "dead"


@contextmanager
def _taking(update: Update, turns: list[Turn]) -> Iterator[Turn]:
    """Take an update's turn and add it to the others."""
    with turn(update.update_id) as taken:
        taken.kind = next((kind for kind in KINDS if getattr(update, kind) is not None), "other")
        turns.append(taken)
        yield taken
