"""Stages of a broadcast, round by round, without calls: whoever waits after a stop is accounted for, and its end is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from bot.sending.stages import Stages
from bot.transcript import StageClock
from conversations.rules.areas import Areas
from handlers.errands import errand
from handlers.office import Office
from storage import broadcasts
from storage.broadcasts import Audience, Stage
from storage.broadcasts.rounds import AT_ONCE
from storage.database import Database
from storage.tables import recipients

AUTHOR = 1
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)  # in Kudus


@pytest.fixture
def clock() -> StageClock:
    """Noon in Kudus."""
    return StageClock(NOON)


@pytest.fixture
def office(clock: StageClock) -> Office:
    """An office in Kudus."""
    zone, areas = ZoneInfo("Asia/Jakarta"), Areas.load("33.19")
    return Office("Dinas", "Jl. Contoh", "33.19", zone, areas, "contoh_bot", admins=frozenset({AUTHOR}), clock=clock)


async def announced(database: Database, stage: Stage, zones: dict[str, int], canary: int = 0) -> int:
    """Write down a broadcast with so many who wait in each zone."""
    body = {"audience": Audience().as_json(), "texts": {"id": "Kabar"}, "title": "Kabar"}
    async with database.write() as tx:
        number = await broadcasts.create(
            tx,
            area="33.19",
            body=body,
            necessary=True,
            quiet=True,
            due_at=None,
            canary=canary,
            by=AUTHOR,
            now=NOON,
            stage=stage,
        )
        row = {"broadcast": number, "occasion": "", "language": "id", "wave": 1, "state": "waiting", "due_at": NOON}
        homes = [zone for zone, count in zones.items() for _each in range(count)]
        rows = [{**row, "person": 1000 + serial, "zone": zone} for serial, zone in enumerate(homes)]
        await tx.connection.execute(insert(recipients), rows)
    return number


async def look(database: Database, office: Office, stages: Stages) -> tuple[bool, int]:
    """Make one round without calls; tell whether another has to follow, and how many messages it wrote."""
    async with database.write() as tx, errand(tx, office) as visit:
        _opened, moved = await stages.move_on(visit, ())
        await stages.show(visit, ())
        return moved, len(visit.letters)


async def test_a_stop_is_seen_through(database: Database, office: Office) -> None:
    """After a stop, round follows round until nobody waits any more; then the author sees the end, once."""
    number = await announced(database, Stage.STOPPED, {"WIB": AT_ONCE + 1})
    stages = Stages()
    assert await look(database, office, stages) == (True, 0)
    assert await look(database, office, stages) == (True, 0)
    assert stages.ending == {number}
    assert await look(database, office, stages) == (False, 1)
    assert stages.ending == set()
    assert await look(database, office, stages) == (False, 0)
    async with database.read() as tx:
        assert len(await broadcasts.list_after(tx, number, 0, 9999, "skipped")) == AT_ONCE + 1


@pytest.mark.parametrize("hour", [22, 5])
async def test_the_first_wave_does_not_sleep(database: Database, office: Office, clock: StageClock, hour: int) -> None:
    """At half past seven in Papua a first wave drawn from Java is drawn anew from Papua; by day it stays as it was."""
    number = await announced(database, Stage.DUE, {"WIT": 4, "WIB": 60}, canary=3)
    async with database.write() as tx:
        await broadcasts.draw_canary(tx, number, 3, ["WIB"])
    clock.now = NOON.replace(hour=hour, minute=30)
    await look(database, office, Stages())
    async with database.read() as tx:
        found = await broadcasts.get(tx, number)
        first = [one.zone for one in await broadcasts.list_after(tx, number, 0, 99) if one.wave == broadcasts.CANARY]
    assert found is not None
    assert (found.stage, first) == (Stage.CANARY, ["WIT" if hour == 22 else "WIB"] * 3)
