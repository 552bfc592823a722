"""`sertakan backup`, `restore` and `copy` as an operator uses them: beside a bot, killed in the middle, and with mistakes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import asyncpg
import pytest
from applicants import applicants
from bot_process import INDEX_KEY, KEY, settings, started, vault
from canaries import files, leaks
from hurried import hurried, stopped
from test_command_line import sertakan

from bot.__main__ import main
from bot.sandbox.client import Sandbox
from bot.seeds.crowd import gather
from storage import backups, copying, registrations
from storage.backups.sealing import unseal
from storage.backups.workroom import NAME
from storage.copying import Sum
from storage.database import Database

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
GIVEN = {
    "token": "123456789:AAbbCCddEEffGGhhIIjjKKllMM",
    "keys": "1:" + b64encode(KEY).decode(),
    "index_key": b64encode(INDEX_KEY).decode(),
    "operator": "Dinas",
    "operator_contact": "Jl. Contoh",
    "area": "33.19",
}
SECRETS = ("geheim-1234", GIVEN["keys"], GIVEN["index_key"])
Given = dict[str, str]
Moment = Callable[[], Awaitable[bool]]
GUARD = 120.0  # seconds, far beyond the usual


@asynccontextmanager
async def installation(url: str) -> AsyncIterator[Database]:
    """Open a database, which is given the present schema."""
    database = await Database.open(url, vault())
    await database.migrate()
    try:
        yield database
    finally:
        await database.close()


async def furnished(url: str) -> dict[str, Sum]:
    """Put a crowd into a database and return its sums."""
    async with installation(url) as database:
        async with database.write() as tx:
            await gather(tx, NOW, NOW.date())
        return await sums(database)


async def sums(database: Database) -> dict[str, Sum]:
    """Return the sums of what is in a database."""
    async with database.read() as tx:
        return await copying.sums(tx)


# Beside a running bot


async def test_beside_a_bot_on_which_many_register(database_url: str, tmp_path: Path) -> None:
    """Backups made under load hold up nobody; restored, the last one is a moment of that time in which all adds up."""
    made = 0
    async with Sandbox.start(limits=None) as sandbox, asyncio.timeout(GUARD):
        given = GIVEN | {"token": sandbox.token, "database_url": database_url}
        async with hurried(settings(sandbox, database_url), tmp_path) as process:
            workers = applicants(sandbox, 12)
            registering = asyncio.gather(*(worker.registers() for worker in workers))
            while not registering.done():
                ran = await sertakan(tmp_path, "backup", "--to", "kept", **given)
                assert (ran.code, ran.err) == (0, "")
                made += 1
            await registering
            assert await stopped(process) == 0
    async with installation(database_url) as database, database.read() as tx:
        assert (await registrations.counts(tx))["queued"] == len(workers)
    newest = backups.found(tmp_path / "kept")[-1][1].name
    other = GIVEN | {"database_url": f"sqlite:///{tmp_path / 'other.db'}"}
    restored = await sertakan(tmp_path, "restore", f"kept/{newest}", **other)
    assert (restored.code, restored.err) == (0, "")
    checked = await sertakan(tmp_path, "audit", "verify", **other)
    assert (checked.code, made > 0) == (0, True), checked.out
    assert "nothing wrong" in checked.out


# Killed


def bytes_in(*folders: Path) -> int:
    """Count the bytes of all files, of which any may go at any moment."""
    total = 0
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                total += path.stat().st_size
            except FileNotFoundError:
                continue
    return total


def work(folder: Path, environment: dict[str, str], command: tuple[str, ...]) -> None:
    """Run a command in a fork of a process that has imported everything; what it writes is added to a file there."""
    os.chdir(folder)
    said = os.open("said.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    os.environ.update(environment)
    main(command)


async def killed(folder: Path, moment: Moment, *command: str, **given: str) -> None:
    """Kill a command at a moment, unless it has done its work before."""
    ended = await signalled(signal.SIGKILL, folder, moment, *command, **given)
    assert ended in {0, -signal.SIGKILL}, (folder / "said.log").read_text()


async def signalled(number: signal.Signals, folder: Path, moment: Moment, *command: str, **given: str) -> int | None:
    """Send a signal to a command at a moment, unless it has ended before, and return its exit code."""
    context = get_context("forkserver")
    context.set_forkserver_preload(
        ["bot.__main__", "bot.upkeep", "storage.backups.restoring", "storage.backups.making"]
    )
    environment = {f"SERTAKAN_{name.upper()}": value for name, value in given.items()}
    process = context.Process(target=work, args=(folder, environment, command))
    await asyncio.to_thread(process.start)
    async with asyncio.timeout(GUARD):
        while process.is_alive() and not await moment():  # noqa: ASYNC110  # files ring no bell
            await asyncio.sleep(0.001)
    if process.is_alive() and process.pid is not None:
        os.kill(process.pid, number)
    await asyncio.to_thread(process.join)
    return process.exitcode


def after(grown: int, folder: Path) -> Moment:
    """Return whether so many bytes have been written in a folder."""
    before = bytes_in(folder)

    async def is_there() -> bool:
        return bytes_in(folder) - before >= grown

    return is_there


def at_work(target: str, looks: int) -> Moment:
    """Return whether somebody has been seen so often in the middle of a transaction on PostgreSQL."""
    seen = 0

    async def is_there() -> bool:
        nonlocal seen
        server = await asyncpg.connect(target)
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        seen += await server.fetchval(
            f"SELECT count(*) FROM pg_stat_activity WHERE {others} AND xact_start IS NOT NULL"  # noqa: S608  # all ours
        )
        await server.close()
        return seen >= looks

    return is_there


async def never_half(url: str, before: dict[str, Sum], folder: Path, command: tuple[str, ...], given: Given) -> None:
    """Kill a command that fills a database at several moments; it is empty each time, or full, and full in the end."""
    sizes = (1, 300_000, 650_000, 700_000, 1_200_000)
    moments = (
        [after(size, folder) for size in sizes]
        if url.startswith("sqlite")
        else [at_work(url, n) for n in range(1, 30, 6)]
    )
    for moment in moments:
        await killed(folder, moment, *command, **given)
        if await found(url) is not None:
            break
    else:
        ran = await sertakan(folder, *command, **given)
        assert (ran.code, ran.err) == (0, "")
    assert await found(url) == before


async def found(url: str) -> dict[str, Sum] | None:
    """Return the sums of a database, None of an empty one."""
    async with installation(url) as database:
        async with database.read() as tx:
            if await copying.is_empty(tx):
                return None
        return await sums(database)


async def test_a_backup_killed_anywhere(database_url: str, tmp_path: Path) -> None:
    """Killed at any point, a backup is there as a whole or not at all; the next one clears up, and the data are as before."""
    given = GIVEN | {"database_url": database_url}
    before = await furnished(database_url)
    folder = tmp_path / "kept"
    folder.mkdir()
    for size in (1, 300_000, 700_000, 900_000, 1_500_000):
        await killed(tmp_path, after(size, folder), "backup", "--to", "kept", **given)
    for _made_at, path in backups.found(folder):
        with path.open("rb") as file:
            _header, parts = unseal(file, vault())
            assert b"".join(parts).startswith(b"SQLite format 3")
    ran = await sertakan(tmp_path, "backup", "--to", "kept", **given)
    assert ran.code == 0, ran.err
    assert list((folder / NAME).iterdir()) == []
    assert {path.name for path in folder.iterdir()} == {NAME, *(path.name for _at, path in backups.found(folder))}
    assert await found(database_url) == before


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_backup_that_is_stopped_clears_up(database_url: str, tmp_path: Path) -> None:
    """After SIGTERM, as when the bot is stopped meanwhile, nothing is left behind, not even until the next one."""
    await furnished(database_url)
    given = GIVEN | {"database_url": database_url}
    folder = tmp_path / "kept"
    folder.mkdir()
    for size in (1, 300_000, 700_000):
        code = await signalled(signal.SIGTERM, tmp_path, after(size, folder), "backup", "--to", "kept", **given)
        assert code == 1, (tmp_path / "said.log").read_text()
        assert backups.found(folder) == []
        assert list((folder / NAME).iterdir()) == []


async def test_a_restore_killed_anywhere(database_url: str, tmp_path: Path) -> None:
    """Killed at any point, a restore has left nothing in the database or everything, and can be made again."""
    source = f"sqlite:///{tmp_path / 'source.db'}"
    before = await furnished(source)
    assert (await sertakan(tmp_path, "backup", "--to", "kept", **GIVEN | {"database_url": source})).code == 0
    command = ("restore", str(backups.found(tmp_path / "kept")[-1][1]), "--resend")
    given = GIVEN | {"database_url": database_url, "backup_dir": "kept"}
    await never_half(database_url, before, tmp_path, command, given)
    assert (await sertakan(tmp_path, "backup", **given)).code == 0
    assert list((tmp_path / "kept" / NAME).iterdir()) == []


async def test_a_copy_killed_anywhere(database_url: str, tmp_path: Path) -> None:
    """Killed at any point, a copy leaves its source as it was and its target empty or whole, and can be made again."""
    source = f"sqlite:///{tmp_path / 'source' / 'source.db'}"
    before = await furnished(source)
    await never_half(
        database_url, before, tmp_path, ("copy",), GIVEN | {"database_url": source, "copy_to": database_url}
    )
    assert await found(source) == before


# Mistakes


async def test_a_copy_tells_what_it_verified(database_url: str, tmp_path: Path) -> None:
    """Each table that has rows is listed as verified, and the audit finds in the new database what was in the old."""
    source = f"sqlite:///{tmp_path / 'source.db'}"
    before = await furnished(source)
    ran = await sertakan(tmp_path, "copy", typed=database_url, **GIVEN | {"database_url": source})
    assert (ran.code, ran.err) == (0, "")
    told = [line.split()[-3:] for line in ran.out.splitlines() if line.endswith(" verified")]
    assert {name: int(rows.replace(",", "")) for name, rows, _word in told} == {
        name: one.rows for name, one in before.items() if one.rows
    }
    checked = await sertakan(tmp_path, "audit", "verify", **GIVEN | {"database_url": database_url})
    assert (checked.code, checked.err) == (0, "")


async def test_what_does_not_fit_is_a_sentence(tmp_path: Path) -> None:
    """Each mistake ends with one sentence that says what to do, without a traceback, a password or a key."""
    (tmp_path / "garbage").write_bytes(b"sertakan backup 1\n" + bytes(100))
    (tmp_path / "none").write_text("")
    url, elsewhere = (f"sqlite:///{tmp_path / name}" for name in ("data.db", "new.db"))
    await furnished(url)
    given, new = GIVEN | {"database_url": url}, GIVEN | {"database_url": elsewhere}
    assert (await sertakan(tmp_path, "backup", "--to", "kept", **given)).code == 0
    good = str(backups.found(tmp_path / "kept")[-1][1])
    other = "2:" + b64encode(bytes(32)).decode()
    mistakes = [
        (("backup",), given, "Say where: `sertakan backup --to FOLDER`, or set SERTAKAN_BACKUP_DIR."),
        (("backup", "--to", "/proc/nowhere"), given, "/proc/nowhere cannot be written"),
        (("backup", "--to", "kept"), new, "`sertakan migrate` brings it there."),
        (("restore", good), given, "is not empty, and nothing in it was touched"),
        (("restore", "garbage"), new, "The backup is damaged"),
        (("restore", "none"), new, "This is no backup of Sertakan"),
        (("restore", good), new | {"keys": other}, "use the .env that was in force then"),
        (("copy",), given | {"copy_to": url}, "is not empty, and nothing in it was touched"),
        (("copy",), given | {"copy_to": "postgresql://somebody:geheim-1234@127.0.0.1:9/none"}, "cannot be opened"),
        (("copy",), given | {"copy_to": "geheim-1234"}, "does not read like"),
    ]
    for command, settings_, sentence in mistakes:
        ran = await sertakan(tmp_path, *command, **settings_)
        assert (ran.code, ran.out) == (1, ""), command
        assert ran.err.startswith("Error: ")
        assert sentence in ran.err, ran.err
        assert len(ran.err.splitlines()) == 1
        assert leaks(SECRETS, [ran.err.encode()]) == []


async def test_not_from_under_a_running_bot(database_url: str, tmp_path: Path) -> None:
    """While the bot runs, nothing is copied away; once it is stopped, it is."""
    async with Sandbox.start(limits=None) as sandbox:
        given = GIVEN | {"token": sandbox.token, "database_url": database_url}
        given |= {"copy_to": f"sqlite:///{tmp_path / 'copied' / 'copy.db'}"}
        async with started(settings(sandbox, database_url), tmp_path) as bot:
            await bot.ready()
            ran = await sertakan(tmp_path, "copy", **given)
            assert (ran.code, ran.out) == (1, "")
            assert ran.err == "Error: A bot is at work on this database: stop it first (systemctl stop sertakan).\n"
            assert await bot.stops() == 0
        assert (await sertakan(tmp_path, "copy", **given)).code == 0


async def test_nothing_readable_is_in_a_backup(tmp_path: Path) -> None:
    """No number of a registration, code of a programme or area, or bit of SQLite's form can be found in the file."""
    url = f"sqlite:///{tmp_path / 'data' / 'data.db'}"
    await furnished(url)
    assert (await sertakan(tmp_path, "backup", "--to", "kept", **GIVEN | {"database_url": url})).code == 0
    async with installation(url) as database, database.read() as tx:
        numbers = [one.number for one in await registrations.of_person(tx, 0)]
    canaries = [*numbers, "keluarga-contoh", "33.10.01", "SQLite format 3", "alembic_version"]
    assert leaks(canaries, files(tmp_path / "data")) != []
    assert leaks(canaries, files(tmp_path / "kept")) == []
