"""Upkeep: what the commands do to a database, also beside a running bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from bot.settings import Settings
from conversations.rules.areas import Areas
from handlers.handover import mapping
from handlers.office import Clock, Office, utc_now
from storage.database import Database, DatabaseError
from storage.stats import Snapshot, snapshot


async def migrate_once(settings: Settings) -> None:
    """Bring the database to the current schema."""
    database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    try:
        await database.migrate()
    finally:
        await database.close()


@asynccontextmanager
async def opened(settings: Settings, kind: type[Database] = Database) -> AsyncIterator[Database]:
    """Open the database of an installation, also beside its running bot; raises DatabaseError."""
    database = await kind.open(settings.database_url.get_secret_value(), settings.vault())
    try:
        if not await database.schema_is_current():
            raise DatabaseError("The database does not have this version's schema: `sertakan migrate` brings it there.")
        if not await database.keys_fit():
            raise DatabaseError("SERTAKAN_KEYS or SERTAKAN_INDEX_KEY do not fit the stored data.")
        yield database
    finally:
        with suppress(Exception):
            await database.close()


def office(settings: Settings, *, username: str = "", clock: Clock = utc_now) -> Office:
    """Return the office that the settings describe; at the machine, without the bot's name. Raises MappingError."""
    return Office(
        operator=settings.operator,
        contact=settings.operator_contact,
        area=settings.area,
        zone=settings.timezone,
        areas=Areas.load(settings.area),
        username=username,
        escalate_after_days=settings.escalate_after_days,
        messages_a_week=settings.messages_a_week,
        broadcast_alone=settings.broadcast_alone,
        admins=settings.admins,
        clock=clock,
        mapping=mapping.load(settings.handover_template),
    )


async def figures(settings: Settings) -> Snapshot:
    """Return the figures of an installation, without personal data; raises DatabaseError."""
    async with opened(settings) as database, database.read() as tx:
        return await snapshot(tx, datetime.now(UTC))
