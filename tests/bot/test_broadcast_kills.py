"""The promise: killed at any moment and started again, a broadcast reaches nobody twice, and everybody is accounted for."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bot_process import chosen, settings, started, vault
from crowds import announce, asked, copies, crowd, reaches, sent, states
from hurried import hurried, stopped

from bot.app import running
from bot.sandbox.client import Person, Sandbox
from bot.sending.broadcaster import AT_ONCE
from bot.sending.pace import UNHURRIED, UNLIMITED
from bot.sending.post import sending
from handlers.office import utc_now
from storage.broadcasts import Stage
from storage.database import Database

SEED = int(os.environ.get("SERTAKAN_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
KILLS = int(os.environ.get("SERTAKAN_KILLS", "10"))
EACH = 50  # recipients for each kill
LONGEST_LIFE = 30  # messages a process sends before it is killed
GUARD = 240.0  # seconds, far beyond the usual
SENT, WAITING, CUT_OFF = ("sent", None), ("waiting", None), ("unknown", "cut off")


@asynccontextmanager
async def stored(url: str) -> AsyncIterator[Database]:
    """Open what a process has left, or works on."""
    database = await Database.open(url, vault())
    try:
        yield database
    finally:
        await database.close()


async def ledger(url: str, number: int) -> Counter[tuple[str, str | None]]:
    """Count a broadcast's recipients by state and reason."""
    async with stored(url) as database, database.read() as tx:
        return await states(tx, number)


async def planned(url: str, people: Sequence[Person]) -> int:
    """Plan a broadcast while nothing runs."""
    async with stored(url) as database:
        return await announce(database, people, utc_now)


async def test_killed_at_random_moments(database_url: str, tmp_path: Path) -> None:
    """However often the process is killed while it sends, nobody gets it twice, and what was in flight is unknown."""
    print(f"SERTAKAN_KILL_SEED={SEED}")  # noqa: T201  # shown when the test fails, to repeat it
    chance = random.Random(SEED)  # noqa: S311  # nothing secret
    async with Sandbox.start(limits=None) as sandbox, asyncio.timeout(GUARD):
        people = crowd(sandbox, EACH * KILLS)
        number = await planned(database_url, people)
        for _kill in range(KILLS):
            async with hurried(settings(sandbox, database_url), tmp_path):
                await sent(sandbox, chance.randint(1, LONGEST_LIFE))
        async with running(chosen(sandbox, database_url), pace=UNLIMITED) as app:
            await reaches(app, number, Stage.DONE)
        found = await ledger(database_url, number)
        got = Counter(copies(person) for person in people)
        assert set(got) <= {0, 1}
        assert set(found) <= {SENT, CUT_OFF}
        assert found.total() == len(people)
        assert 0 < found[CUT_OFF] <= AT_ONCE * KILLS
        assert found[SENT] <= got[1]


async def test_stopped_in_the_middle(database_url: str, tmp_path: Path) -> None:
    """SIGTERM leaves nothing in flight: everybody has it or waits for it, and the next start goes on from there."""
    async with Sandbox.start(limits=None) as sandbox, asyncio.timeout(GUARD):
        people = crowd(sandbox, 400)
        number = await planned(database_url, people)
        for _stop in range(3):
            async with hurried(settings(sandbox, database_url), tmp_path) as process:
                await sent(sandbox, 30)
                assert await stopped(process) == 0
            left = await ledger(database_url, number)
            assert set(left) == {SENT, WAITING}
            assert left[SENT] == sum(copies(person) for person in people)
        async with running(chosen(sandbox, database_url), pace=UNLIMITED) as app:
            await reaches(app, number, Stage.DONE)
        assert await ledger(database_url, number) == {SENT: len(people)}
        assert {copies(person) for person in people} == {1}


@pytest.mark.parametrize("kind", ["postgres"])  # SQLite has one bot
async def test_two_senders(database_url: str, tmp_path: Path) -> None:
    """Two processes that only send share one broadcast and one budget: nobody gets it twice, and Telegram never objects."""
    async with Sandbox.start() as sandbox, asyncio.timeout(GUARD):
        people = crowd(sandbox, 250)
        number = await planned(database_url, people)
        environment = settings(sandbox, database_url)
        async with hurried(environment, tmp_path, program=sending, pace=UNHURRIED) as first:
            await sent(sandbox, 30)
            async with hurried(environment, tmp_path, program=sending, pace=UNHURRIED) as second:
                await sent(sandbox, 150)
                assert await stopped(first) == 0
                await sent(sandbox, len(people) - asked(sandbox))
                assert await stopped(second) == 0
        assert await ledger(database_url, number) == {SENT: len(people)}
        assert {copies(person) for person in people} == {1}
        assert [call for call in sandbox.calls if call.status == 429] == []


async def test_a_sender_of_its_own_on_sqlite(tmp_path: Path) -> None:
    """`sertakan send` says in a sentence that it needs PostgreSQL, and leaves the database alone."""
    url = f"sqlite:///{tmp_path / 'sertakan.db'}"
    async with Sandbox.start() as sandbox:
        environment = settings(sandbox, url)
        async with started(environment, tmp_path, command=("-m", "bot", "send")) as process:
            assert await process.ends() == 1
        assert "needs PostgreSQL" in process.output
        assert "Traceback" not in process.output
        assert not (tmp_path / "sertakan.db").exists()
