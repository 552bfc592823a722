"""A database that is away: nothing is lost, nothing happens twice, and everything goes on when it is back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from applicants import applicants
from bot_process import chosen, vault
from hurried import stopped
from outages import GUARD, Watched, free_port, hurrying, until
from pydantic import SecretStr
from relay import Relay

from bot.app import App, running
from bot.intake import hook
from bot.intake.listener import SECRET_HEADER
from bot.sandbox.client import Sandbox
from bot.sending.pace import UNLIMITED
from handlers.office import utc_now
from storage import inbox, outbox, registrations
from storage.database import Database, Transaction
from storage.depth import Depth
from storage.states import State

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("kind", ["postgres"], indirect=True)]

PEOPLE, OUTAGES = 8, 3
JSON = {"Content-Type": "application/json"}
SECRET = "a-secret-of-at-least-16"


@asynccontextmanager
async def stored(url: str) -> AsyncIterator[Transaction]:
    """Read what is in the database, past the relay."""
    database = await Database.open(url, vault())
    try:
        async with database.read() as tx:
            yield tx
    finally:
        await database.close()


async def test_away_again_and_again(database_url: str, tmp_path: Path) -> None:
    """Whoever registers meanwhile is registered once; no update is lost or left over, and the log says it in few lines."""
    async with (
        Sandbox.start(limits=None) as sandbox,
        Relay.opened(database_url) as relay,
        hurrying(sandbox, relay.url, tmp_path) as (bot, process),
    ):
        registering = asyncio.gather(*(one.registers() for one in applicants(sandbox, PEOPLE)))
        for _outage in range(OUTAGES):
            await _calls(sandbox, 30)
            await relay.close()
            await until(bot.is_not_ready)
            assert not registering.done()
            await relay.open()
        await registering
        await until(bot.is_ready)
        assert await stopped(process) == 0
        async with stored(database_url) as tx:
            counts = await registrations.counts(tx)
            assert (counts[State.QUEUED], sum(counts.values())) == (PEOPLE, PEOPLE)
            assert await inbox.depth(tx, utc_now()) == Depth(0, 0, 0)
            assert (await outbox.depth(tx, utc_now())).dead == 0
        _told_in_few_lines(bot)


async def _calls(sandbox: Sandbox, count: int) -> None:
    """Wait until the bot has made so many calls more."""
    end = len(sandbox.calls) + count
    while len(sandbox.calls) < end:
        await sandbox.api.bell.rung()


def _told_in_few_lines(bot: Watched) -> None:
    """Each part that noticed says so once and what to do, not at every try."""
    assert bot.troubles
    lines = [(line["event"], line["error"]) for line in bot.troubles]
    assert len(lines) == len(set(lines)) < 20
    other = {error for _event, error in lines if "PostgreSQL cannot be reached" not in error}
    assert other <= {"PaceAwayError"}  # a letter whose turn was asked for waits


@asynccontextmanager
async def hooked(relay: Relay, *, drain: float = 5.0) -> AsyncIterator[tuple[Sandbox, App, str]]:
    """Run a bot with a web hook in this process; gives its address too."""
    port = free_port()
    async with Sandbox.start(limits=None) as sandbox:
        called = {
            "hook_url": f"http://127.0.0.1:{port}",
            "hook_secret": SecretStr(SECRET),
            "listen": f"127.0.0.1:{port}",
        }
        wanted = chosen(sandbox, relay.url).model_copy(update=called)
        async with running(wanted, pace=UNLIMITED, drain=drain) as app:
            await hook.put(app.bot, wanted)
            yield sandbox, app, f"http://127.0.0.1:{port}/hook"


async def test_a_web_hook_says_come_again(database_url: str) -> None:
    """While nothing can be stored each call gets 503 with a time to wait; afterwards Telegram's next try is answered."""
    async with Relay.opened(database_url) as relay, hooked(relay) as (sandbox, _app, url):
        await relay.close()
        update = json.dumps({"update_id": 7, "message": {"chat": {"id": 5}}})
        async with aiohttp.ClientSession() as http:
            for _again in range(3):
                async with http.post(url, data=update, headers={**JSON, SECRET_HEADER: SECRET}) as answer:
                    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        ani = sandbox.person("Ani")
        await ani.start()
        await until(lambda: _refused(sandbox))
        assert len(sandbox.world.updates) == 1
        await relay.open()
        await ani.hears("Bolehkah")


async def _refused(sandbox: Sandbox) -> bool:
    return sandbox.world.hook.last_error is not None


async def test_stopped_while_the_database_does_not_answer(database_url: str) -> None:
    """A database that takes what is said and never answers keeps a stop no longer than the time there is to finish."""
    async with Relay.opened(database_url) as relay, asyncio.timeout(GUARD):
        async with hooked(relay, drain=0.2) as (sandbox, _app, _url):
            ani = sandbox.person("Ani")
            await ani.start()
            await ani.hears("Bolehkah")
            relay.freeze()
            await ani.says("/bahasa")
        relay.thaw()
