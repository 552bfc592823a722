"""The front: takes updates in and answers them, in the program that does everything and in those that only answer.

Polling, rounds and housekeeping are for one process among all on a database: the one that leads.
"""

from __future__ import annotations

from bot import telegram_types  # noqa: F401  # before anything imports aiogram

# isort: split

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from bot import api, backups, housekeeping, rounds, upkeep
from bot.desk import Desk
from bot.intake import hook, hook_watch
from bot.intake.arrivals import Arrivals
from bot.intake.door import Door
from bot.intake.listener import Listener
from bot.intake.polling import LONG_POLL, Polling
from bot.parts import DRAIN, Part, together
from bot.sending import broadcast_bot
from bot.sending.pace import UNHURRIED, Pace
from bot.sending.pacer import Pacer
from bot.settings import Settings
from bot.watching import lag
from bot.watching.health import Health
from bot.watching.pulse import Pulse
from bot.watching.timed import TimedDatabase
from bot.worker import Worker
from handlers.commands import profile
from handlers.office import Clock, Office, utc_now
from storage import inbox, uploads
from storage.database import Database, DatabaseError, Presence, Recover
from storage.presence import Ring

log = structlog.get_logger("front")

SILENT = 2.0 * LONG_POLL  # seconds without an answer of the Bot API, after which something is wrong
ANSWER_WITHIN = 30.0  # seconds that Telegram may take to learn a command
STANDING_BY = 1.0  # seconds between two looks whether somebody else still polls


class Front:
    """Whoever answers; `wrote` is called after each commit that may have filled the outbox."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        bot: Bot,
        office: Office,
        pacer: Pacer,
        wrote: Callable[[], None],
    ) -> None:
        self._settings, self._database, self._office, self._wrote = settings, database, office, wrote
        self._bot, self._hook = bot, hook.address(settings)
        self.door = Door(bot, pacer)
        self.desk = Desk(database, bot, office, wrote)
        self.worker = Worker(database, bot, office, self._handled)
        self.arrivals = Arrivals(database, settings.bot_id, office.clock, self.worker.wake)
        self.intake = Pulse("the intake of updates", SILENT)
        self.health = Health(
            database,
            office.clock,
            self.intake,
            self.worker.pulse,
            folder=settings.folder,
            backup_dir=settings.backup_dir,
        )

    def _handled(self) -> None:
        self._wrote()
        self.desk.wake()

    def listening(self) -> AbstractAsyncContextManager[int]:
        """Listen while the block runs; gives the port. Raises OSError for an address in use."""
        secret = self._settings.hook_secret if self._hook else None
        known = None if secret is None else secret.get_secret_value()
        return Listener(self.arrivals, self.door, self.health, known).listening(*self._settings.address)

    @property
    def recover(self) -> dict[str, Recover]:
        """What is taken up by a process that is the only one to answer."""
        return {"answering": lambda tx: uploads.recover(tx, self._office.clock())}

    @property
    def heard(self) -> dict[str, Ring]:
        """What other processes may ring for."""
        return {inbox.BELL: self.worker.wake}

    def parts(self, here: Presence) -> tuple[list[Part], list[Part]]:
        """Return what has to run: what brings updates in, which is stopped first, and what handles them."""
        first = [
            Part("leading", here.lead(self._lead)),
            Part("intake", self._watched(here)),
            Part("door", self.door.run()),
            Part("lag", lag.measure()),
            Part("renewing", self._by_the_clock(lambda: rounds.renew(self._database, self._office))),
            Part("desk", self.desk.run()),
            Part("arrivals", self.arrivals.run(), self.arrivals.stop),
        ]
        return first, [Part("worker", self.worker.run(), self.worker.stop)]

    async def _lead(self) -> None:
        """Do what only one process may do, until it leads no more."""
        log.info("this process leads")
        kept = timedelta(days=self._settings.erase_after_days)
        duties = [
            Part("housekeeping", housekeeping.run(self._database, self._office.clock, kept)),
            Part("backups", backups.run(self._settings, self._database, self._office)),
        ]
        if not self._hook:
            duties.append(Part("polling", self._polling().run()))
        async with together(duties):
            await self._by_the_clock(self._make_rounds)

    async def _by_the_clock(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work at once and every half a minute, until cancelled."""
        async with broadcast_bot.clock(work, rounds.EVERY, self._office.zone):
            await asyncio.Event().wait()

    def _polling(self) -> Polling:
        token = self._settings.token.get_secret_value()
        url, bot_id, clock = self._settings.api_url, self._settings.bot_id, self._office.clock
        woken, beats = self.worker.wake, self.intake
        return Polling(url, token, bot_id, self._database, clock, self.door, arrived=woken, pulse=beats)

    async def _watched(self, here: Presence) -> None:
        """See that updates can come here; while another process polls, there is nothing that could fail."""
        if self._hook:
            await hook_watch.watch(self._bot, self._hook, self.intake)
        while True:
            if not here.leads:
                self.intake.beat()
            await asyncio.sleep(STANDING_BY)

    async def _make_rounds(self) -> None:
        await rounds.make(self._database, self._office)
        self._wrote()


async def introduce(bot: Bot, office: Office) -> None:
    """Tell Telegram the commands and descriptions. A bot that cannot do so now is a working bot all the same."""
    for name, payload in profile(office):
        try:
            await api.call(bot, name, payload, within=ANSWER_WITHIN)
        except TelegramAPIError as error:
            log.warning("the bot's profile could not be set", call=name, error=type(error).__name__)


@asynccontextmanager
async def serving(
    settings: Settings, *, clock: Clock = utc_now, pace: Pace = UNHURRIED, drain: float = DRAIN
) -> AsyncIterator[Front]:
    """Take updates in and answer them while the block runs, beside others that do so, and others that send.

    Raises DatabaseError, also for a database that only one program can work on, WrongTokenError, BotApiError,
    MappingError, and OSError for an address in use.
    """
    if settings.database_url.get_secret_value().startswith("sqlite"):
        raise DatabaseError("On SQLite `sertakan run` does everything itself. `sertakan serve` needs PostgreSQL.")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(upkeep.opened(settings, TimedDatabase))
        bot = await stack.enter_async_context(api.reached(settings))
        office = await api.office(settings, bot, clock)
        front = Front(settings, database, bot, office, Pacer.over(database, pace), wrote=_elsewhere)
        await stack.enter_async_context(front.listening())
        await introduce(bot, office)
        here = await stack.enter_async_context(database.at_work(front.recover, front.heard))
        working = await stack.enter_async_context(together(*front.parts(here), drain=drain))
        stack.enter_context(front.health.serving(working))
        log.info("ready", operator=settings.operator, area=settings.area)
        yield front
    log.info("stopped", area=settings.area)


def _elsewhere() -> None:
    """Do nothing: the database lets those know who send."""
