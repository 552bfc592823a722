"""The post: the sender and the broadcaster over one pace, in the program that answers and in one that only sends."""

from __future__ import annotations

from bot import telegram_types  # noqa: F401  # before anything imports aiogram

# isort: split

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiogram import Bot

from bot import api, upkeep
from bot.parts import DRAIN, Part, together
from bot.sending import broadcast_bot
from bot.sending.broadcast_bot import BroadcastBot
from bot.sending.broadcaster import Broadcaster
from bot.sending.pace import UNHURRIED, Pace
from bot.sending.pacer import Pacer
from bot.sending.sender import Sender
from bot.settings import Settings
from bot.watching.timed import TimedDatabase
from handlers.office import Clock, Office, utc_now
from storage import broadcasts, outbox
from storage.database import Database, DatabaseError, Recover
from storage.presence import Ring, Work
from storage.transaction import Transaction

log = structlog.get_logger("post")

TICK = 1.0  # seconds between two looks at what is due


@dataclass
class Post:
    """Whoever sends, and the pace they keep."""

    pacer: Pacer
    sender: Sender
    broadcaster: Broadcaster
    clock: Clock

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: Settings, database: Database, bot: Bot, office: Office, pace: Pace
    ) -> AsyncIterator[Post]:
        """Give the post of an installation; nothing is sent before its parts run."""
        pacer = Pacer.over(database, pace)
        sender = Sender(database, bot, pacer, office)
        async with BroadcastBot(settings.token.get_secret_value(), settings.api_url, pacer) as writer:
            broadcaster = Broadcaster(database, office, writer, pacer, wrote=sender.wake)
            yield cls(pacer, sender, broadcaster, office.clock)

    @property
    def recover(self) -> dict[str, Recover]:
        """What is taken up by a process that is the only one to send: letters go again, recipients of broadcasts do not."""

        async def recover(tx: Transaction) -> None:
            await outbox.recover(tx)
            await broadcasts.recover(tx, self.clock())

        return {"sending": recover}

    @property
    def heard(self) -> dict[str, Ring]:
        """What other processes may ring for."""
        return {outbox.BELL: self.sender.wake}

    @property
    def inherit(self) -> dict[str, Work]:
        """What is done when all others who sent are gone."""
        return {"sending": self.sender.inherit}

    def parts(self) -> list[Part]:
        """Return what has to run."""
        return [
            Part("sender", self.sender.run(), self.sender.stop),
            Part("broadcaster", self.broadcaster.run(), self.broadcaster.stop),
        ]

    async def tick(self) -> None:
        """Look at what is due; the clock calls it every second."""
        self.broadcaster.wake()


@asynccontextmanager
async def sending(
    settings: Settings, *, clock: Clock = utc_now, pace: Pace = UNHURRIED, drain: float = DRAIN
) -> AsyncIterator[None]:
    """Send while the block runs, beside programs that answer and others that send, within one budget.

    Raises DatabaseError, also for a database that only one program can work on, WrongTokenError, BotApiError and
    MappingError.
    """
    if settings.database_url.get_secret_value().startswith("sqlite"):
        raise DatabaseError("On SQLite `sertakan run` sends everything itself. A sender of its own needs PostgreSQL.")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(upkeep.opened(settings, TimedDatabase))
        bot = await stack.enter_async_context(api.reached(settings))
        office = await api.office(settings, bot, clock)
        post = await stack.enter_async_context(Post.opened(settings, database, bot, office, pace))
        await stack.enter_async_context(database.at_work(post.recover, post.heard, post.inherit))
        await stack.enter_async_context(together(post.parts(), drain=drain))
        await stack.enter_async_context(broadcast_bot.clock(post.tick, TICK, office.zone))
        log.info("ready", operator=settings.operator, area=settings.area)
        yield
    log.info("stopped", area=settings.area)
