"""The database: nothing is lost, nothing is half done, readers cannot write, and mistakes are told in a sentence."""

import asyncio
import contextlib
import sqlite3
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from storage import people
from storage.database import Database, DatabaseError
from storage.tables import people as people_table
from storage.tables import pictures
from storage.vault import Vault


class AbortError(Exception):
    """What a test raises to leave a transaction."""


def sizes(folder: Path) -> dict[str, int]:
    """Return the files of a folder and their bytes."""
    return {file.name: file.stat().st_size for file in folder.iterdir()}


async def test_concurrent_increments(database: Database, now: datetime) -> None:
    """Twenty transactions that read and write the same row at once lose no increment."""

    async def increment() -> None:
        async with database.write() as tx:
            query = select(people_table.c.nik_tries).with_for_update()
            tries = await tx.connection.scalar(query)
            await asyncio.sleep(0)
            await tx.connection.execute(update(people_table).values(nik_tries=(tries or 0) + 1))

    async with database.write() as tx:
        await people.meet(tx, 1, now)
    await asyncio.gather(*(increment() for _ in range(20)))
    async with database.read() as tx:
        assert await tx.connection.scalar(select(people_table.c.nik_tries)) == 20


async def test_rollback(database: Database) -> None:
    """A transaction that raises leaves nothing, and the next one works."""

    async def break_off() -> None:
        async with database.write() as tx:
            await tx.connection.execute(insert(pictures).values(key="a", file_id="1"))
            raise AbortError

    with pytest.raises(AbortError):
        await break_off()
    async with database.write() as tx:
        assert (await tx.connection.execute(select(pictures))).all() == []


async def test_savepoint(database: Database) -> None:
    """What fails inside a savepoint is undone alone; the rest of the transaction is kept."""
    async with database.write() as tx:
        for key in ("a", "b", "a"):
            with contextlib.suppress(IntegrityError):
                async with tx.savepoint():
                    await tx.connection.execute(insert(pictures).values(key=key, file_id=key))
    async with database.read() as tx:
        assert sorted(await tx.connection.scalars(select(pictures.c.key))) == ["a", "b"]


async def test_cancelled_writers(database: Database) -> None:
    """A writer cancelled at any point leaves the way free for the next one."""

    async def write(key: str) -> None:
        async with database.write() as tx:
            await tx.connection.execute(insert(pictures).values(key=key, file_id="x"))
            await tx.connection.execute(select(pictures))

    for steps in range(30):
        task = asyncio.create_task(write(f"cancelled {steps}"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await write("last")
    async with database.read() as tx:
        assert "last" in list(await tx.connection.scalars(select(pictures.c.key)))


async def test_reading_cannot_write(database: Database) -> None:
    """A read transaction refuses to change anything."""
    with pytest.raises(DBAPIError):
        async with database.read() as tx:
            await tx.connection.execute(insert(pictures).values(key="a", file_id="1"))


async def test_reading_sees_one_moment(database: Database) -> None:
    """A read transaction does not see what is committed after its first look."""
    async with database.read() as reading:
        assert (await reading.connection.execute(select(pictures))).all() == []
        async with database.write() as tx:
            await tx.connection.execute(insert(pictures).values(key="a", file_id="1"))
        assert (await reading.connection.execute(select(pictures))).all() == []
    async with database.read() as tx:
        assert len((await tx.connection.execute(select(pictures))).all()) == 1


async def test_errors_hide_values(database: Database) -> None:
    """The exception of a failed statement does not repeat the values."""
    async with database.write() as tx:
        await tx.connection.execute(insert(pictures).values(key="a", file_id="1"))
    with pytest.raises(IntegrityError) as failed:
        async with database.write() as tx:
            await tx.connection.execute(insert(pictures).values(key="a", file_id="Slamet Contoh"))
    assert "Slamet" not in str(failed.value)


async def test_moments(database: Database) -> None:
    """A time comes back as the same instant in UTC, to the microsecond; one without a zone is refused."""
    jakarta = datetime(2026, 11, 20, 15, 4, 5, 678901, tzinfo=timezone(timedelta(hours=7)))
    async with database.write() as tx:
        met = (await people.meet(tx, 1, jakarta)).met_at
        assert met == jakarta
        assert met.tzinfo is UTC
        with pytest.raises(StatementError, match="time zone"):
            await people.meet(tx, 2, datetime(2026, 11, 20))  # noqa: DTZ001 (the point of the test)


async def test_moments_compare(database: Database, now: datetime) -> None:
    """Times compare in the database as they do in Python, across zones and microseconds."""
    async with database.write() as tx:
        await people.meet(tx, 1, now)
        for distance, earlier in ((timedelta(microseconds=1), True), (timedelta(0), False)):
            moment = (now + distance).astimezone(timezone(timedelta(hours=-5)))
            found = await tx.connection.scalar(select(people_table.c.met_at < moment))
            assert bool(found) is earlier


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("no address", "does not read like"),
        ("mysql://localhost/x", "only sqlite and postgresql"),
        ("sqlite://", "must name a file"),
        ("sqlite:////proc/nowhere/x.db", "cannot be written"),
        ("postgresql://somebody:geheim@127.0.0.1:1/none", "cannot be opened"),
    ],
)
async def test_wrong_addresses(url: str, sentence: str, vault: Vault) -> None:
    """A wrong address is a sentence without the password."""
    with pytest.raises(DatabaseError, match=sentence) as refused:
        await Database.open(url, vault)
    assert "geheim" not in str(refused.value)


async def test_not_a_database(tmp_path: Path, vault: Vault) -> None:
    """A file that is something else is refused, not overwritten."""
    (tmp_path / "x.db").write_text("This is a letter, and a long one. " * 40)
    with pytest.raises(DatabaseError, match="not a database"):
        await Database.open(f"sqlite:///{tmp_path / 'x.db'}", vault)
    assert (tmp_path / "x.db").read_text().startswith("This is a letter")


async def test_private_files(tmp_path: Path, vault: Vault) -> None:
    """The folder is made for the owner alone, and so is every file in it."""
    database = await Database.open(f"sqlite:///{tmp_path / 'deep' / 'var' / 'x.db'}", vault)
    await database.migrate()
    folder = tmp_path / "deep" / "var"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    await database.close()


async def test_sqlite_settings(tmp_path: Path, vault: Vault) -> None:
    """The writer is durable and tidy; a reader never checkpoints."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", vault)
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "wal_autocheckpoint": 1000,
    }
    async with database.write() as tx:
        for name, value in expected.items():
            assert (await tx.connection.exec_driver_sql(f"PRAGMA {name}")).scalar() == value
    async with database.read() as tx:
        assert (await tx.connection.exec_driver_sql("PRAGMA wal_autocheckpoint")).scalar() == 0
        assert (await tx.connection.exec_driver_sql("PRAGMA query_only")).scalar() == 1
    await database.close()


async def test_one_process_checkpoints(tmp_path: Path, vault: Vault) -> None:
    """Of two that write to one SQLite file only the first checkpoints; the second may once the first is gone."""
    url = f"sqlite:///{tmp_path / 'x.db'}"

    async def checkpoint_pages(database: Database) -> int:
        async with database.write() as tx:
            return int((await tx.connection.exec_driver_sql("PRAGMA wal_autocheckpoint")).scalar_one())

    first, second = await Database.open(url, vault), await Database.open(url, vault)
    assert await checkpoint_pages(first) == 1000
    assert await checkpoint_pages(second) == 0
    await second.close()
    await first.close()
    third = await Database.open(url, vault)
    assert await checkpoint_pages(third) == 1000
    await third.close()


async def test_closing_empties_the_log(tmp_path: Path, vault: Vault, now: datetime) -> None:
    """After close everything is in the one file, which can be copied."""
    path = tmp_path / "x.db"
    database = await Database.open(f"sqlite:///{path}", vault)
    await database.migrate()
    async with database.write() as tx:
        await people.meet(tx, 7, now)
    await database.close()
    assert not sizes(tmp_path).get("x.db-wal")
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as copy:
        assert copy.execute("SELECT telegram_id FROM people").fetchall() == [(7,)]


async def test_reading_alone_writes_nothing(tmp_path: Path, vault: Vault) -> None:
    """Someone who only reads, as `stats` does beside the running bot, never becomes a writer."""
    database = await Database.open(f"sqlite:///{tmp_path / 'x.db'}", vault)
    assert not await database.schema_is_current()
    await database.close()
    assert sizes(tmp_path) == {"x.db": 0}


async def test_foreign_keys(database: Database) -> None:
    """A history without its registration is refused."""
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await tx.connection.execute(
                text("INSERT INTO history (registration, at, to_state, link) VALUES ('none', :at, 'queued', :link)"),
                {"at": 0 if tx.connection.dialect.name == "sqlite" else datetime.now(UTC), "link": b""},
            )


@pytest.mark.parametrize("brief", [False, True])
async def test_a_write_that_is_broken_off_holds_up_nobody(database: Database, now: datetime, *, brief: bool) -> None:
    """Cancelled at any moment, also while it begins or ends, a transaction is undone or done, and the next one begins."""

    async def broken_off(person: int) -> None:
        async with database.write(brief=brief) as tx:
            await people.meet(tx, person, now)
            async with tx.savepoint():
                await people.meet(tx, -person, now)

    for turns in range(1, 120):
        task = asyncio.create_task(broken_off(turns))
        for _turn in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(30), database.write() as tx:
            met = select(people_table.c.telegram_id).where(people_table.c.telegram_id.in_([turns, -turns]))
            assert len((await tx.connection.execute(met)).all()) in {0, 2}
