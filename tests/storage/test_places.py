"""Places of a programme: no approval without one, none twice, and each given back goes to whoever waited first."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime

import pytest
from programme_office import CODE, ELSEWHERE, MINUTE, NEIGHBOUR, REVIEWER, VILLAGE, YEAR, Desk, programme
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from storage import history, programmes, registrations
from storage.database import Database
from storage.programmes import Programme, QuotaTooSmallError, Taken
from storage.registrations import Application, Cost, FullError, MovedError, NotAllowedError, State
from storage.tables import programmes as programme_rows
from storage.tables import shares


@pytest.fixture
async def desk(database: Database, now: datetime) -> AsyncIterator[Desk]:
    """A reviewer at work, whose transaction is committed in the end."""
    async with database.write() as tx:
        yield Desk(tx, now)


QUOTAS = [
    ({"people": 2}, "people"),
    ({"person_months": 24}, "person-months"),
    ({"person_months": 35}, "person-months"),
    ({"budget": 2 * 201_600}, "budget"),
    ({"budget": 3 * 201_600 - 1}, "budget"),
    ({"shares": {VILLAGE: 2, NEIGHBOUR: 9}}, "share"),
]


@pytest.mark.parametrize(("quota", "lacks"), QUOTAS)
async def test_each_quota_holds(desk: Desk, quota: dict[str, object], lacks: str) -> None:
    """The third of three finds no place, whichever way places are limited, what is lacking is named, and none was told."""
    offered = await desk.offers(**quota)
    assert await registrations.room(desk.tx, offered, YEAR, VILLAGE) == 2
    numbers = [await desk.applies(who) for who in range(3)]
    assert [await desk.approves(number) for number in numbers] == [None, None, lacks]
    assert await desk.taken() == Taken(2, 24, 2 * 201_600)
    left = await programmes.get(desk.tx, CODE)
    assert left is not None
    assert await registrations.room(desk.tx, left, YEAR, VILLAGE) == 0
    assert [(await desk.sees(number)).state for number in numbers] == ["approved", "approved", "waiting_list"]
    assert await registrations.held(desk.tx, numbers[0]) == YEAR
    assert await registrations.held(desk.tx, numbers[2]) is None
    assert all([await history.verify(desk.tx, number) for number in numbers])


async def test_without_a_quota_there_is_always_a_place(desk: Desk) -> None:
    """A programme that limits nothing (one pays oneself) still counts what it promised."""
    await desk.offers()
    assert [await desk.approves(await desk.applies(who)) for who in range(3)] == [None] * 3
    assert await desk.taken() == Taken(3, 36, 3 * 201_600)


async def test_a_village_without_a_share_has_a_share_of_nobody(desk: Desk) -> None:
    """Where villages have shares, only they have places."""
    await desk.offers(people=10, shares={NEIGHBOUR: 10})
    assert await desk.approves(await desk.applies(1)) == "share"


async def test_an_approval_says_what_it_costs(desk: Desk) -> None:
    """Without a cost nothing is approved under a programme; without a programme none is needed."""
    await desk.offers()
    number, free = await desk.applies(1), await desk.applies(2, code=None)
    more = {"actor": REVIEWER, "reason": None, "now": desk.now, "frm": State.QUEUED}
    with pytest.raises(NotAllowedError):
        await registrations.move(desk.tx, number, State.APPROVED, **more)  # type: ignore[arg-type]
    assert (await registrations.move(desk.tx, free, State.APPROVED, **more)).state == State.APPROVED  # type: ignore[arg-type]


async def test_a_refused_approval_changes_nothing(desk: Desk) -> None:
    """FullError leaves the registration as it was, so that the caller may go on in the same transaction."""
    await desk.offers(people=0)
    number = await desk.applies(1)
    before = await desk.sees(number)
    with pytest.raises(FullError) as full:
        await desk.moves(number, State.APPROVED)
    assert (full.value.programme, full.value.what) == (CODE, "people")
    assert await desk.sees(number) == before
    assert await desk.taken() == Taken()


@pytest.mark.parametrize("code", [CODE, "unknown"])
async def test_what_is_closed_or_unknown_gives_no_place(desk: Desk, code: str) -> None:
    """A programme that was closed, and one that never was, approve nobody and promote nobody."""
    await desk.offers(state="closed")
    assert await desk.approves(await desk.applies(1, code=code)) == "closed"
    assert await desk.promotes() == []


async def test_who_was_placed_before_it_closed_keeps_the_place(desk: Desk) -> None:
    """Closing takes nothing away, and what is given back still comes back."""
    await desk.offers(people=2)
    first, second = await desk.applies(1), await desk.applies(2)
    await desk.approves(first)
    await desk.approves(second)
    await desk.offers(people=2, state="closed")
    assert await desk.taken() == Taken(2, 24, 403_200)
    await desk.moves(first, State.WITHDRAWN, actor=10_001)
    assert await desk.taken() == Taken(1, 12, 201_600)


GIVEN_BACK = [
    (State.QUEUED, ()),
    (State.WITHDRAWN, ()),
    (State.REJECTED, (State.HANDED_OVER,)),
    (State.REJECTED, (State.HANDED_OVER, State.NOT_MATCHED)),
    (State.WITHDRAWN, (State.HANDED_OVER, State.NOT_MATCHED)),
]


@pytest.mark.parametrize(("to", "way"), GIVEN_BACK)
async def test_a_place_comes_back(desk: Desk, to: State, way: tuple[State, ...]) -> None:
    """Undone, withdrawn, or refused by BPJS: people, months, rupiah and the village's share are free again."""
    await desk.offers(people=1, shares={VILLAGE: 1})
    number, other = await desk.applies(1), await desk.applies(2)
    assert await desk.approves(number) is None
    for state in (*way, to):
        await desk.moves(number, state)
    assert await desk.taken() == Taken()
    assert await registrations.held(desk.tx, number) is None
    assert await desk.approves(other) is None
    assert await history.verify(desk.tx, number)


async def test_what_cover_was_paid_from_does_not_come_back(desk: Desk) -> None:
    """Somebody covered, lapsed and withdrawn has used the money."""
    await desk.offers(people=1)
    number = await desk.applies(1)
    await desk.approves(number)
    await desk.moves(number, State.HANDED_OVER)
    await registrations.activate(
        desk.tx,
        number,
        kpj="12345678901",
        cover_from=date(2026, 12, 1),
        paid_until=date(2026, 12, 31),
        actor=REVIEWER,
        now=desk.now,
    )
    await registrations.lapse(desk.tx, number, date(2027, 1, 1), now=desk.now)
    await desk.moves(number, State.WITHDRAWN, actor=10_001)
    assert await desk.taken() == Taken(1, 12, 201_600)
    assert await desk.approves(await desk.applies(2)) == "people"


async def test_not_matched_is_placed_once(desk: Desk) -> None:
    """Whoever corrects something after BPJS could not match them keeps the place, and does not take a second one."""
    await desk.offers(people=1)
    number = await desk.applies(1)
    await desk.approves(number)
    for state in (State.HANDED_OVER, State.NOT_MATCHED, State.NEEDS_CORRECTION, State.QUEUED):
        await desk.moves(number, state)
    assert await desk.taken() == Taken(1, 12, 201_600)
    assert await desk.approves(number, Cost(9, 151_200, date(2027, 3, 1))) is None
    assert await desk.taken() == Taken(1, 12, 201_600)
    assert await registrations.held(desk.tx, number) == YEAR


@pytest.mark.parametrize(
    ("change", "kept"),
    [({}, True), ({"area": NEIGHBOUR}, False), ({"programme": None, "payer": "self"}, False), ({"tier": "x"}, False)],
)
async def test_a_correction_of_what_the_place_was_for(desk: Desk, change: dict[str, object], *, kept: bool) -> None:
    """A corrected name keeps the place; another village, payer or package has to be given one anew."""
    await desk.offers(people=1)
    number = await desk.applies(1)
    await desk.approves(number)
    for state in (State.HANDED_OVER, State.NOT_MATCHED, State.NEEDS_CORRECTION):
        await desk.moves(number, state)
    before = await desk.sees(number)
    same = {
        name: getattr(before, name)
        for name in ("person", "registered_by", "area", "occupation", "transport", "tier", "payer", "programme")
    }
    fields = {**same, "language": "id", "document": {}, "nik": "3319020505900001", "phone": None, **change}
    await registrations.correct(desk.tx, number, Application(**fields), actor=10_001, now=desk.now)  # type: ignore[arg-type]
    assert (await registrations.held(desk.tx, number) is not None) == kept
    assert (await desk.taken()).people == int(kept)
    assert await history.verify(desk.tx, number)


async def test_put_under_another_programme(desk: Desk) -> None:
    """A waiting registration changes programme, payer and tier, keeps its place in the queue, and leaves its quota."""
    await desk.offers(people=5)
    await programmes.save(desk.tx, programme(code="other", people=1), by=None, now=desk.now)
    number = await desk.applies(1)
    await desk.approves(number)
    for state in (State.HANDED_OVER, State.NOT_MATCHED, State.NEEDS_CORRECTION, State.QUEUED):
        await desk.moves(number, state)
    other = {"payer": "company", "tier": "with_jht", "actor": REVIEWER, "now": desk.now}
    moved = await registrations.put_under(desk.tx, number, "other", **other)  # type: ignore[arg-type]
    assert (moved.programme, moved.payer, moved.tier, moved.queued_at) == (
        "other",
        "company",
        "with_jht",
        desk.now + MINUTE,
    )
    assert await desk.taken() == Taken()
    assert await desk.approves(number) is None
    with pytest.raises(MovedError):
        await registrations.put_under(desk.tx, number, None, **other)  # type: ignore[arg-type]
    assert await history.verify(desk.tx, number)


# The waiting list


async def test_first_come_first(desk: Desk) -> None:
    """Places go by the moment of applying, then by number; the place on the list says so."""
    await desk.offers(people=0)
    late, early, *same = [await desk.applies(who) for who in (5, 1)] + [
        await desk.applies(who, at=desk.now + 3 * MINUTE) for who in (2, 3)
    ]
    line = [early, *sorted(same), late]
    for number in (late, *same, early):
        await desk.approves(number)
    assert [one.number for one in await registrations.waiting(desk.tx, CODE)] == line
    assert [await registrations.waiting_place(desk.tx, number) for number in line] == [1, 2, 3, 4]
    assert await registrations.waited_for(desk.tx) == [CODE]
    assert await desk.promotes() == []
    await desk.offers(people=3)
    assert await desk.promotes() == line[:3]
    assert await registrations.waiting_place(desk.tx, late) == 1
    assert await registrations.waiting_place(desk.tx, early) == 0


async def test_nobody_passes_somebody_who_waits(desk: Desk) -> None:
    """A new place is for those who wait, also when somebody else is approved before they are promoted."""
    await desk.offers(people=0)
    first, second = await desk.applies(1), await desk.applies(2)
    await desk.approves(first)
    await desk.offers(people=1)
    assert await desk.approves(second) == "others wait"
    assert await desk.promotes() == [first]


async def test_a_full_village_is_passed_over(desk: Desk) -> None:
    """Whoever's village has no share left holds nobody else back, however many of them there are."""
    await desk.offers(people=9, shares={VILLAGE: 1, NEIGHBOUR: 1})
    here = [await desk.applies(who) for who in range(1, 4)]
    there = [await desk.applies(who, area=NEIGHBOUR) for who in range(4, 7)]
    assert [await desk.approves(number) for number in here] == [None, "share", "share"]
    assert [await desk.approves(number) for number in there] == [None, "share", "share"]
    await desk.offers(people=9, shares={VILLAGE: 1, NEIGHBOUR: 2})
    assert await desk.promotes() == [there[1]]
    await desk.moves(here[0], State.WITHDRAWN, actor=10_001)
    assert await desk.promotes() == [here[1]]


async def test_where_the_programme_is_short_all_wait(desk: Desk) -> None:
    """When the first in line is too expensive for what is left, nobody cheaper behind them passes."""
    await desk.offers(budget=300_000)
    numbers = [await desk.applies(who) for who in range(1, 4)]
    half = Cost(12, 100_800, YEAR.first_month)
    assert [await desk.approves(number) for number in numbers[:2]] == [None, "budget"]
    assert await desk.promotes() == []
    assert await desk.approves(numbers[2], half) == "budget"
    assert await desk.promotes() == []


async def test_promoted_is_not_a_second_verdict(desk: Desk) -> None:
    """A promotion keeps who decided and when, and stands in the history as the office's own act."""
    await desk.offers(people=0)
    number = await desk.applies(1)
    await desk.approves(number)
    decided = await desk.sees(number)
    await desk.offers(people=1)
    await desk.promotes()
    after = await desk.sees(number)
    assert (after.state, after.decided_at, after.decided_by) == (State.APPROVED, decided.decided_at, REVIEWER)
    last = (await history.entries(desk.tx, number))[-1]
    assert (last.actor, last.from_state, last.to_state, last.reason) == (None, "waiting_list", "approved", "promoted")


# The programme itself


async def test_it_comes_back_as_it_was_saved(desk: Desk) -> None:
    """Everything a programme says is stored; what is promised is not the file's to say."""
    wanted = programme(
        people=5,
        person_months=50,
        budget=26_000 * 201_600,
        owner=7_000_000_001,
        terms={"occupations": ["ojek"], "departments": {"*": "Dinas"}},
        shares={VILLAGE: 2, NEIGHBOUR: 3},
        taken=Taken(9, 9, 9),
    )
    saved = await programmes.save(desk.tx, wanted, by=None, now=desk.now)
    assert saved == programme(**{name: getattr(wanted, name) for name in _OWN}, taken=Taken())
    assert await programmes.all_(desk.tx) == [saved]
    assert await programmes.all_(desk.tx, state="closed") == []
    assert await programmes.all_(desk.tx, owner=1) == []


_OWN = ("people", "person_months", "budget", "owner", "terms", "shares")

TOO_SMALL = [
    ({"people": 1}, "people", 2, None),
    ({"person_months": 23}, "person-months", 24, None),
    ({"budget": 403_199}, "rupiah", 403_200, None),
    ({"shares": {VILLAGE: 1, ELSEWHERE: 1}}, "people", 2, VILLAGE),
    ({"shares": {ELSEWHERE: 9}}, "people", 2, VILLAGE),
]


@pytest.mark.parametrize(("quota", "what", "promised", "area"), TOO_SMALL)
async def test_a_promise_is_kept(
    database: Database, now: datetime, quota: dict[str, object], what: str, promised: int, area: str | None
) -> None:
    """No quota and no share falls below what is promised, and everything stays as it was."""
    async with database.write() as tx:
        desk = Desk(tx, now)
        before = await desk.offers(people=9)
        for who in range(2):
            await desk.approves(await desk.applies(who))
    with pytest.raises(QuotaTooSmallError) as small:
        async with database.write() as tx:
            await Desk(tx, now).offers(**quota)
    assert (small.value.what, small.value.promised, small.value.area) == (what, promised, area)
    async with database.read() as tx:
        after = await programmes.get(tx, CODE)
        assert after is not None
        assert (after.people, after.shares) == (before.people, {})


async def test_shares_that_come_later_count_who_is_there(desk: Desk) -> None:
    """People placed before villages had shares count against them, and when the shares go, everybody stays."""
    await desk.offers(people=9)
    numbers = [await desk.applies(who) for who in range(3)]
    await desk.approves(numbers[0])
    await desk.offers(people=9, shares={VILLAGE: 2})
    assert await desk.approves(numbers[1]) is None
    assert await desk.approves(numbers[2]) == "share"
    assert await desk.tx.connection.scalar(select(shares.c.taken)) == 2
    await desk.offers(people=9)
    assert await desk.promotes() == [numbers[2]]
    await desk.moves(numbers[0], State.WITHDRAWN, actor=10_000)
    assert (await desk.taken()).people == 2


async def test_the_database_itself_refuses_too_much(database: Database, now: datetime) -> None:
    """Whatever a program counts, no row promises more than there is."""
    async with database.write() as tx:
        await Desk(tx, now).offers(people=1, person_months=12, budget=201_600, shares={VILLAGE: 1})
    too_much = [
        update(programme_rows).values(taken_people=2),
        update(programme_rows).values(taken_months=13),
        update(programme_rows).values(taken_budget=201_601),
        update(programme_rows).values(taken_people=-1),
        update(shares).values(taken=2),
    ]
    for statement in too_much:
        with pytest.raises(IntegrityError):
            async with database.write() as tx:
                await tx.connection.execute(statement)


async def test_two_enter_one_code_at_once(database: Database, now: datetime) -> None:
    """Of two who save the same new programme at the same moment, neither fails, and one of them remains."""

    async def save(people: int) -> Programme:
        async with database.write() as tx:
            return await Desk(tx, now).offers(people=people, shares={VILLAGE: people})

    saved = await asyncio.gather(*(save(people) for people in range(1, 6)))
    async with database.read() as tx:
        assert await programmes.get(tx, CODE) in saved
