"""Figures: what an operator sees, without anybody in it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ledgers import made

from storage import inbox, outbox, registrations, sessions
from storage.broadcasts import Stage
from storage.database import Database
from storage.inbox import Arrival
from storage.outbox import Letter
from storage.registrations import Application
from storage.stats import snapshot


async def test_snapshot(database: Database, now: datetime, apply: Callable[..., Application]) -> None:
    """Every box, every state and every stage is counted; a reminder that runs by itself is no broadcast."""
    async with database.write() as tx:
        await inbox.keep(tx, 1, [Arrival(1, 1, b"{}"), Arrival(2, 2, b"{}")], now)
        await outbox.post(tx, [Letter(1, "sendMessage", {})], now)
        await registrations.submit(tx, apply(), now)
        await sessions.save(tx, 1, "registration", {}, now)
        for stage in (Stage.DONE, Stage.DONE, Stage.RUNNING):
            await made(tx, now, stage=stage)
        await made(tx, now, campaign="payment", stage=Stage.RUNNING)
        await inbox.bury(tx, (await inbox.claim(tx, 1, now))[0].id, "poison", now)
    async with database.read() as tx:
        figures = await snapshot(tx, now + timedelta(seconds=7))
    assert figures["inbox"] == {"depth": 1, "oldest_seconds": 7, "dead": 1, "dead_seconds": 7}
    assert figures["outbox"] == {"depth": 1, "oldest_seconds": 7, "dead": 0, "dead_seconds": 0}
    assert figures["registrations"]["queued"] == 1
    assert figures["broadcasts"] == {"done": 2, "running": 1}
    assert figures["sessions"] == 1
