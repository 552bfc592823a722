"""An SQLite file that somebody else holds, or that may not be written: a sentence for the operator, and nothing lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest
from outages import until, watched
from sqlalchemy.exc import DBAPIError

from bot.sandbox.client import Sandbox
from bot.watching.logs import where
from storage.database import Database, DatabaseError
from storage.trouble import remedy
from storage.vault import Vault


async def test_held_by_another_program(tmp_path: Path) -> None:
    """While somebody else holds the write lock nothing is acknowledged, it goes on living, and all is answered after it."""
    file = tmp_path / "sertakan.db"
    async with Sandbox.start(limits=None) as sandbox, watched(sandbox, f"sqlite:///{file}", tmp_path) as (bot, process):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await ani.says("/bahasa")
            await until(bot.is_not_ready)
            assert len(sandbox.world.updates) == 1
            assert (await bot.page("/livez"))[0] == HTTPStatus.OK
        await ani.hears("bahasa apa", within=30)
        await until(bot.is_ready)
        assert await process.stops() == 0


def _full(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "a.db")) as file:
        file.execute("PRAGMA max_page_count=2")
        file.execute("CREATE TABLE a (b)")
        file.execute("INSERT INTO a VALUES (zeroblob(100000))")


def _busy(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "a.db")) as one, closing(sqlite3.connect(folder / "a.db", timeout=0)) as two:
        one.execute("BEGIN IMMEDIATE")
        two.execute("BEGIN IMMEDIATE")


def _read_only(folder: Path) -> None:
    sqlite3.connect(folder / "a.db").close()
    (folder / "a.db").touch()
    with closing(sqlite3.connect(f"file:{folder / 'a.db'}?mode=ro", uri=True)) as file:
        file.execute("CREATE TABLE a (b)")


def _gone(folder: Path) -> None:
    sqlite3.connect(folder / "nowhere" / "a.db").close()


def _no_database(folder: Path) -> None:
    (folder / "a.db").write_bytes(b"words" * 1000)
    with closing(sqlite3.connect(folder / "a.db")) as file:
        file.execute("CREATE TABLE a (b)")


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (_full, "the disk is full: make room"),
        (_busy, "another program holds the database"),
        (_read_only, "the database may not be written: give file and folder"),
        (_gone, "cannot be opened: look at its owner"),
        (_no_database, "damaged or sealed: stop the bot and restore"),
    ],
)
def test_what_to_do(tmp_path: Path, trouble: Callable[[Path], None], sentence: str) -> None:
    """Whatever SQLite says of it, an operator reads what is wrong and what to do."""
    with pytest.raises(sqlite3.Error) as raised:
        trouble(tmp_path)
    assert sentence in (remedy(DBAPIError("", None, raised.value)) or "")
    assert sentence in where(DBAPIError("", None, raised.value))


def test_what_is_nobodys_trouble() -> None:
    """A mistake in the program, or a Bot API that is away, is not taken for trouble with the database."""
    mistake = sqlite3.IntegrityError("UNIQUE constraint failed")
    assert [remedy(error) for error in (DBAPIError("", None, mistake), ValueError(), ConnectionRefusedError())] == [
        None
    ] * 3


async def test_a_place_that_cannot_be_written(tmp_path: Path, vault: Vault) -> None:
    """What is no file, or stands where nothing can be written, ends the start with a sentence that names it."""
    for path in (tmp_path, Path("/proc/sertakan.db")):
        with pytest.raises(DatabaseError, match=f"{path} cannot be written"):
            await Database.open(f"sqlite:///{path}", vault)
