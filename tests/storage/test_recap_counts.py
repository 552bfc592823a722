"""Figures of registrations: each part counts its own, and the sums are those of the places held."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from storage import programmes, recap, registrations
from storage.database import Database
from storage.programmes import Taken
from storage.recap import Part
from storage.registrations import Application, Cost, Registration, State
from storage.transaction import Transaction

Apply = Callable[..., Application]
HERE, THERE, NEAR_IN_NAME = "33.19.02.1001", "33.19.03.2007", "33.191.01.2001"
SPONSOR, FACILITATOR = 500, 700
HOUR = timedelta(hours=1)
COST = Cost(12, 201_600, date(2026, 12, 1))


async def furnish(tx: Transaction, apply: Apply, now: datetime) -> list[Registration]:
    """Seven approved and one waiting in one village, one in another, one far away; three of a facilitator's."""
    await programmes.save(
        tx,
        programmes.Programme(
            "kudus", "Kudus", "apbd", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1), people=20
        ),
        by=None,
        now=now,
    )
    made = []
    for number in range(10):
        area = {8: THERE, 9: NEAR_IN_NAME}.get(number, HERE)
        of_facilitator = number in {0, 1, 8}
        application = apply(
            person=None if of_facilitator else 1000 + number,
            registered_by=FACILITATOR if of_facilitator else 1000 + number,
            claim="attested" if of_facilitator else "own",
            nik=f"331902050590{9001 + number}",
            area=area,
            programme=None if number == 9 else "kudus",
        )
        made.append(await registrations.submit(tx, application, now))
        if number < 7:
            await approve(tx, made[-1], now + (number + 1) * HOUR)
    return made


async def approve(tx: Transaction, registration: Registration, now: datetime) -> None:
    """Approve a registration under the programme."""
    await registrations.move(
        tx,
        registration.number,
        State.APPROVED,
        actor=SPONSOR,
        reason=None,
        now=now,
        frm=State.QUEUED,
        cost=COST,
    )


async def test_counts_and_sums(database: Database, now: datetime, apply: Apply) -> None:
    """By programme, village and state, with what is held of the programme, in an area on dot boundaries."""
    async with database.write() as tx:
        await furnish(tx, apply, now)
    async with database.read() as tx:
        found = await recap.cells(tx, [Part("33.19")])
        everywhere = await recap.cells(tx, [Part()])
    assert [(cell.key, cell.count, cell.taken) for cell in found] == [
        (("kudus", HERE, State.QUEUED), 1, Taken()),
        (("kudus", HERE, State.APPROVED), 7, Taken(7, 84, 7 * 201_600)),
        (("kudus", THERE, State.QUEUED), 1, Taken()),
    ]
    assert [cell.key for cell in everywhere[3:]] == [(None, NEAR_IN_NAME, State.QUEUED)]


async def test_a_part_counts_only_its_own(database: Database, now: datetime, apply: Apply) -> None:
    """A village, a registrant, a department and a programme each see theirs, two parts see both, no part nothing."""
    async with database.write() as tx:
        made = await furnish(tx, apply, now)
        await registrations.move(
            tx,
            made[7].number,
            State.WITH_DEPARTMENT,
            actor=SPONSOR,
            reason=None,
            now=now + HOUR,
            frm=State.QUEUED,
            department="Dinas Contoh",
        )
    cases: list[tuple[list[Part], int]] = [
        ([Part(HERE)], 8),
        ([Part(THERE)], 1),
        ([Part("33.19.02"), Part(HERE), Part(THERE)], 9),
        ([Part(registered_by=FACILITATOR)], 3),
        ([Part(registered_by=1002)], 0),  # their own registration is none that they entered for somebody
        ([Part("33.19", department="Dinas Contoh")], 1),
        ([Part(THERE, department="Dinas Contoh")], 0),
        ([Part(programme="kudus")], 9),
        ([], 0),
    ]
    async with database.read() as tx:
        for parts, count in cases:
            assert sum(cell.count for cell in await recap.cells(tx, parts)) == count, parts
        assert await recap.claims(tx, [Part(HERE)]) == {"own": 6, "attested": 2}


async def test_the_usual_wait_is_the_median(database: Database, now: datetime, apply: Apply) -> None:
    """From the queue to the decision; of an even number the mean of the two in the middle; of four nothing is told."""
    async with database.write() as tx:
        made = await furnish(tx, apply, now)
        assert await recap.usual_wait(tx, [Part(HERE)]) == 4 * HOUR
        assert await recap.usual_waits(tx, [Part()]) == {("kudus", HERE, State.APPROVED): 4 * HOUR}
        await approve(tx, made[7], now + 100 * HOUR)
        assert await recap.usual_wait(tx, [Part(HERE)]) == 4.5 * HOUR
        assert await recap.usual_wait(tx, [Part(registered_by=FACILITATOR)]) is None


async def test_what_happened_lately(database: Database, now: datetime, apply: Apply) -> None:
    """Arrivals and decisions since a moment, that moment included."""
    async with database.write() as tx:
        await furnish(tx, apply, now)
        assert await recap.lately(tx, [Part(HERE)], now) == recap.Lately(8, 7)
        assert await recap.lately(tx, [Part(HERE)], now + 3 * HOUR) == recap.Lately(0, 5)
