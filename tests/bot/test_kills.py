"""The promise: killed at any point and restarted, the bot continues. Nothing is lost, nothing happens twice.

The workers wait for their next question however long it takes: one lost update or one lost answer, and a worker would
wait for ever. A few are impatient and answer twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from applicants import Applicant, applicants
from bot_process import settings, vault
from hurried import hurried, stopped
from sqlalchemy import select

from bot.sandbox.client import Sandbox
from storage import history, inbox, outbox, registrations
from storage.database import Database
from storage.depth import Depth
from storage.states import State
from storage.tables import inbox as rows
from storage.transaction import Transaction

SEED = int(os.environ.get("SERTAKAN_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
SIZES = {"sqlite": (12, 50), "postgres": (4, 15)}  # kills, workers
LONGEST_LIFE = 160  # calls a process makes before it is killed; its first six are made before it is ready
IMPATIENT = 2  # workers who press or type once more after a kill
GUARD = 150.0  # seconds, far beyond the usual


async def test_killed_at_random_moments(database_url: str, kind: str, tmp_path: Path) -> None:
    """However often the process is killed while many register, each is registered once and no update is lost."""
    kills, people = SIZES[kind]
    kills = int(os.environ.get("SERTAKAN_KILLS", kills))
    people = max(people, 4 * kills)
    print(f"SERTAKAN_KILL_SEED={SEED}")  # noqa: T201  # shown when the test fails, to repeat it
    chance = random.Random(SEED)  # noqa: S311  # nothing secret
    async with Sandbox.start(limits=None) as sandbox, asyncio.timeout(GUARD):
        environment = settings(sandbox, database_url)
        workers = applicants(sandbox, people)
        registering = asyncio.gather(*(worker.registers() for worker in workers))
        for _kill in range(kills):
            async with hurried(environment, tmp_path):
                await _calls(sandbox, chance.randint(1, LONGEST_LIFE), registering)
            assert not registering.done(), "The kills came too late: nobody was registering any more."
            busy = [one for one in workers if not one.numbers]
            for impatient in chance.sample(busy, min(IMPATIENT, len(busy))):
                await impatient.answers()
        async with hurried(environment, tmp_path) as process:
            await registering
            assert await stopped(process) == 0
        await _check(database_url, sandbox, workers)
    if kind == "sqlite":
        with contextlib.closing(sqlite3.connect(tmp_path / "sertakan.db")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def _calls(sandbox: Sandbox, count: int, registering: asyncio.Future[list[None]]) -> None:
    """Wait until the bot has made so many calls, while anybody is registering."""
    end = len(sandbox.calls) + count
    while len(sandbox.calls) < end and not registering.done():
        await sandbox.api.bell.rung()


async def _check(url: str, sandbox: Sandbox, workers: list[Applicant]) -> None:
    database = await Database.open(url, vault())
    try:
        async with database.read() as tx:
            for worker in workers:
                await _registered_once(tx, worker)
            now = datetime.now(UTC)
            assert await inbox.depth(tx, now) == Depth(0, 0, 0)
            assert (await outbox.depth(tx, now)).dead == 0
            await _accounted_for(tx, sandbox)
    finally:
        await database.close()


async def _registered_once(tx: Transaction, worker: Applicant) -> None:
    (registration,) = await registrations.of_person(tx, worker.person.id)
    assert registration.state == State.QUEUED
    assert registration.document is not None
    assert (registration.document["nik"], registration.document["name"]) == (worker.nik, worker.name)
    assert worker.numbers == {registration.number}
    assert registration.duplicate_of is None
    (entry,) = await history.entries(tx, registration.number)
    assert (entry.from_state, entry.to_state) == (None, State.QUEUED)
    assert await history.verify(tx, registration.number)


async def _accounted_for(tx: Transaction, sandbox: Sandbox) -> None:
    """Whatever Telegram was told to forget has been handled, and each chat's updates in their order."""
    updates = sandbox.world.updates
    confirmed = set(range(updates._last_id - updates.count + 1, updates._last_id + 1))
    confirmed -= {update.id for update in updates._pending}
    lanes: defaultdict[int, list[Any]] = defaultdict(list)
    for row in (await tx.connection.execute(select(rows).order_by(rows.c.lane, rows.c.id))).all():
        assert (row.state, row.body) == ("done", None)
        lanes[row.lane].append(row)
    kept = [row for lane in lanes.values() for row in lane]
    assert confirmed <= {row.update_id for row in kept}
    assert len(kept) == len({row.update_id for row in kept})
    for lane in lanes.values():
        assert [row.update_id for row in lane] == sorted(row.update_id for row in lane)
        assert [row.finished_at for row in lane] == sorted(row.finished_at for row in lane)
