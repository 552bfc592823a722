"""BPJS's answers while everything else goes on: in whatever order rows stand in a file, nobody waits in a ring."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import rounds
from bot.transcript import StageClock
from conversations.rules.areas import Areas
from conversations.verdicts import Good
from handlers import programmes as screens
from handlers.errands import errand
from handlers.handover import paid, returning
from handlers.office import Office
from storage import handovers, people, programmes, registrations
from storage.audit import Audit
from storage.database import Database
from storage.programmes import Programme
from storage.registrations import Application, Cost, FullError, MovedError, NotAllowedError, State
from storage.vault import Vault

VILLAGE, MONTH, BY = "33.19.02.1001", date(2026, 12, 1), 900
PEOPLE, PLACES, UNDECIDED = 48, 36, 12
YEAR = Cost(12, 201_600, MONTH)
CODES = ("contoh", "lain")


@dataclass(frozen=True, slots=True)
class Village:
    """A village under two programmes, part of it handed over, and two processes that work on it."""

    databases: tuple[Database, Database]
    office: Office
    numbers: list[str]
    handed: list[str]
    queued: list[str]

    async def acts(self, worker: int, work: Callable[[Any], Awaitable[object]]) -> None:
        """Do something in a transaction of its own; a refusal undoes it, as in the chat."""
        with suppress(MovedError, NotAllowedError, FullError):
            async with self.databases[worker % 2].write() as tx, errand(tx, self.office) as visit:
                await work(visit)

    async def sound(self) -> bool:
        """Tell whether the audit finds nothing."""
        async with self.databases[0].read() as tx:
            return [one async for one in Audit(tx).findings()] == []


def form(number: int) -> Application:
    """Return the form of somebody whom a neighbour entered, under one of the two programmes."""
    nik = f"33190205059{9000 + number:05}"
    document = {"nik": nik, "name": "Kasmuri", "birth_date": "1990-05-05"}
    kinds = (VILLAGE, "ojek", True, "basic", "apbd", CODES[number % 2], "id")
    return Application(None, BY + number % 5, *kinds, document, nik, None, claim=registrations.ATTESTED)


@pytest.fixture
async def village(database: Database, database_url: str, vault: Vault, now: datetime) -> Any:
    """Most have a place and went to BPJS, some wait for one, and some are undecided."""
    clock = StageClock(now)
    areas = Areas.load("33.19")
    office = Office("Dinas", "Jl. Contoh", "33.19", ZoneInfo("Asia/Jakarta"), areas, "contoh_bot", clock=clock)
    async with database.write() as tx:
        for code in CODES:
            last = date(2027, 11, 1)
            one = Programme(code, code, "apbd", "33.19", "basic", 12, MONTH, last, people=PLACES // 2)
            await programmes.save(tx, one, by=None, now=now)
        for one_of_five in range(5):
            await people.meet(tx, BY + one_of_five, now)
        numbers = [(await registrations.submit(tx, form(who), now)).number for who in range(PEOPLE + UNDECIDED)]
        queued, handed = numbers[PEOPLE:], []
        for number in numbers[:PEOPLE]:
            how: dict[str, Any] = {"actor": None, "reason": None, "now": now, "frm": State.QUEUED, "cost": YEAR}
            try:
                await registrations.move(tx, number, State.APPROVED, **how)
                handed.append(number)
            except FullError:
                await registrations.move(tx, number, State.WAITING_LIST, **how)
        asked = await handovers.propose(tx, None, mapping="bpjs", count=len(handed), by=None, now=now)
        later = now + timedelta(minutes=5)
        await registrations.hand_over(tx, asked.id, sorted(handed), until=later, actor=None, now=now)
    other = await Database.open(database_url, vault)
    yield Village((database, other), office, numbers, handed, queued)
    await other.close()


def answer(number: str, chance: random.Random) -> Good:
    """Return what BPJS says about somebody."""
    outcome = chance.choice(["active", "active", "not_matched", "rejected"])
    entry = {"number": number, "outcome": outcome, "kpj": f"9{number}", "cover_from": "2026-12-01"}
    return Good(0, entry | {"paid_until": chance.choice(["2026-11-18", "2027-11-30"]), "reason": "tidak sesuai"})


@pytest.mark.parametrize("seed", range(2))
async def test_no_order_leads_into_a_ring(village: Village, seed: int) -> None:
    """Answers and payments in any order, decisions, denials and lapses, in two processes: nothing fails, all is sound."""

    async def go(worker: int) -> None:
        chance = random.Random(f"{seed} {worker}")  # noqa: S311  # nothing secret
        for _turn in range(12):
            await village.acts(worker, chance.choice(ACTS)(village, chance))

    async with asyncio.timeout(100), asyncio.TaskGroup() as crowd:
        for worker in range(8):
            crowd.create_task(go(worker))
    assert await village.sound()
    async with village.databases[0].read() as tx:
        counts = await registrations.counts(tx)
    assert all(counts[state] for state in ("active", "withdrawn", "rejected"))


Act = Callable[[Village, random.Random], Callable[[Any], Awaitable[object]]]


def _returns(village: Village, chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    rows = [answer(number, chance) for number in chance.sample(village.handed, 12)]
    return lambda visit: returning.enter(visit, 1, rows)


def _pays(village: Village, chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    until = chance.choice(["2026-11-18", "2028-01-31"])
    rows = [Good(0, {"number": number, "paid_until": until}) for number in chance.sample(village.handed, 12)]
    return lambda visit: paid.enter(visit, rows)


def _denies(village: Village, chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    number = chance.choice(village.numbers)

    async def deny(visit: Any) -> None:
        denied = await registrations.denied(visit.tx, number, 77, visit.now)
        await screens.promote(visit, denied.programme)

    return deny


def _withdraws(village: Village, chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    number = chance.choice(village.numbers)

    async def withdraw(visit: Any) -> None:
        before = await registrations.get(visit.tx, number)
        assert before is not None
        how: dict[str, Any] = {"actor": None, "reason": None, "now": visit.now, "frm": before.state}
        await registrations.move(visit.tx, number, State.WITHDRAWN, **how)
        await screens.promote(visit, before.programme)

    return withdraw


def _approves(village: Village, chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    numbers = chance.sample(village.queued, 4)

    async def approve(visit: Any) -> None:
        await registrations.lock_all(visit.tx, numbers)
        how: dict[str, Any] = {"actor": 500, "reason": None, "now": visit.now, "frm": State.QUEUED, "cost": YEAR}
        for number in numbers:
            with suppress(MovedError, FullError):
                await registrations.move(visit.tx, number, State.APPROVED, **how)

    return approve


def _undoes(village: Village, chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    number = chance.choice(village.queued)
    return lambda visit: registrations.undo(visit.tx, number, actor=500, now=visit.now)


def _puts(village: Village, chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    number, code = chance.choice(village.queued), chance.choice([*CODES, None])
    to: dict[str, Any] = {"payer": "apbd", "tier": "basic", "actor": BY}
    return lambda visit: registrations.put_under(visit.tx, number, code, **to, now=visit.now)


def _promotes(_village: Village, _chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    return screens.promote_all


def _lapses(_village: Village, _chance: random.Random) -> Callable[[Any], Awaitable[object]]:
    return rounds.ROUNDS["lapse"].work


ACTS: list[Act] = [_returns, _returns, _pays, _denies, _withdraws, _approves, _undoes, _puts, _promotes, _lapses]
