"""The promise: it starts or says why not, and a stop leaves nothing half done."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from applicants import applicants
from bot_process import INDEX_KEY, KEY, settings, started, vault
from hurried import hurried, stopped
from sqlalchemy import select

from bot import demo
from bot.app import running
from bot.sandbox.client import Sandbox
from bot.sandbox.faults import EVERY, SENDS, Fault
from bot.sending.pace import UNLIMITED
from storage import inbox, registrations
from storage.database import Database, Transaction
from storage.states import State
from storage.tables import outbox

PEOPLE = 15


def url(folder: Path) -> str:
    """Return the database's address in a folder."""
    return f"sqlite:///{folder / 'sertakan.db'}"


async def calls(sandbox: Sandbox, count: int) -> None:
    """Wait until the bot has made so many calls more."""
    end = len(sandbox.calls) + count
    while len(sandbox.calls) < end:
        await sandbox.api.bell.rung()


@asynccontextmanager
async def stored(folder: Path) -> AsyncIterator[Transaction]:
    """Read what a process has left."""
    database = await Database.open(url(folder), vault())
    try:
        async with database.read() as tx:
            yield tx
    finally:
        await database.close()


async def states(folder: Path) -> set[str]:
    """Return the states of all letters, and check that every update is done or waits."""
    async with stored(folder) as tx:
        assert (await inbox.depth(tx, datetime.now(UTC))).dead == 0
        return set((await tx.connection.execute(select(outbox.c.state))).scalars())


async def test_stopped_under_load(tmp_path: Path) -> None:
    """SIGTERM in the middle of much work ends cleanly each time, and those who register notice nothing."""
    async with Sandbox.start(limits=None) as sandbox:
        workers = applicants(sandbox, PEOPLE)
        registering = asyncio.gather(*(worker.registers() for worker in workers))
        for _stop in range(4):
            async with hurried(settings(sandbox, url(tmp_path)), tmp_path) as process:
                await calls(sandbox, 60)
                assert await stopped(process) == 0
            assert await states(tmp_path) <= {"sent", "waiting", "withdrawn"}
        assert not registering.done()
        async with hurried(settings(sandbox, url(tmp_path)), tmp_path) as process:
            await registering
            assert await stopped(process) == 0
        async with stored(tmp_path) as tx:
            counts = await registrations.counts(tx)
        assert (counts[State.QUEUED], sum(counts.values())) == (PEOPLE, PEOPLE)


async def test_stopped_in_a_halt(tmp_path: Path) -> None:
    """Letters that wait for the end of a long halt do not hold a stop up; they wait in the outbox."""
    async with Sandbox.start(limits=None) as sandbox:
        crowd = [sandbox.person(f"Orang {number}") for number in range(PEOPLE)]
        async with hurried(settings(sandbox, url(tmp_path)), tmp_path) as process:
            sandbox.faults.fail_next(SENDS, 1, Fault.TOO_MANY, retry_after=3_600)
            for person in crowd:
                await person.start()
            while not any(call.status == 429 for call in sandbox.calls):
                await sandbox.api.bell.rung()
            assert await stopped(process) == 0
        assert "sending" not in await states(tmp_path)


async def test_a_call_without_end(tmp_path: Path) -> None:
    """A call that never comes back is broken off when the time to finish is over, and its letter waits again."""
    async with Sandbox.start(limits=None) as sandbox:
        ani, admin = sandbox.person("Ani"), sandbox.person("Admin")
        wanted = demo.settings(sandbox, tmp_path, admin)
        async with running(wanted, pace=UNLIMITED, drain=0.2):
            sandbox.faults.fail_next(SENDS, 1, Fault.TIMEOUT)
            await ani.start()
            while sandbox.faults.left:
                await sandbox.faults.bell.rung()
        with closing(sqlite3.connect(tmp_path / "demo.db")) as file:
            assert file.execute("SELECT DISTINCT state FROM outbox").fetchall() == [("waiting",)]
        async with running(wanted, pace=UNLIMITED):
            await ani.hears("Bolehkah")


async def test_the_command(tmp_path: Path) -> None:
    """`run` says when it is ready; a second Ctrl-C is harmless, and the exit code is 0."""
    async with Sandbox.start() as sandbox, started(settings(sandbox, url(tmp_path)), tmp_path) as process:
        await process.ready()
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        process.signals(signal.SIGINT)
        process.signals(signal.SIGINT)
        assert await process.ends() == 0
        assert '"event": "stopped"' in process.output
        assert "Traceback" not in process.output


async def test_stopped_before_it_is_ready(tmp_path: Path) -> None:
    """A stop while the Bot API keeps the starting program waiting ends it at once, with exit code 0."""
    async with Sandbox.start() as sandbox:
        sandbox.faults.fail_next(EVERY, 1, Fault.TIMEOUT)
        async with started(settings(sandbox, url(tmp_path)), tmp_path) as process:
            while sandbox.faults.left:
                await sandbox.faults.bell.rung()
            assert await process.stops() == 0
            assert process.output == ""


@contextmanager
def _taken() -> Iterator[str]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield f"127.0.0.1:{other.getsockname()[1]}"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"TOKEN": "4200000001:another-token-of-no-value"}, "Telegram does not know SERTAKAN_TOKEN"),
        ({"KEYS": "1:" + "A" * 43 + "="}, "do not fit the stored data"),
        ({"INDEX_KEY": "A" * 43 + "="}, "do not fit the stored data"),
        ({"API_URL": "http://127.0.0.1:9"}, "The Bot API does not answer"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere/sertakan.db"}, "cannot be"),
        ({"LISTEN": ""}, "Does another program run there?"),
    ],
    ids=["token", "keys", "index key", "server", "database", "address"],
)
async def test_what_an_operator_can_mend(tmp_path: Path, wrong: dict[str, str], sentence: str) -> None:
    """What is wrong with the settings or the machine is said in a sentence, with exit code 1 and no secret in it."""
    async with Sandbox.start() as sandbox:
        database = await Database.open(url(tmp_path), vault())
        await database.migrate()
        await database.close()
        with _taken() as address:
            others = {"LISTEN": address} if "LISTEN" in wrong else wrong
            async with started(settings(sandbox, url(tmp_path), **others), tmp_path) as process:
                assert await process.ends() == 1
        assert sentence in process.output
        assert "Traceback" not in process.output
        assert not [word for word in (sandbox.token, KEY.hex(), INDEX_KEY.hex()) if word in process.output]
