"""Where bots are measured: an imitated Telegram of their own, and a fresh database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
from audience import populate
from crowd import VILLAGES
from gauge import Gauge, measured
from pydantic import SecretStr
from registrations import environment
from sqlalchemy import update

from bot.demo import settings as demo_settings
from bot.sandbox.client import Person, Sandbox
from bot.settings import Settings
from storage.database import Database
from storage.tables import people, registrations

FIRST_STORED = 3_000_000_000  # Telegram id of the first whose registration is there already
LONG = timedelta(days=3650)  # for which those registrations are paid


@dataclass(frozen=True, slots=True)
class Place:
    """An imitated Telegram, a folder, and the settings of a bot there."""

    sandbox: Sandbox
    admin: Person
    folder: Path
    settings: Settings

    @classmethod
    @asynccontextmanager
    async def made(cls, database: str | None = None) -> AsyncIterator[Place]:
        """Make a place of its own for one bot, with an SQLite file or an empty database of PostgreSQL."""
        with TemporaryDirectory(prefix="sertakan-compare-") as folder:
            async with Sandbox.start(limits=None) as sandbox, _fresh(database) as url:
                admin = sandbox.person("Admin")
                settings = demo_settings(sandbox, Path(folder), admin)
                if url is not None:
                    settings = settings.model_copy(update={"database_url": SecretStr(url)})
                yield cls(sandbox, admin, Path(folder), settings)

    @asynccontextmanager
    async def running(self, *peers: str) -> AsyncIterator[list[Gauge]]:
        """Run peers on the second core while the block runs."""
        async with AsyncExitStack() as stack:
            surroundings = environment(self.settings)
            yield [await stack.enter_async_context(measured(peer, surroundings, self.folder)) for peer in peers]

    async def stores(self, number: int) -> None:
        """Write so many registrations down, before the bot starts; nobody is to be reminded of anything meanwhile."""
        database = await Database.open(self.settings.database_url.get_secret_value(), self.settings.vault())
        await database.migrate()
        villages = [village.removeprefix("v-") for village in VILLAGES]
        codes = [f"{code[:2]}.{code[2:4]}.{code[4:6]}.{code[6:]}" for code in villages]
        ids = range(FIRST_STORED, FIRST_STORED + number)
        now = datetime.now(UTC)
        await populate(database, ids, codes, now)
        async with database.write() as tx:
            await tx.connection.execute(update(people).values(news_at=None))
            await tx.connection.execute(update(registrations).values(paid_until=now.date() + LONG))
        await database.close()


@asynccontextmanager
async def _fresh(server: str | None) -> AsyncIterator[str | None]:
    """Make an empty database beside the one named, and drop it afterwards."""
    if server is None:
        yield None
        return
    name = f"sertakan_compare_{os.getpid()}"
    keeper = await asyncpg.connect(server)
    await keeper.execute(f"DROP DATABASE IF EXISTS {name}")
    await keeper.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        await keeper.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await keeper.close()
