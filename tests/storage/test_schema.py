"""Migrations: up, down and up again on both databases, and what they make is what the tables say."""

from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from storage import people, schema
from storage.database import Database
from storage.tables import metadata
from storage.transaction import Transaction


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def _indexes(tx: Transaction) -> list[str]:
    """Return every index's definition, its condition included, which Alembic does not compare."""
    query = (
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if tx.connection.dialect.name == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    )
    return sorted((await tx.connection.exec_driver_sql(query)).scalars())


async def test_up_down_up(database: Database, now: datetime) -> None:
    """The schema can be taken back and made again, and then works."""
    assert await database.schema_is_current()
    async with database.write() as tx:
        await tx.connection.run_sync(schema.downgrade)
        assert await tx.connection.run_sync(_tables) == set()
    assert not await database.schema_is_current()
    await database.migrate()
    await database.migrate()
    assert await database.schema_is_current()
    async with database.write() as tx:
        assert await tx.connection.run_sync(_tables) == set(metadata.tables)
        assert (await people.meet(tx, 1, now)).telegram_id == 1


async def test_no_difference(database: Database) -> None:
    """Autogenerate finds nothing that the migrations forgot."""

    def compare(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    async with database.read() as tx:
        assert await tx.connection.run_sync(compare) == []


async def test_same_indexes(database: Database) -> None:
    """The migrations' indexes are the tables' indexes, conditions included."""
    async with database.write() as tx:
        migrated = await _indexes(tx)
        await tx.connection.run_sync(schema.downgrade)
        await tx.connection.run_sync(metadata.create_all)
        assert await _indexes(tx) == migrated


async def test_all_or_nothing(database: Database) -> None:
    """A migration that breaks in the middle leaves the schema as it was."""
    async with database.write() as tx:
        await tx.connection.run_sync(schema.downgrade)
        await tx.connection.exec_driver_sql("CREATE TABLE registrations (something INTEGER)")
    with pytest.raises(Exception, match="already exists"):
        await database.migrate()
    async with database.read() as tx:
        assert await tx.connection.run_sync(_tables) == {"registrations"}
    assert not await database.schema_is_current()
