"""The composition root: all parts of a bot that does everything, put together once. `bot/front.py` only answers, `bot/sending/post.py` only sends."""

from __future__ import annotations

from bot import telegram_types  # noqa: F401  # before anything imports aiogram

# isort: split

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiogram import Bot

from bot import api
from bot.desk import Desk
from bot.front import Front, introduce
from bot.parts import DRAIN, together
from bot.sending import broadcast_bot
from bot.sending.broadcaster import Broadcaster
from bot.sending.pace import UNHURRIED, Pace
from bot.sending.post import TICK, Post
from bot.sending.sender import Sender
from bot.settings import Settings
from bot.watching.timed import TimedDatabase
from bot.worker import Worker
from handlers.office import Clock, Office, utc_now
from storage.database import Database
from storage.engines import DatabaseError

log = structlog.get_logger("app")


@dataclass
class App:
    """A running bot. `office`, `database`, `front` and `post` are there for whoever watches it; `port` is the listener's."""

    settings: Settings
    database: Database
    office: Office
    bot: Bot
    front: Front
    post: Post
    port: int

    @property
    def worker(self) -> Worker:
        """Who handles updates."""
        return self.front.worker

    @property
    def desk(self) -> Desk:
        """Who works on files that people send in."""
        return self.front.desk

    @property
    def sender(self) -> Sender:
        """Who sends letters."""
        return self.post.sender

    @property
    def broadcaster(self) -> Broadcaster:
        """Who sends broadcasts."""
        return self.post.broadcaster

    async def settled(self, updates: int) -> None:
        """Wait until so many updates have been handled since the start and everything due has been sent.

        Raises TimeoutError when that does not come about, as when an update fails and waits to be tried again.
        """
        async with asyncio.timeout(DRAIN):
            parts, looked = (self.desk, self.broadcaster, self.sender), False
            while not (looked and all(part.idle.is_set() for part in parts)):
                if not looked and self.worker.ended >= updates:
                    looked = True
                    self.broadcaster.wake()
                await self.desk.idle.wait()
                await self.sender.idle.wait()
                await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    settings: Settings, *, clock: Clock = utc_now, pace: Pace = UNHURRIED, drain: float = DRAIN
) -> AsyncIterator[App]:
    """Run the bot while the block runs: migrate if needed, take updates in, handle them, send.

    Leaving the block stops the intake, lets what is in hand finish for `drain` seconds, and closes the database. Raises
    WrongTokenError, BotApiError, DatabaseError, MappingError, and OSError for an address in use.
    """
    async with AsyncExitStack() as stack:
        database = await TimedDatabase.open(settings.database_url.get_secret_value(), settings.vault())
        stack.push_async_callback(database.close)
        await database.migrate()
        if not await database.keys_fit():
            raise DatabaseError(
                "SERTAKAN_KEYS or SERTAKAN_INDEX_KEY do not fit the stored data: use the .env it was written with."
            )
        bot = await stack.enter_async_context(api.reached(settings))
        office = await api.office(settings, bot, clock)
        post = await stack.enter_async_context(Post.opened(settings, database, bot, office, pace))
        front = Front(settings, database, bot, office, post.pacer, wrote=post.sender.wake)
        port = await stack.enter_async_context(front.listening())
        await introduce(bot, office)
        here = database.at_work(front.recover | post.recover, front.heard | post.heard, post.inherit)
        parts = front.parts(await stack.enter_async_context(here))
        working = await stack.enter_async_context(together(*parts, post.parts(), drain=drain))
        await stack.enter_async_context(broadcast_bot.clock(post.tick, TICK, office.zone))
        stack.enter_context(front.health.serving(working))
        log.info("ready", operator=settings.operator, area=settings.area)
        yield App(settings, database, office, bot, front, post, port)
    log.info("stopped", area=settings.area)
