"""The demo's crowd: made-up, the same each time, and nothing about it that the bot itself would not have done."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.demo import performance
from bot.seeds.crowd import EACH, FAMILY, FAMILY_PLACES, VILLAGES, Worker, articles, gather
from conversations.rules import nik
from conversations.rules.areas import Areas
from storage import broadcasts, people, programmes, registrations, tables
from storage.audit import Audit
from storage.broadcasts import Audience
from storage.database import Database
from storage.states import State

DAYS = [date(2026, 11, 20), date(2027, 12, 31), date(2031, 2, 28)]


async def test_the_crowd_is_spread_over_every_state(database: Database, now: datetime) -> None:
    """Every state of the funnel has somebody in it, a waiting list too, and the audit finds nothing wrong."""
    async with database.write() as tx:
        await gather(tx, now, now.date())
        counts = await registrations.counts(tx)
        waiting = await registrations.waiting(tx, FAMILY)
        found = {one.code: one for one in await programmes.all_(tx)}
        look = Audit(tx)
        assert [finding async for finding in look.findings()] == []
    assert sum(counts.values()) == look.registrations == EACH * len(VILLAGES)
    assert {state for state, count in counts.items() if not count} == {"draft", "with_department", "lapsed"}
    assert (found[FAMILY].taken.people, found[FAMILY].people) == (FAMILY_PLACES, FAMILY_PLACES)
    assert {one.state for one in waiting} == {State.WAITING_LIST}
    assert (found["kudus"].people, found["kudus"].budget) == (26_000, 5_000_000_000)
    assert found["kudus"].taken.people > 0


async def test_some_of_the_crowd_read_broadcasts(database: Database, now: datetime) -> None:
    """Each listener has one registration that stays; most agreed to news, and somebody has not."""
    async with database.write() as tx:
        await gather(tx, now, now.date(), range(8_000_000_001, 8_000_000_121))
        assert await broadcasts.count(tx, Audience(area="33"), now.date()) == 120
        agreed = [await people.meet(tx, one, now) for one in range(8_000_000_001, 8_000_000_121)]
    assert 100 < sum(one.news_at is not None for one in agreed) < len(agreed)


async def test_everybody_in_the_demo_can_be_written_to(tmp_path: Path) -> None:
    """Whomever the bot knows has a chat, also without a phone on the page: no letter of the demo is refused."""
    async with performance(tmp_path) as (sandbox, app):
        async with app.database.read() as tx:
            known = set(await tx.connection.scalars(select(tables.people.c.telegram_id)))
        assert len(known) > 120
        assert all(sandbox.world.chat(one).started for one in known)


@pytest.mark.parametrize("today", DAYS)
def test_the_demo_does_not_grow_old(today: date) -> None:
    """Whenever the demo is shown, its programmes have months left."""
    assert all(one.last_month > today for one in articles(today))


def test_nobody_of_the_crowd_is_anybody() -> None:
    """Each has a NIK that can be read, without a warning, from the range of tests; none comes twice."""
    java, known = Areas.load("33"), {one.code: one for one in articles(DAYS[0])}
    crowd = [
        Worker(place * EACH + number, known[code], f"{districts[number % len(districts)]}.2001")
        for place, (code, districts) in enumerate(VILLAGES.items())
        for number in range(EACH)
    ]
    for one in crowd:
        read = nik.read(one.nik, DAYS[0], java)
        assert isinstance(read, nik.Understood)
        assert not read.warnings
        assert one.nik[-4] == "9"
    assert len({one.nik for one in crowd}) == len(crowd)
