"""Whatever people do, in whatever order, and many at once: never over a quota, and never a lost place."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programme_office import CODE, ELSEWHERE, MONTH, NEIGHBOUR, VILLAGE, YEAR, Desk
from sqlalchemy import func, select

from storage import history, programmes, registrations
from storage.database import Database
from storage.programmes import Programme, QuotaTooSmallError, Taken
from storage.registrations import Cost, FullError, MovedError, NotAllowedError, State
from storage.states import PLACED
from storage.tables import places
from storage.tables import registrations as rows
from storage.transaction import Transaction
from storage.vault import Vault

COSTS = {VILLAGE: YEAR, NEIGHBOUR: Cost(12, 159_600, MONTH), ELSEWHERE: Cost(3, 50_400, MONTH)}
AREAS = [VILLAGE, NEIGHBOUR, ELSEWHERE]
MANY = [VILLAGE, VILLAGE, NEIGHBOUR]


class UndoError(Exception):
    """Ends an example's transaction, so that the next one begins afresh."""


async def held_places(tx: Transaction) -> Taken:
    """Add up the places that are held."""
    sums = (func.count(), func.sum(places.c.months), func.sum(places.c.rupiah))
    found = (await tx.connection.execute(select(*sums).where(places.c.released_at.is_(None)))).one()
    return Taken(*(int(value or 0) for value in found))


async def counted(tx: Transaction) -> Programme:
    """Hold the programme against its places and the people in it; nothing may be over or missing."""
    found = await programmes.get(tx, CODE)
    assert found is not None
    taken = await held_places(tx)
    assert found.taken == taken
    for quota, promised in (
        (found.people, taken.people),
        (found.person_months, taken.months),
        (found.budget, taken.budget),
    ):
        assert quota is None or promised <= quota
    holds = select(places.c.registration).where(places.c.released_at.is_(None))
    placed = select(rows.c.number).where(rows.c.state.in_([one.value for one in PLACED]), rows.c.programme == CODE)
    assert set(await tx.connection.scalars(holds)) == set(await tx.connection.scalars(placed))
    if found.shares:
        by_area = select(places.c.share, func.count()).where(places.c.released_at.is_(None)).group_by(places.c.share)
        for area, people in await tx.connection.execute(by_area):
            assert people <= found.shares.get(area, 0)
    return found


def room(programme: Programme, cost: Cost) -> bool:
    """Tell whether the programme as a whole has room for one more."""
    taken, full = programme.taken, programme.state != programmes.OPEN
    return not (
        full
        or (programme.people is not None and taken.people >= programme.people)
        or (programme.person_months is not None and taken.months + cost.months > programme.person_months)
        or (programme.budget is not None and taken.budget + cost.rupiah > programme.budget)
    )


Quota = dict[str, Any]
QUOTAS = st.fixed_dictionaries(
    {
        "people": st.none() | st.integers(0, 5),
        "person_months": st.none() | st.integers(0, 48),
        "budget": st.none() | st.integers(0, 900_000),
        "shares": st.just({}) | st.dictionaries(st.sampled_from(AREAS), st.integers(0, 3), min_size=1),
        "state": st.sampled_from(["open", "open", "open", "closed"]),
    }
)


@dataclass
class Walk:
    """A village in which things happen to its registrations in any order."""

    desk: Desk
    numbers: list[str] = field(default_factory=list)

    async def submit(self, which: int) -> None:
        """Somebody new applies."""
        area = AREAS[which % 3]
        self.numbers.append(await self.desk.applies(len(self.numbers) + 1, area=area))

    async def approve(self, which: int) -> None:
        """A reviewer says yes; without a place it is the waiting list."""
        number = self.numbers[which % len(self.numbers)]
        await self.desk.approves(number, COSTS[(await self.desk.sees(number)).area])

    async def goes(self, which: int, to: State) -> None:
        """A registration moves by itself or by a reviewer, in any way the table allows."""
        number = self.numbers[which % len(self.numbers)]
        actor = None if to == State.WITHDRAWN else 500
        await self.desk.moves(number, to, actor=actor)

    async def leave(self, which: int) -> None:
        """A reviewer puts a registration under no programme, or back under it."""
        number = self.numbers[which % len(self.numbers)]
        code = None if (await self.desk.sees(number)).programme else CODE
        await registrations.put_under(
            self.desk.tx, number, code, payer="apbd", tier="basic", actor=500, now=self.desk.now
        )

    async def promote(self) -> None:
        """The free places are given to those who wait; then nobody waits for a place that is there."""
        waited = await registrations.waiting(self.desk.tx, CODE)

        def cost_of(who: registrations.Registration) -> Cost:
            return COSTS[who.area]

        promoted = await registrations.promote(self.desk.tx, CODE, cost_of, self.desk.now)
        line = {one.number: place for place, one in enumerate(waited)}
        assert [one.number for one in promoted] == sorted((one.number for one in promoted), key=line.__getitem__)
        left = await programmes.get(self.desk.tx, CODE)
        assert left is not None
        for one in await registrations.waiting(self.desk.tx, CODE):
            mine = sum(other.area == one.area for other in await self.placed())
            if not left.shares or mine < left.shares.get(one.area, 0):
                assert not room(left, COSTS[one.area])
                break  # whoever is behind the first that could have a place waits with them

    async def placed(self) -> list[registrations.Registration]:
        """List who holds a place."""
        found = [await self.desk.sees(number) for number in self.numbers]
        return [one for one in found if await registrations.held(self.desk.tx, one.number) is not None]

    async def change(self, quota: Quota) -> None:
        """An admin raises or lowers what there is, shares it out, closes it or opens it again."""
        async with self.desk.tx.savepoint():
            await self.desk.offers(**quota)


STEPS = st.one_of(
    st.tuples(st.just("submit"), st.integers(0, 2)),
    st.tuples(st.just("approve"), st.integers(0, 99)),
    st.tuples(st.just("approve"), st.integers(0, 99)),
    st.tuples(
        st.just("goes"),
        st.integers(0, 99),
        st.sampled_from(
            [State.QUEUED, State.REJECTED, State.WITHDRAWN, State.WAITING_LIST, State.APPROVED, State.HANDED_OVER]
        ),
    ),
    st.tuples(st.just("leave"), st.integers(0, 99)),
    st.tuples(st.just("promote")),
    st.tuples(st.just("change"), QUOTAS),
)


@given(quota=QUOTAS, first=st.integers(1, 6), steps=st.lists(STEPS, max_size=30))
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_way_leads_over_a_quota(
    database: Database, now: datetime, quota: Quota, first: int, steps: Sequence[tuple[Any, ...]]
) -> None:
    """Counters are the places held, those are the people placed, none is over its quota, and every history holds."""
    with contextlib.suppress(UndoError):
        async with database.write() as tx:
            walk = Walk(Desk(tx, now))
            await walk.desk.offers(**quota | {"state": "open"})
            for which in range(first):
                await walk.submit(which)
            for action, *arguments in steps:
                with contextlib.suppress(MovedError, NotAllowedError, FullError, QuotaTooSmallError):
                    await getattr(walk, action)(*arguments)
                await counted(tx)
            await walk.promote()
            await counted(tx)
            assert all([await history.verify(tx, number) for number in walk.numbers])
            raise UndoError


# Many at once


async def village(database: Database, now: datetime, size: int, **quota: Any) -> list[str]:
    """Let so many people wait under a programme."""
    async with database.write() as tx:
        desk = Desk(tx, now)
        await desk.offers(**quota)
        return [await desk.applies(who, area=MANY[who % 3]) for who in range(size)]


async def each(workers: int, numbers: Sequence[str], work: Callable[[int, str], Awaitable[None]]) -> None:
    """Let so many workers go through all numbers, each in another order."""

    async def go(worker: int) -> None:
        mine = list(numbers)
        random.Random(worker).shuffle(mine)  # noqa: S311  # no secret
        for number in mine:
            await work(worker, number)

    async with asyncio.timeout(100), asyncio.TaskGroup() as crowd:
        for worker in range(workers):
            crowd.create_task(go(worker))


async def states(database: Database, numbers: Sequence[str]) -> dict[str, int]:
    """Count registrations by state, once all books are balanced."""
    async with database.read() as tx:
        await counted(tx)
        assert all([await history.verify(tx, number) for number in numbers])
        return {state: count for state, count in (await registrations.counts(tx)).items() if count}


@pytest.fixture
async def other(database_url: str, vault: Vault) -> AsyncIterator[Database]:
    """The same database, opened once more; closed however the test ends."""
    opened = await Database.open(database_url, vault)
    yield opened
    await opened.close()


async def test_eight_reviewers_and_seventeen_places(database: Database, other: Database, now: datetime) -> None:
    """However eight reviewers in two processes race over 60 people, exactly 17 are approved and 43 wait."""
    numbers = await village(database, now, 60, people=17)

    async def approve(worker: int, number: str) -> None:
        with contextlib.suppress(MovedError):
            async with (database, other)[worker % 2].write() as tx:
                desk = Desk(tx, now)
                if (await desk.sees(number)).state == State.QUEUED:
                    await desk.approves(number, frm=State.QUEUED)

    await each(8, numbers, approve)
    assert await states(database, numbers) == {"approved": 17, "waiting_list": 43}


async def test_all_kinds_of_changes_at_once(database: Database, other: Database, now: datetime) -> None:
    """Approving, undoing, withdrawing, promoting and changing the quota at once: no deadlock, nothing lost."""
    shared = {VILLAGE: 12, NEIGHBOUR: 5}
    numbers = await village(database, now, 60, people=17, shares=shared)

    async def act(worker: int, number: str) -> None:
        chance = random.Random(f"{worker} {number}").random()  # noqa: S311  # likewise
        with contextlib.suppress(MovedError, NotAllowedError, FullError, QuotaTooSmallError):
            async with (database, other)[worker % 2].write() as tx:
                desk = Desk(tx, now)
                state = (await desk.sees(number)).state
                if state == State.QUEUED:
                    await desk.approves(number, frm=state)
                elif chance < 0.3:
                    await desk.moves(number, State.WITHDRAWN, actor=None, frm=state)
                    await desk.promotes()
                elif chance < 0.5:
                    await desk.moves(number, State.QUEUED, frm=state)
                    await desk.promotes()
                elif chance < 0.6:
                    await desk.offers(people=17 + worker, shares=shared)
                else:
                    await desk.promotes()

    await each(8, numbers, act)
    async with database.write() as tx:
        desk = Desk(tx, now)
        await desk.offers(people=25, shares=shared)
        for number in numbers:
            if (await desk.sees(number)).state == State.QUEUED:
                await desk.approves(number)
        await desk.promotes()
        waiting = {one.area for one in await registrations.waiting(tx, CODE)}
        placed = [(await desk.sees(number)).area for number in numbers if await registrations.held(tx, number)]
    assert all(placed.count(area) == shared[area] for area in waiting)
    found = await states(database, numbers)
    assert found["approved"] == len(placed)
    assert set(found) <= {"approved", "waiting_list", "withdrawn"}
