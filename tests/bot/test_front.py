"""Processes that only answer, beside each other: what the one that does not lead still does for itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bot_process import chosen

from bot.app import running
from bot.front import Front, serving
from bot.sandbox.client import Sandbox
from bot.sending.pace import UNLIMITED
from storage import words
from storage.database import Database, DatabaseError

GUARD = 30.0  # seconds, far beyond the usual
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Serve a Bot API without limits."""
    async with Sandbox.start(limits=None) as served:
        yield served


async def test_it_needs_postgresql(sandbox: Sandbox, tmp_path: Path) -> None:
    """On SQLite, which has one process, `serve` says in a sentence what to run instead."""
    with pytest.raises(DatabaseError, match="`sertakan run` does everything itself"):
        async with serving(chosen(sandbox, f"sqlite:///{tmp_path}/sertakan.db")):
            pass


@pytest.mark.parametrize("kind", ["postgres"])  # SQLite has one process
async def test_a_standby_knows_what_the_leader_knows(sandbox: Sandbox, database: Database, database_url: str) -> None:
    """The words that admins matched are renewed in a process that does not lead, too, and it is ready though it does not poll."""
    async with database.write() as tx:
        await words.count(tx, "tukang cendol", "3319022505909001", NOW)
        await words.solve(tx, "tukang cendol", "street_vendor", NOW)
    settings = chosen(sandbox, database_url)
    async with asyncio.timeout(GUARD), AsyncExitStack() as stack:
        fronts: list[Front] = [
            await stack.enter_async_context(serving(settings, pace=UNLIMITED)) for _process in range(2)
        ]
        while not all(front._office.solved for front in fronts):  # noqa: ASYNC110  # the clock rings no bell here
            await asyncio.sleep(0.01)
        for front in fronts:
            assert front._office.solved == {"tukang cendol": "street_vendor"}
            assert await front.health.wrong() == []
        await sandbox.person("Ani").start()
        while sum(front.worker.ended for front in fronts) < 1:  # noqa: ASYNC110  # nor does this
            await asyncio.sleep(0.01)
        assert not [call for call in sandbox.calls if call.status == 409]


async def test_a_hook_that_is_set_where_it_polls(tmp_path: Path, sandbox: Sandbox) -> None:
    """A bot that polls does not take somebody's web hook away; it says what to look at, and polls once it is gone."""
    sandbox.world.hook.url = "http://127.0.0.1:9/theirs"
    async with running(chosen(sandbox, f"sqlite:///{tmp_path}/sertakan.db"), pace=UNLIMITED) as app:
        async with asyncio.timeout(GUARD):
            while "sertakan hook status" not in str(await app.front.health.wrong()):  # noqa: ASYNC110  # likewise
                await asyncio.sleep(0.05)
        assert sandbox.world.hook.url == "http://127.0.0.1:9/theirs"
        assert not [call for call in sandbox.calls if call.method in {"deleteWebhook", "setWebhook"}]
        sandbox.world.hook.url = ""
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Selamat datang", within=GUARD)
