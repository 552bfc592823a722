"""Running: what the commands `run`, `migrate` and `stats` do."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from bot.app import running
from bot.settings import Settings
from handlers.office import utc_now
from storage.database import Database
from storage.stats import Snapshot, snapshot


async def run_until_stopped(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT, then finish what is in hand."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    async with running(settings):
        await stopped.wait()


async def migrate_once(settings: Settings) -> None:
    """Bring the database to the current schema."""
    database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    try:
        await database.migrate()
    finally:
        await database.close()


async def figures(settings: Settings) -> Snapshot:
    """Return the figures of an installation, without personal data."""
    database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    try:
        async with database.read() as tx:
            return await snapshot(tx, utc_now())
    finally:
        with suppress(Exception):
            await database.close()
