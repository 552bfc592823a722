"""SQLite's connection: a statement is the same in its thread and in the event loop, and holds up nobody for long."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.database import Database
from storage.sqlite_connection import AHEAD, SqliteConnection
from storage.tables import people, pictures
from storage.vault import Vault

MANY = 3 * AHEAD + 7


@pytest.fixture
async def sqlite(sqlite_template: Path, tmp_path: Path, vault: Vault) -> AsyncIterator[Database]:
    """Open an empty, migrated file."""
    path = tmp_path / "sertakan.db"
    shutil.copy(sqlite_template, path)
    opened = await Database.open(f"sqlite:///{path}", vault)
    yield opened
    await opened.close()


def rows(count: int) -> list[dict[str, Any]]:
    """Return so many pictures."""
    return [{"key": f"{number:06}", "file_id": "x"} for number in range(count)]


@pytest.mark.parametrize("brief", [False, True])
async def test_statements(sqlite: Database, *, brief: bool) -> None:
    """What a statement returns, how many rows it changed, and which ids it gave come as from sqlite3 itself."""
    async with sqlite.write(brief=brief) as tx:
        await tx.connection.execute(insert(pictures), rows(MANY))
        assert await tx.connection.scalar(select(func.count()).select_from(pictures)) == MANY
        assert len((await tx.connection.execute(select(pictures))).all()) == MANY
        changed = await tx.connection.execute(update(pictures).where(pictures.c.key < "000010").values(file_id="y"))
        assert changed.rowcount == 10
        gone = await tx.connection.execute(delete(pictures).where(pictures.c.key < "000003").returning(pictures.c.key))
        assert sorted(gone.scalars().all()) == ["000000", "000001", "000002"]
        assert (await tx.connection.execute(select(pictures).where(pictures.c.key == "none"))).all() == []
        await tx.connection.execute(text("CREATE TABLE numbered (id INTEGER PRIMARY KEY, word TEXT)"))
        given = await tx.connection.execute(text("INSERT INTO numbered (word) VALUES ('a')"))
        assert given.lastrowid == 1


@pytest.mark.parametrize("brief", [False, True])
async def test_many_rows_come_in_parts(sqlite: Database, *, brief: bool) -> None:
    """A stream gives every row once, in order, and other statements may be made between them."""
    async with sqlite.write(brief=brief) as tx:
        await tx.connection.execute(insert(pictures), rows(MANY))
        seen = []
        query = select(pictures.c.key).order_by(pictures.c.key).execution_options(yield_per=100)
        async with tx.connection.stream(query) as result:
            async for row in result:
                seen.append(row.key)
                if len(seen) == AHEAD + 1:
                    await tx.connection.execute(insert(pictures).values(key="-", file_id="x"))
        assert seen == [row["key"] for row in rows(MANY)]
        async with tx.connection.stream(query) as result:
            assert (await anext(aiter(result))).key == "-"  # the rest is never asked for


@pytest.mark.parametrize("brief", [False, True])
async def test_errors(sqlite: Database, *, brief: bool) -> None:
    """A refused statement is the same error, without the values, and the transaction goes on."""
    async with sqlite.write(brief=brief) as tx:
        await tx.connection.execute(insert(pictures).values(key="a", file_id="x"))
        with pytest.raises(IntegrityError) as refused:
            await tx.connection.execute(
                insert(pictures), [{"key": "b", "file_id": "x"}, {"key": "a", "file_id": "Ani"}]
            )
        assert "Ani" not in str(refused.value)
        with pytest.raises(OperationalError):
            await tx.connection.execute(text("SELECT nothing FROM nowhere"))
        await tx.connection.execute(insert(pictures).values(key="c", file_id="x"))
    async with sqlite.read() as tx:
        assert {"a", "c"} <= set(await tx.connection.scalars(select(pictures.c.key)))


async def test_what_is_not_brief_leaves_the_loop_free(sqlite: Database) -> None:
    """While a long statement runs, everything else goes on; the one after a brief transaction is not brief any more."""
    async with sqlite.write(brief=True) as tx:
        await tx.connection.execute(insert(people).values(telegram_id=1, met_at=func.unixepoch(), nik_tries=0))
    slow = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"
    )
    async with sqlite.write() as tx:
        counting = asyncio.create_task(tx.connection.scalar(slow))
        turns = 0
        while not counting.done():
            turns += 1
            await asyncio.sleep(0)
        assert await counting == 300_000
        assert turns > 10


async def test_a_closed_connection(tmp_path: Path) -> None:
    """Closed, it answers with an error and leaves no thread behind."""
    connection = await SqliteConnection.opened(str(tmp_path / "x.db"))
    await connection.close()
    with pytest.raises(ValueError, match="closed"):
        await connection.cursor().execute("SELECT 1")
    connection._thread.join(60)
    assert not connection._thread.is_alive()
