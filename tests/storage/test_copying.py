"""Copies: whatever is in one database is in the other afterwards, to the last bit, or nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from everything import EACH, fill, held, next_ids
from sqlalchemy import delete, func, insert, select, text

from storage import copying
from storage.copying import CopyError
from storage.database import Database, DatabaseError
from storage.tables import metadata, outbox, people, pictures, recipients
from storage.vault import Vault


@pytest.fixture
async def file(tmp_path: Path, vault: Vault) -> AsyncIterator[Database]:
    """Open an SQLite file that is new."""
    opened = await Database.open(f"sqlite:///{tmp_path / 'other' / 'copy.db'}", vault)
    yield opened
    await opened.close()


async def copied(source: Database, target: Database) -> dict[str, copying.Sum]:
    """Copy as the command does."""
    await copying.prepare(target)
    async with source.alone() as rows, target.alone() as tx:
        return await copying.copy(rows, tx)


async def test_every_row_of_every_table_there_and_back(database: Database, file: Database) -> None:
    """Through either kind of database and back, the program reads the same in every table that there is."""
    async with database.write() as tx:
        await fill(tx)
        before = await held(tx)
    sums = await copied(database, file)
    async with file.read() as tx:
        assert await held(tx) == before
    async with database.write() as tx:  # empty again, so that there is a way back
        await tx.connection.run_sync(metadata.drop_all)
        await tx.connection.run_sync(metadata.create_all)
    assert await copied(file, database) == sums
    async with database.read() as tx:
        assert await held(tx) == before
        assert await copying.sums(tx) == sums
    assert {name: one.rows >= EACH for name, one in sums.items()} == dict.fromkeys(metadata.tables, True)


async def test_ids_go_on(database: Database, file: Database) -> None:
    """What comes after the copy gets ids that nothing ever had, also where the newest rows are gone."""
    async with database.write() as tx:
        await fill(tx)
        newest = await next_ids(tx)
        for table in (outbox, recipients):
            await tx.connection.execute(delete(table).where(table.c.id == newest[table.name]))
    await copied(database, file)
    async with file.write() as tx:
        assert await next_ids(tx) == {name: number + 1 for name, number in newest.items()}


async def test_two_sides_are_told_apart(database: Database) -> None:
    """One bit in one row makes another sum; the order of the rows does not."""
    async with database.write() as tx:
        await fill(tx)
        before = await copying.sums(tx)
        await tx.connection.execute(people.update().where(people.c.name.is_not(None)).values(name=b"\x01"))
        after = await copying.sums(tx)
    assert [name for name in before if before[name] != after[name]] == ["people"]
    rows = [(1, "a"), (2, None)]
    one, other = copying.Sum(), copying.Sum()
    one.add(rows)
    other.add(rows[::-1])
    assert one == other


async def test_only_into_what_is_empty(database: Database, file: Database) -> None:
    """A target that holds a single row is refused with a sentence, and stays as it is."""
    async with database.write() as tx:
        await fill(tx)
    await file.migrate()
    async with file.write() as tx:
        await tx.connection.execute(insert(pictures).values(key="a", file_id="1"))
    for source, target in ((database, file), (file, database)):
        async with target.read() as tx:
            before = await held(tx)
        with pytest.raises(CopyError, match="is not empty, and nothing in it was touched"):
            await copied(source, target)
        async with target.read() as tx:
            assert await held(tx) == before


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_target_that_changes_rows_is_found_out(database: Database, file: Database) -> None:
    """Where the target does not hold what it was given, the copy is refused and nothing of it is kept."""
    async with database.write() as tx:
        await fill(tx)
    await file.migrate()
    async with file.write() as tx:
        spoil = (
            "CREATE TRIGGER spoil AFTER INSERT ON roles BEGIN UPDATE roles SET role = 'admin' WHERE id = NEW.id; END"
        )
        await tx.connection.execute(text(spoil))
    with pytest.raises(CopyError, match="copy of the table roles differs"):
        await copied(database, file)
    async with file.read() as tx:
        assert await copying.is_empty(tx)
        assert await tx.connection.scalar(select(func.count()).select_from(metadata.tables["proofs"])) == 2


@pytest.mark.parametrize("kind", ["postgres"])
async def test_what_the_target_cannot_hold_is_refused_without_a_value(database: Database, file: Database) -> None:
    """A row that PostgreSQL cannot hold ends the copy with the table's name, nothing of the row, and nothing kept."""
    await file.migrate()
    async with file.write() as tx:
        await tx.connection.execute(
            insert(pictures), [{"key": "a", "file_id": "Kenari"}, {"key": "b", "file_id": "Ungu\0"}]
        )
    with pytest.raises(CopyError, match="table pictures cannot be copied") as refused:
        await copied(file, database)
    assert "Ungu" not in str(refused.value)
    assert refused.value.__suppress_context__
    async with database.read() as tx:
        assert await copying.is_empty(tx)


async def test_not_while_a_bot_is_at_work(database: Database, database_url: str, vault: Vault) -> None:
    """Beside a bot there is no transaction alone; while there is one, no bot begins to work."""

    async def nothing(_tx: object) -> None: ...

    other = await Database.open(database_url, vault)
    async with other.at_work({"answering": nothing}):
        with pytest.raises(DatabaseError, match="A bot is at work on this database: stop it first"):
            async with database.alone():
                pass
    await other.close()
    other = await Database.open(database_url, vault)
    begun = asyncio.Event()

    async def work() -> None:
        async with other.at_work({"answering": nothing}):
            begun.set()

    async with database.alone() as tx:
        bot = asyncio.create_task(work())
        for _ in range(50):
            await tx.connection.execute(select(1))
        assert not begun.is_set()
    async with asyncio.timeout(30):
        await bot
    await other.close()
