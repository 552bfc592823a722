"""The composition root: all parts of a running bot, put together once, with every choice made here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError

from bot import housekeeping, rounds, upkeep
from bot.desk import Desk
from bot.intake import KINDS, BotApiError, Polling, WrongTokenError
from bot.listener import HOOK_PATH, Listener
from bot.logs import where
from bot.pacer import UNHURRIED, Pace, Pacer
from bot.sender import Sender
from bot.settings import Settings
from bot.worker import Worker
from handlers.commands import profile
from handlers.office import Clock, Office, utc_now
from storage import outbox, uploads
from storage.database import Database, Transaction
from storage.engines import DatabaseError

log = structlog.get_logger("app")

DRAIN = 20.0  # seconds that work in hand may take after a stop


@dataclass
class App:
    """A running bot. `office`, `database`, `worker`, `desk` and `sender` are there for whoever watches it."""

    settings: Settings
    database: Database
    office: Office
    bot: Bot
    worker: Worker
    desk: Desk
    sender: Sender

    async def settled(self, updates: int) -> None:
        """Wait until so many updates have been handled since the start and everything due has been sent.

        Raises TimeoutError when that does not come about, as when an update fails and waits to be tried again.
        """
        async with asyncio.timeout(DRAIN):
            while self.worker.ended < updates or not (self.desk.idle.is_set() and self.sender.idle.is_set()):
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
        database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
        stack.push_async_callback(database.close)
        await database.migrate()
        if not await database.keys_fit():
            raise DatabaseError(
                "SERTAKAN_KEYS or SERTAKAN_INDEX_KEY do not fit the stored data: use the .env it was written with."
            )
        bot = Bot(settings.token.get_secret_value(), session=_session(settings))
        stack.push_async_callback(bot.session.close)
        office = await _office(settings, bot, clock)
        sender = Sender(database, bot, Pacer(pace), clock)
        desk = Desk(database, bot, office, wrote=sender.wake)

        def wrote() -> None:
            sender.wake()
            desk.wake()

        worker = Worker(database, bot, office, wrote)
        listener = Listener(
            database,
            settings.bot_id,
            clock,
            secret=settings.hook_secret.get_secret_value() if settings.hook_url and settings.hook_secret else None,
            arrived=worker.wake,
        )
        await stack.enter_async_context(listener.listening(*settings.address))
        await _introduce(bot, office)

        async def recover(tx: Transaction) -> None:
            await outbox.recover(tx)
            await uploads.recover(tx, clock())

        await stack.enter_async_context(database.at_work(recover))
        app = App(settings, database, office, bot, worker, desk, sender)
        await stack.enter_async_context(_working(app, drain))
        log.info("ready", operator=settings.operator, area=settings.area)
        yield app


def _session(settings: Settings) -> AiohttpSession:
    return AiohttpSession(api=TelegramAPIServer.from_base(settings.api_url))


async def _office(settings: Settings, bot: Bot, clock: Clock) -> Office:
    try:
        me = await bot.me()
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise WrongTokenError from None
    except TelegramAPIError as error:
        raise BotApiError(
            f"The Bot API does not answer ({type(error).__name__}): check the network and SERTAKAN_API_URL."
        ) from None
    return await asyncio.to_thread(upkeep.office, settings, username=me.username or "", clock=clock)


async def _introduce(bot: Bot, office: Office) -> None:
    """Tell Telegram the commands and descriptions. A bot that cannot do so now is a working bot all the same."""
    for name, payload in profile(office):
        method = getattr(bot, _snake(name))
        try:
            await method(**payload)
        except TelegramAPIError as error:
            log.warning("the bot's profile could not be set", call=name, error=type(error).__name__)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


@asynccontextmanager
async def _working(app: App, drain: float) -> AsyncIterator[None]:
    """Run intake, worker, desk, sender and housekeeping; on leaving, stop them in that order."""
    settings, clock = app.settings, app.office.clock
    sending = asyncio.create_task(app.sender.run(), name="sender")
    working = asyncio.create_task(app.worker.run(), name="worker")
    keeping = asyncio.create_task(housekeeping.run(app.database, clock), name="housekeeping")
    going = asyncio.create_task(rounds.run(app.database, app.office, app.sender.wake), name="rounds")
    reading = asyncio.create_task(app.desk.run(), name="desk")
    taking = asyncio.create_task(_intake(app), name="intake")
    owner = asyncio.current_task()
    failure: list[BaseException] = []

    def ended(task: asyncio.Task[None]) -> None:
        """Let a part that died take the program down: a service manager starts it again, and nothing is lost."""
        if not task.cancelled() and (error := task.exception()) is not None and owner is not None:
            failure.append(error)
            owner.cancel()

    for task in (sending, working, reading, taking):
        task.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if failure:
            raise failure[0] from None
        raise
    finally:
        for task in (taking, keeping, going, reading):
            task.cancel()
        deadline = asyncio.get_running_loop().time() + drain
        app.worker.stop()
        await _finish(working, deadline)
        app.sender.stop()
        await _finish(sending, deadline)
        await asyncio.gather(taking, keeping, going, reading, return_exceptions=True)
        log.info("stopped", area=settings.area)


async def _finish(task: asyncio.Task[None], deadline: float) -> None:
    """Wait for a part that was told to stop; past the deadline (seconds of the loop's clock) it is broken off."""
    left = max(0.0, deadline - asyncio.get_running_loop().time())
    done, _pending = await asyncio.wait({task}, timeout=left)
    if not done:
        log.warning("work in hand was cut off; it is still in the database", part=task.get_name())
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a part of the program failed", part=task.get_name(), error=where(error))


async def _intake(app: App) -> None:
    """Take updates in by web hook where one is set, else by polling. Pending updates are never dropped."""
    settings = app.settings
    if settings.hook_url and settings.hook_secret:
        await app.bot.set_webhook(
            settings.hook_url.rstrip("/") + HOOK_PATH,
            secret_token=settings.hook_secret.get_secret_value(),
            allowed_updates=list(KINDS),
            drop_pending_updates=False,
        )
        return
    await app.bot.delete_webhook(drop_pending_updates=False)
    token = settings.token.get_secret_value()
    await Polling(
        settings.api_url, token, settings.bot_id, app.database, app.office.clock, arrived=app.worker.wake
    ).run()
