"""Running: what the commands `run`, `migrate` and `stats` do."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from bot.app import running
from bot.pacer import UNHURRIED, Pace
from bot.settings import Settings
from handlers.office import utc_now
from storage.database import Database, DatabaseError
from storage.stats import Snapshot, snapshot


async def run_until_stopped(settings: Settings, pace: Pace = UNHURRIED) -> None:
    """Run the bot until SIGTERM or SIGINT, then finish what is in hand; a signal before it is ready ends it at once."""
    stopped, ready = asyncio.Event(), asyncio.Event()
    loop, serving = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        if not ready.is_set() and not stopped.is_set() and serving is not None:
            serving.cancel()
        stopped.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        async with running(settings, pace=pace):
            ready.set()
            await stopped.wait()
    except asyncio.CancelledError:
        if not stopped.is_set():
            raise


async def migrate_once(settings: Settings) -> None:
    """Bring the database to the current schema."""
    database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    try:
        await database.migrate()
    finally:
        await database.close()


async def figures(settings: Settings) -> Snapshot:
    """Return the figures of an installation, without personal data; raises DatabaseError."""
    database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    try:
        if not await database.schema_is_current():
            raise DatabaseError("The database does not have this version's schema: `sertakan migrate` brings it there.")
        async with database.read() as tx:
            return await snapshot(tx, utc_now())
    finally:
        with suppress(Exception):
            await database.close()
