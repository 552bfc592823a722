"""The promise: the pages of health say what is true, before anybody has to complain, and again when it is well."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from bot_process import chosen, settings
from hurried import hurried
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot import api
from bot.app import App, running
from bot.demo import stage
from bot.intake import hook_watch
from bot.sandbox.client import Sandbox
from bot.sandbox.faults import SENDS, Fault
from bot.sending.pace import UNLIMITED
from bot.transcript import StageClock
from bot.watching.health import Health
from bot.watching.pulse import Pulse
from handlers.office import utc_now
from storage import files, inbox, outbox, schema
from storage.database import Database
from storage.inbox import Arrival
from storage.outbox import Letter

MORNING = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
WELL = (200, "ok\n")


async def page(port: int, path: str) -> tuple[int, str]:
    """Ask for a page, and return its status and text."""
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def becomes(app: App, status: int) -> str:
    """Ask whether the bot is ready until it is or is not, as wanted; return what it says."""
    while (answer := await page(app.port, "/readyz"))[0] != status:
        pass
    return answer[1]


@asynccontextmanager
async def shown(health: Health) -> AsyncIterator[int]:
    """Show the pages of health at a port."""
    application = web.Application()
    health.add_to(application.router)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def looks(health: Health) -> list[str]:
    """Look anew, whatever was found a moment ago."""
    health._looked = float("-inf")
    return await health.wrong()


async def test_a_running_bot_is_well(tmp_path: Path) -> None:
    """A bot that polls, handles and answers is alive and ready."""
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        assert await page(app.port, "/livez") == WELL
        assert await page(app.port, "/readyz") == WELL


async def test_before_and_after(database: Database) -> None:
    """Nobody is sent to a bot that is starting or stopping, and neither is a reason to start it again."""
    health = Health(database, utc_now)
    async with shown(health) as port:
        assert await page(port, "/readyz") == (503, "it is starting\n")
        with health.serving({}):
            assert await page(port, "/readyz") == WELL
        assert await page(port, "/readyz") == (503, "it is stopping\n")
        assert await page(port, "/livez") == WELL


async def test_a_stop_is_told_first(tmp_path: Path) -> None:
    """A process that was told to stop says so at once, while calls in hand still go on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with Sandbox.start(limits=None) as sandbox:
        ani = sandbox.person("Ani")
        sandbox.faults.fail_next(SENDS, 1, Fault.TIMEOUT, chat=ani.id)
        environment = settings(sandbox, f"sqlite:///{tmp_path / 'sertakan.db'}", LISTEN=f"127.0.0.1:{port}")
        async with hurried(environment, tmp_path) as process:
            await ani.start()
            while sandbox.faults.left:
                await sandbox.faults.bell.rung()
            assert await page(port, "/readyz") == WELL
            process.terminate()
            while (answer := await page(port, "/readyz")) == WELL:
                pass
            assert answer == (503, "it is stopping\n")


async def test_updates_that_cannot_be_fetched(tmp_path: Path) -> None:
    """When the Bot API answers with errors the bot is not ready, and it is again after the next answer."""
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        sandbox.faults.fail_next("getUpdates", 2, Fault.BROKEN)
        await ani.says("/bantuan")
        assert "the intake of updates has failed 2 times" in await becomes(app, 503)
        await ani.says("/bantuan")
        assert await becomes(app, 200) == "ok\n"


async def test_a_hook_of_somebody_else(tmp_path: Path) -> None:
    """A web hook that somebody else has set, or taken away, is found out, and so is that it is ours again."""
    ours, pulse = "http://127.0.0.1:1/hook", Pulse("the intake of updates", 60)
    async with (
        Sandbox.start(limits=None) as sandbox,
        api.reached(chosen(sandbox, f"sqlite:///{tmp_path / 'sertakan.db'}")) as bot,
    ):
        await bot.set_webhook(ours)
        watching = asyncio.create_task(hook_watch.watch(bot, ours, pulse, every=0))
        for url, complaint in ((ours, False), ("http://127.0.0.1:1/theirs", True), ("", True), (ours, False)):
            await bot.set_webhook(url)
            while (pulse.complaint is not None) is not complaint:
                await bot.get_webhook_info()
        watching.cancel()
        await asyncio.wait({watching})


async def test_a_worker_that_has_ended(tmp_path: Path) -> None:
    """A part that ended though nobody stopped the bot is a reason to start it again."""
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (_sandbox, app, _admin):
        app.worker.stop()
        while (answer := await page(app.port, "/livez")) == WELL:
            pass
        assert answer == (503, "the part worker has ended\n")


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
@pytest.mark.postgres
async def test_a_worker_that_is_stuck(database_url: str) -> None:
    """A turn that does not end makes the bot not ready when updates wait too long, and it is again when they do not."""
    clock = StageClock(MORNING)
    async with (
        Sandbox.start(limits=None) as sandbox,
        running(chosen(sandbox, database_url), clock=clock, pace=UNLIMITED) as app,
    ):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        await app.settled(1)
        holder = await asyncpg.connect(make_url(database_url).set(drivername="postgresql").render_as_string(False))
        try:
            async with holder.transaction():
                await holder.execute("LOCK TABLE outbox IN EXCLUSIVE MODE")
                await ani.says("/bantuan")
                while not await holder.fetchval("SELECT count(*) FROM inbox WHERE state = 'waiting'"):
                    pass
                assert await page(app.port, "/readyz") == WELL
                clock.pass_by(61)
                assert await becomes(app, 503) == "the oldest update has waited for 61 seconds\n"
                assert await page(app.port, "/livez") == WELL
        finally:
            await holder.close()
        assert await becomes(app, 200) == "ok\n"


async def test_what_waits_too_long(database: Database, now: datetime) -> None:
    """The oldest update and the oldest letter count, from a minute and from two on."""
    async with database.write() as tx:
        await inbox.keep(tx, 1, [Arrival(1, 5, b"{}")], now)
        await outbox.post(tx, [Letter(5, "sendMessage", {})], now)
    clock = StageClock(now + timedelta(seconds=60))
    health = Health(database, clock)
    with health.serving({}):
        assert await looks(health) == []
        clock.pass_by(61)
        assert await looks(health) == [
            "the oldest update has waited for 121 seconds",
            "the oldest letter has waited for 121 seconds",
        ]


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
@pytest.mark.postgres
async def test_a_database_that_is_away(database_url: str, database: Database) -> None:
    """Without its database the bot is not ready, and nothing of the database's address is told."""
    health = Health(database, utc_now)
    name = make_url(database_url).database
    server = await asyncpg.connect(
        make_url(database_url).set(drivername="postgresql", database="postgres").render_as_string(False)
    )
    try:
        with health.serving({}):
            assert await looks(health) == []
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            (said,) = await looks(health)
            assert said.startswith("the database fails (")
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            assert await looks(health) == []
            await server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            (said,) = await looks(health)
            assert said.startswith("the database fails (")
    finally:
        await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await server.close()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_full_disk(database: Database, now: datetime) -> None:
    """A disk on which nothing can be written makes the bot not ready though nobody has written to it yet."""
    async with database.write() as tx:
        await files.keep(tx, 1, "big", b"\0" * 300_000, now)
    health = Health(database, utc_now)
    with health.serving({}):
        assert await looks(health) == []
        with full_disk(200_000):
            assert await looks(health) == ["the database fails (OperationalError)"]
        assert await looks(health) == []


async def test_a_database_that_is_busy(database: Database) -> None:
    """A database that does not answer in time makes the bot not ready, and the look leaves it free."""
    health = Health(database, utc_now, patience=0.2)
    with health.serving({}):
        async with database.write() as tx:
            await tx.connection.exec_driver_sql("DELETE FROM rounds")
            if database.shared:
                await tx.connection.exec_driver_sql("LOCK TABLE rounds IN ACCESS EXCLUSIVE MODE")
            assert await looks(health) == ["the database takes longer than 0.2 seconds"]
        health._patience = 30.0
        assert await looks(health) == []


async def test_a_schema_that_is_too_old(database: Database) -> None:
    """A schema from before this program is not served; one that a newer program has migrated to is."""
    health = Health(database, utc_now)
    with health.serving({}):
        for revision, well in (("0001", False), ("9999", True)):
            async with database.write() as tx:
                await tx.connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
            assert (await looks(health) == []) is well
    assert not schema.serves(None)


async def test_asking_often_costs_little(database: Database) -> None:
    """One look serves everybody who asks within a second."""
    health = Health(database, utc_now)
    with health.serving({}):
        assert await health.wrong() == []
        first = health.load
        assert await health.wrong() == []
        assert health.load is first
