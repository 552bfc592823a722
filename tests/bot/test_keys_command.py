"""`sertakan keys`: every step as an operator takes it, with processes of its own and the real `.env`."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from canaries import leaks
from test_command_line import Ran, sertakan

from bot import keyring
from bot.settings import load
from storage import registrations
from storage.database import Database
from storage.registrations import Application
from storage.vault import fresh_keys

NIK = "3319022505909001"
ENV = """\
# A comment that stays.
SERTAKAN_TOKEN=123456789:AAbbCCddEEffGGhhIIjjKKllMM
SERTAKAN_OPERATOR='Dinas Contoh'   # and this one
SERTAKAN_OPERATOR_CONTACT=Jl.Contoh
SERTAKAN_AREA=33.19

SERTAKAN_KEYS={keys}
SERTAKAN_INDEX_KEY={index_key}
SERTAKAN_DATABASE_URL={url}
"""


@pytest.fixture
async def folder(tmp_path: Path, database_url: str) -> Path:
    """An installation with one registration, whose database has keys of its own."""
    keys, index_key = fresh_keys()
    url = database_url.replace("sertakan.db", "own.db")
    (tmp_path / ".env").write_text(ENV.format(keys=keys, index_key=index_key, url=url))
    (tmp_path / ".env").chmod(0o640)
    database = await opened(tmp_path)
    async with database.write() as tx:
        form = Application(1, 1, "33.19.02.2003", "ojek", True, "basic", "self", None, "id", {"nik": NIK}, NIK, None)
        await registrations.submit(tx, form, datetime.now(UTC))
    await database.close()
    return tmp_path


async def opened(folder: Path) -> Database:
    """Open the installation's database as a process does that starts now."""
    settings = load(folder / ".env")
    database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    await database.migrate()
    return database


def keys_in(folder: Path) -> list[str]:
    """Return every key in the file."""
    return re.findall(r"[A-Za-z0-9+/]{43}=", (folder / ".env").read_text())


async def step(folder: Path, *arguments: str, code: int = 0) -> Ran:
    """Take a step, and make sure that no key was told, neither an old nor a new one."""
    before = keys_in(folder)
    ran = await sertakan(folder, "keys", *arguments)
    assert ran.code == code, ran
    assert "Traceback" not in ran.err
    assert leaks({*before, *keys_in(folder)}, [ran.out.encode(), ran.err.encode()]) == []
    return ran


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_from_one_key_to_another(folder: Path) -> None:
    """Add, rotate and drop, for both kinds: the old keys are gone from .env, which is otherwise as it was, and all is found."""
    before, text = keys_in(folder), (folder / ".env").read_text()
    for which in ("data", "index"):
        await step(folder, "rotate", which, code=1)  # there is one key only
        await step(folder, "add", which)
        await step(folder, "drop", which, "1", "--yes", code=1)  # it is the first
        rotated = await step(folder, "rotate", which)
        assert f"Nothing is left under an older key: `sertakan keys drop {which} OLD`" in rotated.out
        await step(folder, "drop", which, "1", "--yes")
    after = (folder / ".env").read_text()
    assert not {*before} & {*keys_in(folder)}
    assert re.sub(r"_KEY(S?)=.*", "", after) == re.sub(r"_KEY(S?)=.*", "", text)
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o640
    assert not (folder / ".env.new").exists()
    counted = await step(folder, "status")
    assert "data key 2 writes: 1 values\n  registrations.document: 1\n" in counted.out
    assert "index key 2 writes: 2 values\n" in counted.out
    assert (await sertakan(folder, "audit", "verify")).code == 0
    database = await opened(folder)
    async with database.read() as tx:
        assert await registrations.own_open(tx, 1, NIK) is not None
    await database.close()


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_process_that_does_not_know_the_key_is_restarted_first(folder: Path) -> None:
    """Nothing is written with a key before every process at work knows it, nor dropped while one writes with it."""

    async def nobody(_tx: object) -> None: ...

    old = await opened(folder)
    await step(folder, "add", "data")
    async with old.at_work({"answering": nobody}):
        refused = await step(folder, "rotate", "data", code=1)
        assert "1 of 1 processes at work do not know key 2 yet" in refused.err
        counted = await step(folder, "status")
        assert "data key 1 writes: 1 values" in counted.out
    await old.close()
    knowing = await opened(folder)
    async with knowing.at_work({"answering": nobody}):
        behind = await step(folder, "rotate", "data")
        assert "1 processes at work still write with an older key: restart them, then run this once more." in behind.out
        refused = await step(folder, "drop", "data", "1", "--yes", code=1)
        assert "1 processes at work still write with key 1" in refused.err
    await knowing.close()
    await step(folder, "rotate", "data")
    await step(folder, "drop", "data", "1", "--yes")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_keys_from_the_environment_are_not_changed(folder: Path) -> None:
    """Where the keys are no part of .env, it is said so, and nothing changes."""
    text = (folder / ".env").read_text()
    settings = load(folder / ".env")
    ran = await sertakan(folder, "keys", "add", "data", keys=settings.keys.get_secret_value())
    assert ran.code == 1
    assert "SERTAKAN_KEYS comes from the environment: put it into .env" in ran.err
    assert (folder / ".env").read_text() == text


def test_ids_grow() -> None:
    """The newest key is the one with the largest number; those that an operator named are older."""
    assert sorted(["10", "9", "old", "2"], key=keyring._age) == ["old", "2", "9", "10"]
