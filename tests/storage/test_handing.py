"""Handing over: by two people, all of what was shown and nothing that has changed since, and what comes back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from storage import handovers, history, registrations
from storage.database import Database
from storage.registrations import Application, MovedError, NotAllowedError, Registration, State
from storage.transaction import Transaction

Apply = Callable[..., Application]
MINUTE = timedelta(minutes=1)
ASKS, CONFIRMS, REVIEWS = 700, 701, 500


async def approved(tx: Transaction, apply: Apply, now: datetime, serial: int = 9001) -> Registration:
    """Let somebody be approved."""
    nik = f"331902250590{serial}"
    made = await registrations.submit(tx, apply(person=serial, nik=nik, phone=None), now)
    return await registrations.move(
        tx, made.number, State.APPROVED, actor=REVIEWS, reason=None, now=now, frm=State.QUEUED
    )


async def handed(tx: Transaction, apply: Apply, now: datetime, serial: int = 9001) -> Registration:
    """Let somebody be handed over with a hand-over of their own."""
    one = await approved(tx, apply, now, serial)
    asked = await handovers.propose(tx, None, mapping="default", count=1, by=ASKS, now=now)
    await handovers.confirm(tx, asked.id, by=CONFIRMS, now=now)
    assert await registrations.hand_over(tx, asked.id, [one.number], until=now, actor=CONFIRMS, now=now) == 1
    await handovers.taken(tx, asked.id, 1, now)
    await handovers.made(tx, asked.id, "00", "password", now)
    found = await registrations.get(tx, one.number)
    assert found is not None
    return found


async def test_two_people(database: Database, now: datetime) -> None:
    """Who proposes cannot confirm; another one can, once, and only within a day."""
    async with database.write() as tx:
        asked = await handovers.propose(tx, None, mapping="default", count=3, by=ASKS, now=now)
        assert await handovers.propose(tx, None, mapping="default", count=9, by=CONFIRMS, now=now) == asked
        assert await handovers.confirm(tx, asked.id, by=ASKS, now=now) is None
        assert await handovers.confirm(tx, asked.id + 1, by=CONFIRMS, now=now) is None
        late = now + handovers.PATIENCE
        assert await handovers.confirm(tx, asked.id, by=CONFIRMS, now=late) is None
        confirmed = await handovers.confirm(tx, asked.id, by=CONFIRMS, now=now + MINUTE)
        assert confirmed is not None
        assert (confirmed.state, confirmed.confirmed_by) == ("confirmed", CONFIRMS)
        assert await handovers.confirm(tx, asked.id, by=CONFIRMS + 1, now=now + MINUTE) is None
        assert await handovers.expire(tx, late) == []
        assert [event.event for event in await handovers.log(tx, asked.id)] == ["asked", "confirmed"]


async def test_expiry(database: Database, now: datetime) -> None:
    """A proposal that nobody confirms closes after a day; then another can be made."""
    async with database.write() as tx:
        asked = await handovers.propose(tx, None, mapping="default", count=3, by=None, now=now)
        assert await handovers.expire(tx, now + handovers.PATIENCE - MINUTE) == []
        over = await handovers.expire(tx, now + handovers.PATIENCE)
        assert [(one.id, one.state) for one in over] == [(asked.id, "expired")]
        again = await handovers.propose(tx, None, mapping="default", count=3, by=ASKS, now=now)
        assert again.id != asked.id


async def test_ready(database: Database, now: datetime, apply: Apply) -> None:
    """What is approved since before the minute to undo is ready, and is handed over with histories that hold."""
    async with database.write() as tx:
        first, second = await approved(tx, apply, now), await approved(tx, apply, now, 9002)
        fresh = await approved(tx, apply, now + MINUTE, 9003)
        assert await registrations.ready(tx, now) == [(None, 2)]
        asked = await handovers.propose(tx, None, mapping="default", count=2, by=ASKS, now=now)
        found = [one.registration.number async for one in registrations.ready_ones(tx, None, now)]
        assert found == sorted([first.number, second.number])
        numbers = [*found, fresh.number]
        assert await registrations.hand_over(tx, asked.id, numbers, until=now, actor=CONFIRMS, now=now + MINUTE) == 2
        assert await registrations.hand_over(tx, asked.id, numbers, until=now, actor=CONFIRMS, now=now + MINUTE) == 0
        gone = [one.registration async for one in registrations.handed_ones(tx, asked.id)]
        assert [(one.number, one.state) for one in gone] == [(number, State.HANDED_OVER) for number in found]
        assert all([await history.verify(tx, number) for number in numbers])
        last = (await history.entries(tx, first.number))[-1]
        assert (last.from_state, last.to_state, last.actor) == ("approved", "handed_over", CONFIRMS)
        assert last.reason == f"handover {asked.id}"


async def test_those_that_are_named(database: Database, now: datetime, apply: Apply) -> None:
    """Of a hand-over, those are found that are asked for by number or NIK, each once, and nobody of another."""
    async with database.write() as tx:
        first, second = await approved(tx, apply, now), await approved(tx, apply, now, 9002)
        third, other = await approved(tx, apply, now, 9003), await handed(tx, apply, now, 9004)
        asked = await handovers.propose(tx, None, mapping="default", count=3, by=ASKS, now=now)
        numbers = [one.number for one in (first, second, third)]
        assert await registrations.hand_over(tx, asked.id, numbers, until=now, actor=CONFIRMS, now=now) == 3
        unknown = [f"331902250590{serial}" for serial in range(7000, 8200)]
        named = [first.number, other.number], ["3319022505909001", *unknown, "3319022505909002", "3319022505909004"]
        found = [one.registration.number async for one in registrations.handed_among(tx, asked.id, *named)]
        assert found == sorted([first.number, second.number])
        assert [one async for one in registrations.handed_among(tx, asked.id, [], [])] == []


async def test_covered(database: Database, now: datetime, apply: Apply) -> None:
    """BPJS's confirmation keeps the member's number sealed, says from when, and is recorded once."""
    until = date(2027, 11, 30)
    async with database.write() as tx:
        gone = await handed(tx, apply, now)
        cover = {"kpj": "12345678901", "cover_from": date(2026, 12, 1), "actor": ASKS, "now": now}
        active = await registrations.activate(tx, gone.number, paid_until=until, **cover)
        assert (active.state, active.kpj, active.paid_until) == (State.ACTIVE, "12345678901", until)
        assert active.cover_from == date(2026, 12, 1)
        assert "12345678901" not in repr(active)
        assert await registrations.activate(tx, gone.number, paid_until=until, **cover) == active
        assert len(await history.entries(tx, gone.number)) == 4
        with pytest.raises(NotAllowedError):
            await registrations.activate(tx, gone.number, paid_until=until, **{**cover, "kpj": "99999999999"})
        longer = await registrations.activate(tx, gone.number, paid_until=date(2028, 11, 30), **cover)
        assert longer.paid_until == date(2028, 11, 30)
        assert await history.verify(tx, gone.number)
        waiting = await approved(tx, apply, now, 9002)
        with pytest.raises(MovedError):
            await registrations.activate(tx, waiting.number, paid_until=None, **cover)


async def test_unmatched(database: Database, now: datetime, apply: Apply) -> None:
    """Whom BPJS could not match goes again only after the register was put right."""
    later = now + timedelta(days=3)
    async with database.write() as tx:
        gone = await handed(tx, apply, now)
        lost = await registrations.unmatched(tx, gone.number, actor=ASKS, now=now)
        assert (lost.state, lost.wanted) == (State.NOT_MATCHED, registrations.CONSOLIDATION)
        assert await registrations.unmatched(tx, gone.number, actor=ASKS, now=later) == lost
        assert await registrations.ready(tx, later) == []
        back = await registrations.renewed(tx, gone.number, actor=9001, now=now + MINUTE)
        assert (back.state, back.wanted) == (State.NOT_MATCHED, None)
        with pytest.raises(MovedError):
            await registrations.renewed(tx, gone.number, actor=9001, now=later)
        assert await registrations.ready(tx, later) == [(None, 1)]
        again = await handovers.propose(tx, None, mapping="default", count=1, by=ASKS, now=later)
        assert await registrations.hand_over(tx, again.id, [gone.number], until=later, actor=CONFIRMS, now=later) == 1
        assert await history.verify(tx, gone.number)


async def test_lapse_and_return(database: Database, now: datetime, apply: Apply) -> None:
    """Cover ends the day after it is paid for, and paying again brings it back."""
    async with database.write() as tx:
        gone = await handed(tx, apply, now)
        cover = {"kpj": "12345678901", "cover_from": date(2026, 12, 1), "actor": None, "now": now}
        await registrations.activate(tx, gone.number, paid_until=date(2026, 12, 31), **cover)
        assert await registrations.overdue(tx, date(2026, 12, 31), limit=9) == []
        with pytest.raises(MovedError):
            await registrations.lapse(tx, gone.number, date(2026, 12, 31), now=now)
        due = await registrations.overdue(tx, date(2027, 1, 1), limit=9)
        assert [one.number for one in due] == [gone.number]
        lapsed = await registrations.lapse(tx, gone.number, date(2027, 1, 1), now=now)
        assert (lapsed.state, lapsed.kpj) == (State.LAPSED, "12345678901")
        paid = await registrations.activate(tx, gone.number, paid_until=date(2027, 3, 31), **cover)
        assert (paid.state, paid.paid_until) == (State.ACTIVE, date(2027, 3, 31))
        entries = await history.entries(tx, gone.number)
        assert [(entry.to_state, entry.reason) for entry in entries[-2:]] == [("lapsed", "unpaid"), ("active", "paid")]
        assert await history.verify(tx, gone.number)


async def test_outcomes(database: Database, now: datetime, apply: Apply) -> None:
    """What BPJS answered is counted, together with what it has not answered yet."""
    async with database.write() as tx:
        gone = await handed(tx, apply, now)
        assert await handovers.outcomes(tx, 1) == {"": 1}
        await registrations.answered(tx, 1, gone.number, "active")
        assert await handovers.outcomes(tx, 1) == {"active": 1}


async def test_password_is_sealed(database: Database, now: datetime) -> None:
    """The password comes back for whoever may ask, and is not in any trace of the record."""
    async with database.write() as tx:
        asked = await handovers.propose(tx, None, mapping="default", count=1, by=ASKS, now=now)
        await handovers.confirm(tx, asked.id, by=CONFIRMS, now=now)
        assert await handovers.made(tx, asked.id, "ab", "padi-sawah", now) is None
        await handovers.taken(tx, asked.id, 1, now)
        ready = await handovers.made(tx, asked.id, "ab", "padi-sawah", now)
        assert ready is not None
        assert (ready.state, ready.password, ready.checksum, ready.count) == ("ready", "padi-sawah", "ab", 1)
        assert "padi" not in repr(ready)
        assert await handovers.made(tx, asked.id, "cd", "x", now) is None
