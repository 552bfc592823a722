"""Several at once: two people on the same registrations wait for each other, and each is decided once."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from storage import history, registrations
from storage.database import Database
from storage.registrations import Application, MovedError, NotAllowedError, Scope, State

VILLAGE = "33.19.03.2007"
LURAH, CARIK = 501, 502


async def test_two_reviewers_at_once(database: Database, now: datetime, apply: Callable[..., Application]) -> None:
    """Both decide on the same twenty in opposite order at the same moment: nobody is stuck, each is decided once."""
    async with database.write() as tx:
        made = [
            await registrations.submit(tx, apply(person=n, area=VILLAGE, nik=f"331902250590{9000 + n}"), now)
            for n in range(20)
        ]
    numbers = [one.number for one in made]

    async def approve(who: int, order: Sequence[str]) -> int:
        done = 0
        async with database.write() as tx:
            await registrations.lock_all(tx, order)
            for number in order:
                try:
                    async with tx.savepoint():
                        await registrations.move(
                            tx, number, State.APPROVED, actor=who, reason=None, now=now, frm=State.QUEUED
                        )
                except MovedError:
                    continue
                done += 1
        return done

    done = await asyncio.gather(approve(LURAH, numbers), approve(CARIK, numbers[::-1]))
    assert sorted(done) == [0, 20]
    async with database.read() as tx:
        assert all([await history.verify(tx, number) for number in numbers])


async def test_undo_goes_back_one_step(database: Database, now: datetime, apply: Callable[..., Application]) -> None:
    """Undoing the department's yes restores the village's, undoing the second yes restores the first; chains verify."""
    minute = timedelta(minutes=1)
    async with database.write() as tx:
        number = (await registrations.submit(tx, apply(person=1, area=VILLAGE), now)).number
        await registrations.say_first_yes(tx, number, actor=LURAH, now=now)
        with pytest.raises(MovedError):
            await registrations.say_first_yes(tx, number, actor=CARIK, now=now)
        village = await registrations.move(
            tx, number, State.WITH_DEPARTMENT, actor=CARIK, reason=None, now=now, frm=State.QUEUED, department="Dinas"
        )
        await registrations.move(
            tx, number, State.APPROVED, actor=9, reason=None, now=now + minute, frm=State.WITH_DEPARTMENT
        )
        with pytest.raises(NotAllowedError):
            await registrations.undo(tx, number, actor=CARIK, now=now + minute)
        back = await registrations.undo(tx, number, actor=9, now=now + minute)
        assert (back.state, back.decided_by, back.decided_at, back.department) == (
            State.WITH_DEPARTMENT, CARIK, village.decided_at, "Dinas",
        )  # fmt: skip
        first = await registrations.undo(tx, number, actor=CARIK, now=now + 2 * minute)
        assert (first.state, first.first_yes_by, first.decided_by, first.department) == (
            State.QUEUED,
            LURAH,
            None,
            None,
        )
        assert await history.verify(tx, number)


async def test_departments_see_their_work_only(
    database: Database, now: datetime, apply: Callable[..., Application]
) -> None:
    """A verifier's queue holds what came to their department in their area; the one who sent it there never sees it."""
    async with database.write() as tx:
        number = (await registrations.submit(tx, apply(person=1, area=VILLAGE), now)).number
        await registrations.move(
            tx, number, State.WITH_DEPARTMENT, actor=LURAH, reason=None, now=now, frm=State.QUEUED, department="Dinas A"
        )

        async def seen(who: int, *departments: tuple[str, str]) -> int:
            return (await registrations.queue_size(tx, Scope(("33.19",), departments), who)).count

        assert await seen(9, ("33.19", "Dinas A")) == 1
        assert await seen(9, ("33.19", "Dinas B")) == 0
        assert await seen(9, ("33.18", "Dinas A")) == 0
        assert await seen(9, ("33.19", registrations.ANY)) == 1
        assert await seen(LURAH, ("33.19", registrations.ANY)) == 0
        assert await seen(9) == 0
