"""Rounds: late is possible, skipped or doubled is not, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import rounds
from bot.transcript import StageClock
from conversations.rules.areas import Areas
from handlers.office import Office
from handlers.rounds import ROUNDS, always, daily
from handlers.visit import Visit
from storage.database import Database
from storage.vault import Vault

EARLY = datetime(2026, 11, 20, 0, 59, tzinfo=UTC)  # 07:59 in Kudus


@pytest.fixture
def clock() -> StageClock:
    """A clock at one minute before eight in the morning."""
    return StageClock(EARLY)


@pytest.fixture
def office(clock: StageClock) -> Office:
    """An office in Kudus."""
    return Office(
        "Dinas", "Jl. Contoh", "33.19", ZoneInfo("Asia/Jakarta"), Areas.load("33.19"), "contoh_bot", clock=clock
    )


@pytest.fixture
def made() -> Iterator[list[str]]:
    """Only the rounds of this test, and what they did."""
    before, done = dict(ROUNDS), []
    ROUNDS.clear()
    yield done
    ROUNDS.clear()
    ROUNDS.update(before)


async def test_once_a_day_at_its_hour(database: Database, office: Office, clock: StageClock, made: list[str]) -> None:
    """A daily round waits for its hour, is made once, and again on the next day."""

    @daily("digest", time(8))
    async def digest(visit: Visit) -> None:
        made.append(visit.today.isoformat())

    await rounds.make(database, office)
    assert made == []
    clock.pass_by(60)
    await rounds.make(database, office)
    await rounds.make(database, office)
    assert made == ["2026-11-20"]
    clock.pass_by(timedelta(days=1).total_seconds())
    await rounds.make(database, office)
    assert made == ["2026-11-20", "2026-11-21"]


async def test_late_after_a_stop(database: Database, office: Office, clock: StageClock, made: list[str]) -> None:
    """A bot that stood still for three days makes the round once when it comes back, at whatever hour."""

    @daily("digest", time(8))
    async def digest(visit: Visit) -> None:
        made.append(visit.today.isoformat())

    clock.pass_by(timedelta(days=3, hours=13).total_seconds())
    await rounds.make(database, office)
    await rounds.make(database, office)
    assert made == ["2026-11-23"]


async def test_a_failure_is_made_up_for(database: Database, office: Office, made: list[str]) -> None:
    """A round that fails leaves nothing behind, does not stop the next one, and is due again at the next look."""
    trouble = [RuntimeError("trouble")]

    @daily("digest", time(7))
    async def digest(visit: Visit) -> None:
        visit.letters.clear()
        made.append("digest")
        if trouble:
            raise trouble.pop()

    @always("lapse")
    async def lapse(_visit: Visit) -> None:
        made.append("lapse")

    await rounds.make(database, office)
    assert made == ["digest", "lapse"]
    await rounds.make(database, office)
    await rounds.make(database, office)
    assert made == ["digest", "lapse", "digest", "lapse", "lapse"]


async def test_two_processes_make_a_round_once(
    database: Database, database_url: str, vault: Vault, office: Office, clock: StageClock, made: list[str]
) -> None:
    """At the same moment in two processes, as when two believe that they lead, a daily round is made by one of them."""

    @daily("digest", time(8))
    async def digest(visit: Visit) -> None:
        made.append(visit.today.isoformat())

    clock.pass_by(60)
    other = await Database.open(database_url, vault)
    await asyncio.gather(*(rounds.make(each, office) for each in (database, other) * 3))
    await other.close()
    assert made == ["2026-11-20"]


async def test_what_is_kept_in_memory_is_renewed_everywhere(
    database: Database, office: Office, made: list[str]
) -> None:
    """Who does not lead makes those rounds only that renew what this process keeps in memory."""

    @always("trades", everywhere=True)
    async def trades(_visit: Visit) -> None:
        made.append("trades")

    @always("lapse")
    async def lapse(_visit: Visit) -> None:
        made.append("lapse")

    await rounds.renew(database, office)
    assert made == ["trades"]
