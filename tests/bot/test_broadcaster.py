"""The promise: a broadcast reaches everybody it is for at most once, and the ledger says what became of each message."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot_process import settings
from crowds import announce, copies, crowd, states

from bot.app import App, running
from bot.pacer import UNLIMITED
from bot.sandbox.client import Sandbox
from bot.settings import Settings
from storage import broadcasts
from storage.broadcasts import Stage

PATIENCE = 20.0


@asynccontextmanager
async def at_work(url: str) -> AsyncIterator[tuple[Sandbox, App]]:
    """Run sandbox and bot together."""
    async with Sandbox.start(limits=None) as sandbox:
        environment = {name.removeprefix("SERTAKAN_").lower(): value for name, value in settings(sandbox, url).items()}
        async with running(Settings(_env_file=None, **environment), pace=UNLIMITED) as app:
            yield sandbox, app


async def reaches(app: App, number: int, *stages: Stage) -> None:
    """Wait until a broadcast is in one of these stages and nothing of it is in flight."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await app.settled(0)
            async with app.database.read() as tx:
                found = await broadcasts.get(tx, number)
                assert found is not None
                if found.stage in stages:
                    return


async def ledger(app: App, number: int) -> Counter[tuple[str, str | None]]:
    """Count a broadcast's recipients by state and reason."""
    async with app.database.read() as tx:
        return await states(tx, number)


async def test_everybody_once(database_url: str) -> None:
    """After a good first wave the rest follow; everybody gets it once, and the broadcast is done."""
    async with at_work(database_url) as (sandbox, app):
        people = crowd(sandbox, 120)
        number = await announce(app.database, people, app.office.clock, canary=50)
        await reaches(app, number, Stage.DONE)
        assert [copies(person) for person in people] == [1] * 120
        assert await ledger(app, number) == {("sent", None): 120}
