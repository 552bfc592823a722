"""The composition root: all parts of a running bot, put together once, with every choice made here."""

from __future__ import annotations

from bot import telegram_types  # noqa: F401  # before anything imports aiogram

# isort: split

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from bot import api, backups, broadcast_bot, hook_watch, housekeeping, lag, rounds
from bot.broadcaster import Broadcaster
from bot.desk import Desk
from bot.door import Door
from bot.health import Health
from bot.intake import KINDS, LONG_POLL, Polling
from bot.listener import HOOK_PATH, Listener
from bot.pace import UNHURRIED, Pace
from bot.parts import DRAIN, Part, together
from bot.post import TICK, Post
from bot.post import recover as recover_post
from bot.pulse import Pulse
from bot.sender import Sender
from bot.settings import Settings
from bot.timed import TimedDatabase
from bot.worker import Worker
from handlers.commands import profile
from handlers.office import Clock, Office, utc_now
from storage import uploads
from storage.database import Database, Transaction
from storage.engines import DatabaseError

log = structlog.get_logger("app")

SILENT = 2.0 * LONG_POLL  # seconds without an answer of the Bot API, after which something is wrong
ANSWER_WITHIN = 30.0  # seconds that Telegram may take to learn a command


@dataclass
class App:
    """A running bot. `office`, `database`, `worker`, `desk` and `post` are there for whoever watches it.

    `intake` beats as long as Telegram can bring updates; `port` is where the listener is.
    """

    settings: Settings
    database: Database
    office: Office
    bot: Bot
    door: Door
    worker: Worker
    desk: Desk
    post: Post
    intake: Pulse
    port: int

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
        desk = Desk(database, bot, office, wrote=post.sender.wake)

        def wrote() -> None:
            post.sender.wake()
            desk.wake()

        door = Door(bot, post.pacer)
        worker = Worker(database, bot, office, wrote)
        intake = Pulse("the intake of updates", SILENT)
        health = Health(database, clock, intake, worker.pulse, folder=settings.folder)
        listener = Listener(
            database,
            settings.bot_id,
            clock,
            door,
            health,
            secret=settings.hook_secret.get_secret_value() if settings.hook_url and settings.hook_secret else None,
            arrived=worker.wake,
        )
        port = await stack.enter_async_context(listener.listening(*settings.address))
        await _introduce(bot, office)

        async def recover(tx: Transaction) -> None:
            await recover_post(tx, clock)
            await uploads.recover(tx, clock())

        await stack.enter_async_context(database.at_work(recover))
        app = App(settings, database, office, bot, door, worker, desk, post, intake, port)
        parts = await stack.enter_async_context(_working(app, drain))
        stack.enter_context(health.serving(parts))
        log.info("ready", operator=settings.operator, area=settings.area)
        yield app


async def _introduce(bot: Bot, office: Office) -> None:
    """Tell Telegram the commands and descriptions. A bot that cannot do so now is a working bot all the same."""
    for name, payload in profile(office):
        try:
            await api.call(bot, name, payload, within=ANSWER_WITHIN)
        except TelegramAPIError as error:
            log.warning("the bot's profile could not be set", call=name, error=type(error).__name__)


@asynccontextmanager
async def _working(app: App, drain: float) -> AsyncIterator[Mapping[str, asyncio.Task[None]]]:
    """Run all parts; gives those that go on until they are stopped.

    On leaving, no update is taken in any more, then the worker stops, then those who send.
    """
    first = [
        Part("intake", _intake(app)),
        Part("door", app.door.run()),
        Part("desk", app.desk.run()),
        Part("backups", backups.run(app.settings, app.database, app.office)),
        Part("lag", lag.measure()),
        Part(
            "housekeeping",
            housekeeping.run(app.database, app.office.clock, timedelta(days=app.settings.erase_after_days)),
        ),
        Part("worker", app.worker.run(), app.worker.stop),
    ]
    async with together(first, app.post.parts(), drain=drain) as parts, _clocks(app):
        yield parts
    log.info("stopped", area=app.settings.area)


@asynccontextmanager
async def _clocks(app: App) -> AsyncIterator[None]:
    """Look every second whether a broadcast is due, and every half a minute whether a round is."""

    async def make_rounds() -> None:
        await rounds.make(app.database, app.office)
        app.sender.wake()

    zone = app.office.zone
    async with broadcast_bot.clock(app.post.tick, TICK, zone), broadcast_bot.clock(make_rounds, rounds.EVERY, zone):
        yield


async def _intake(app: App) -> None:
    """Take updates in by web hook where one is set, else by polling. Pending updates are never dropped."""
    settings = app.settings
    if settings.hook_url and settings.hook_secret:
        url = settings.hook_url.rstrip("/") + HOOK_PATH
        await app.bot.set_webhook(
            url,
            secret_token=settings.hook_secret.get_secret_value(),
            allowed_updates=list(KINDS),
            drop_pending_updates=False,
        )
        await hook_watch.watch(app.bot, url, app.intake)
    await app.bot.delete_webhook(drop_pending_updates=False)
    token = settings.token.get_secret_value()
    await Polling(
        settings.api_url,
        token,
        settings.bot_id,
        app.database,
        app.office.clock,
        app.door,
        arrived=app.worker.wake,
        pulse=app.intake,
    ).run()
