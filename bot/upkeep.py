"""Upkeep: what the commands `migrate` and `stats` do to a database, also beside a running bot."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from bot.settings import Settings
from storage.database import Database, DatabaseError
from storage.stats import Snapshot, snapshot


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
            return await snapshot(tx, datetime.now(UTC))
    finally:
        with suppress(Exception):
            await database.close()
