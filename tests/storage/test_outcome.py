"""What came of a broadcast: counted as a model that looks at everybody counts it, line by line and in sum."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import update

from conversations.consent import VERSION
from storage import broadcasts, people, registrations
from storage.broadcasts import Ended, Stage, Tried
from storage.database import Database
from storage.registrations import Application, Registration, State
from storage.tables import recipients
from storage.tables import registrations as registrations_table
from storage.transaction import Transaction

HOUR, FORTNIGHT = timedelta(hours=1), timedelta(days=14)
VILLAGE = "33.19.02.1001"


async def joins(tx: Transaction, serial: int, now: datetime, *, by: int | None = None) -> Registration:
    """Let somebody register, or be registered `by` another and take it over."""
    person, nik, phone = 7_000_000_000 + serial, f"331902050590{9000 + serial}", f"+6281100009{serial:03}"
    await people.meet(tx, person, now)
    document = {"consent": {"option": "agree", "version": VERSION, "at": now.isoformat()}, "name": "Kasmuri"}
    claim = "own" if by is None else "claimed"
    return await registrations.submit(
        tx,
        Application(
            person, by or person, VILLAGE, "ojek", True, "basic", "self", None, "id", document, nik, phone, claim=claim
        ),
        now,
    )


async def announced(tx: Transaction, people_: list[Registration], now: datetime) -> list[int]:
    """Write a message to each of these people down, being sent; returns their rows' ids."""
    body = {"texts": {"id": "Kabar"}}
    number = await broadcasts.create(
        tx,
        area="33.19",
        body=body,
        necessary=False,
        quiet=True,
        due_at=None,
        canary=0,
        by=1,
        now=now,
        stage=Stage.RUNNING,
    )
    for one in people_:
        assert one.person is not None
        await broadcasts.plan_one(
            tx, number, one.person, registration=one.number, occasion="", language="id", zone="WIB", due_at=now
        )
    sending = update(recipients).where(recipients.c.broadcast == number).values(state="sending", leased_until=now)
    await tx.connection.execute(sending)
    return [row.id for row in await broadcasts.list_after(tx, number, 0, 100)]


async def pays(tx: Transaction, one: Registration, now: datetime, until: date) -> None:
    """Let BPJS tell that somebody has paid until a day."""
    await registrations.activate(
        tx, one.number, kpj="KPJ1", cover_from=date(2026, 12, 1), paid_until=until, actor=1, now=now
    )


async def covered(tx: Transaction, one: Registration, now: datetime) -> None:
    """Let somebody be covered for the first time."""
    for frm, to in ((State.QUEUED, State.APPROVED), (State.APPROVED, State.HANDED_OVER)):
        await registrations.move(tx, one.number, to, actor=1, reason=None, now=now, frm=frm)
    await pays(tx, one, now, date(2026, 12, 31))


async def test_what_followed_is_counted_of_those_who_got_it(database: Database, now: datetime) -> None:
    """A press, a registration and a payment count after the message and within the time, and only of who may have it."""
    async with database.write() as tx:
        ones = [await joins(tx, serial, now) for serial in range(6)]
        for one in (ones[1], ones[2], ones[3]):
            await covered(tx, one, now)
        await pays(tx, ones[3], now + HOUR, date(2027, 1, 31))  # before the message
        ids = await announced(tx, ones, now + 2 * HOUR)
        ends: list[tuple[Any, str | None]] = [("sent", None)] * 4 + [("unknown", "cut off"), ("failed", "blocked")]
        settled = [Ended(number, state, reason) for number, (state, reason) in zip(ids, ends, strict=True)]
        await broadcasts.settle(tx, settled, now + 3 * HOUR)
        await broadcasts.act(tx, ids[0], ones[0].person or 0, "where", now + 4 * HOUR)
        await broadcasts.act(tx, ids[4], ones[4].person or 0, "paid", now + 4 * HOUR)
        await pays(tx, ones[1], now + 5 * HOUR, date(2027, 1, 31))
        await pays(tx, ones[2], now + 30 * FORTNIGHT, date(2027, 1, 31))  # too late to follow from it
        for serial, one in ((10, ones[0]), (11, ones[5])):  # they register somebody of the family, too
            more = await joins(tx, serial, now + 6 * HOUR)
            await tx.connection.execute(
                update(registrations_table).where(registrations_table.c.number == more.number).values(person=one.person)
            )
        until = now + 3 * HOUR + FORTNIGHT
        followed = await broadcasts.effects(tx, 1, until)
        lines = await broadcasts.lines(tx, 1, 0, 100, until)
    assert (followed.actions, followed.pressed, followed.finished, followed.paid) == ({"where": 1, "paid": 1}, 2, 1, 2)
    assert [(line.finished, line.paid) for line in lines] == [
        (True, False), (False, True), (False, False), (False, False), (False, True), (False, False),
    ]  # fmt: skip
    assert {line.area for line in lines} == {VILLAGE}


async def test_the_lines_come_in_pages_and_add_up(database: Database, now: datetime) -> None:
    """Page after page gives everybody once, in the order of the ledger, with outcome, reason and time."""
    async with database.write() as tx:
        ids = await announced(tx, [await joins(tx, serial, now) for serial in range(5)], now)
        await broadcasts.settle(tx, [Ended(ids[0], "sent", message_id=3), Ended(ids[1], "failed", "blocked")], now)
        found: list[Any] = []
        while page := await broadcasts.lines(tx, 1, found[-1].id if found else 0, 2, now):
            found += page
    assert [line.id for line in found] == ids
    assert [(line.state, line.reason) for line in found[:3]] == [
        ("sent", None),
        ("failed", "blocked"),
        ("sending", None),
    ]
    assert (found[0].at, found[2].at) == (now, None)


async def test_whom_messages_no_longer_reach_is_listed_by_who_entered_them(database: Database, now: datetime) -> None:
    """By helper, those who took their registration over and were lost in this time; who is back, or was lost before, is none."""
    async with database.write() as tx:
        ones = [await joins(tx, 0, now), *[await joins(tx, serial, now, by=99) for serial in (1, 2, 3, 4)]]
        at = {0: now, 1: now, 2: now - HOUR, 3: now + HOUR, 4: now}
        for serial, moment in at.items():
            await people.reachable(tx, 7_000_000_000 + serial, yes=False, now=moment)
        await people.reachable(tx, 7_000_000_004, yes=True, now=now)
        assert await broadcasts.unreached(tx, now, now + HOUR) == {99: [(ones[1].number, VILLAGE)]}
        assert await broadcasts.out_of_reach(tx, {7_000_000_001, 7_000_000_004}) == {7_000_000_001}
        assert await broadcasts.out_of_reach(tx, set()) == set()


async def test_those_who_wait_are_counted_by_zone_and_what_ended_lately(database: Database, now: datetime) -> None:
    """Only who still waits counts for a zone, and only what was tried since a moment for the rate."""
    async with database.write() as tx:
        ids = await announced(tx, [await joins(tx, serial, now) for serial in range(4)], now)
        await broadcasts.release(tx, (await broadcasts.list_after(tx, 1, 0, 2)))
        await broadcasts.settle(tx, [Ended(ids[2], "sent"), Ended(ids[3], "failed", "blocked")], now + HOUR)
        assert await broadcasts.zones(tx, 1) == {"WIB": 2}
        assert await broadcasts.tried_since(tx, 1, now) == Tried(2, now + HOUR)
        assert await broadcasts.tried_since(tx, 1, now + HOUR) == Tried(0, None)
