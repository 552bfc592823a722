"""A clock that is set by hours: nothing happens twice, and nothing waits until the clock is back where it was."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jumping_clock import run

from bot import demo, rounds
from bot.app import running
from bot.demo import stage
from bot.sandbox.client import Sandbox
from bot.sandbox.faults import SENDS, Fault
from bot.sending.broadcast_bot import clock as ticking
from bot.sending.pace import UNLIMITED
from bot.transcript import StageClock
from storage import inbox, outbox
from storage.database import Database
from storage.inbox import Arrival
from storage.outbox import Letter

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
HOURS = timedelta(hours=3).total_seconds()


@pytest.mark.parametrize("jump", [HOURS, -HOURS], ids=["forward", "back"])
async def test_in_the_middle_of_a_conversation(tmp_path: Path, jump: float) -> None:
    """Whoever is being answered notices nothing of a jump either way."""
    clock = StageClock(NOON)
    async with stage(tmp_path, clock=clock, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        for _again in range(2):
            clock.pass_by(jump)
            await ani.says("/bahasa")
            await ani.hears("bahasa apa")
        await app.settled(sandbox.world.updates.count)


async def test_a_call_in_hand(tmp_path: Path) -> None:
    """A clock set forward beyond the lease of a letter whose call is going on does not send it a second time."""
    clock = StageClock(NOON)
    async with Sandbox.start(limits=None) as sandbox:
        ani, budi, admin = (sandbox.person(name) for name in ("Ani", "Budi", "Admin"))
        async with running(demo.settings(sandbox, tmp_path, admin), clock=clock, pace=UNLIMITED, drain=0.2):
            sandbox.faults.fail_next(SENDS, 1, Fault.TIMEOUT, chat=ani.id)
            await ani.start()
            while sandbox.faults.left:
                await sandbox.faults.bell.rung()
            clock.pass_by(HOURS)
            for _again in range(3):
                await budi.start()
                await budi.hears("Bolehkah")
            assert [message for message in ani.chat.messages if message.sender == "bot"] == []


async def test_what_waits_for_a_moment_that_was_set_back(database: Database, now: datetime) -> None:
    """An update and a letter that were to wait seconds are due at once when the clock is hours behind, not after hours."""
    ahead = now + timedelta(hours=3)
    async with database.write() as tx:
        await inbox.keep(tx, 1, [Arrival(1, 7, b"{}")], ahead)
        await outbox.post(tx, [Letter(7, "sendMessage", {}), Letter(8, "sendMessage", {})], ahead)
        (held,) = await outbox.claim(tx, 1, ahead)
        await inbox.hasten(tx, now)
        await outbox.hasten(tx, now)
        assert len(await inbox.claim(tx, 10, now)) == 1
        assert len(await outbox.claim(tx, 10, now)) == 1
        later = now + timedelta(minutes=5)
        assert held.id in {letter.id for letter in await outbox.claim(tx, 10, later, lease=timedelta(0))}


async def test_what_waits_for_a_moment_of_its_own(database: Database, now: datetime) -> None:
    """What waits for its usual delay is left to wait."""
    async with database.write() as tx:
        await outbox.post(tx, [Letter(7, "sendMessage", {}, due_at=now + timedelta(minutes=1))], now)
        await outbox.hasten(tx, now)
        assert await outbox.claim(tx, 10, now) == []


async def test_the_rounds_see_to_it(tmp_path: Path) -> None:
    """An update that was put off by a clock that ran ahead is answered at the next round."""
    clock = StageClock(NOON + timedelta(hours=3))
    async with stage(tmp_path, clock=clock, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        async with app.database.write() as tx:
            await outbox.post(tx, [Letter(ani.id, "sendMessage", {"chat_id": ani.id, "text": "Halo"})], clock())
            clock.pass_by(-HOURS)
        await rounds.make(app.database, app.office)
        app.sender.wake()
        await ani.hears("Halo")


def test_work_by_a_clock_that_was_set_back() -> None:
    """Work goes on while the time of day stands still and the library's clock, which goes by it, never rings."""
    done: list[float] = []

    async def work() -> None:
        done.append(asyncio.get_running_loop().time())

    async def waits() -> None:
        async with asyncio.timeout(HOURS), ticking(work, 60.0, ZoneInfo("Asia/Jakarta")):
            while len(done) < 3:  # noqa: ASYNC110  # on a loop whose time jumps
                await asyncio.sleep(1)

    run(waits())
    assert done == [0, 120, 240]
