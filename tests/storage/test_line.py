"""The queue: each reviewer sees their areas, oldest first, without their own; and people learn their place."""

from collections.abc import Callable
from datetime import datetime, timedelta

from storage import registrations
from storage.database import Database
from storage.registrations import Application, Queue, Registration, Scope, State
from storage.transaction import Transaction

Apply = Callable[..., Application]
SPONSOR = 500
MINUTE = timedelta(minutes=1)
VILLAGE, NEIGHBOUR, ELSEWHERE = "33.19.02.2003", "33.19.02.2004", "33.19.03.2003"


async def submitted(tx: Transaction, apply: Apply, now: datetime, *areas: str, **more: object) -> list[Registration]:
    """Submit one registration a minute in these areas, each by another person."""
    first = 2000 + sum((await registrations.counts(tx)).values())
    return [
        await registrations.submit(
            tx,
            apply(**{"person": first + n, "area": area, "nik": f"331902250590{7000 + first + n}", **more}),
            now + n * MINUTE,
        )
        for n, area in enumerate(areas)
    ]


async def test_areas_and_order(database: Database, now: datetime, apply: Apply) -> None:
    """A reviewer sees what lies in any of their areas, on dot boundaries, oldest first, and nothing without one."""
    async with database.write() as tx:
        made = await submitted(tx, apply, now, VILLAGE, ELSEWHERE, NEIGHBOUR, VILLAGE, "33.19.02.20")
        numbers = [one.number for one in made]

        async def seen(*areas: str) -> list[int]:
            listed = await registrations.queue(tx, Scope(areas), SPONSOR, limit=10)
            assert (await registrations.queue_size(tx, Scope(areas), SPONSOR)).count == len(listed)
            return [numbers.index(one.number) for one in listed]

        assert await seen(VILLAGE) == [0, 3]
        assert await seen("33.19.02") == [0, 2, 3, 4]
        assert await seen("33.19.02.20") == [4]
        assert await seen(NEIGHBOUR, ELSEWHERE) == [1, 2]
        assert await seen("") == [0, 1, 2, 3, 4]
        assert await seen("33.1", "33_19") == []
        assert await seen() == []


async def test_pages(database: Database, now: datetime, apply: Apply) -> None:
    """Going on after the last card seen shows each card once, also among those of the same moment."""
    async with database.write() as tx:
        for moment in (now, now, now + MINUTE):
            await submitted(tx, apply, moment, VILLAGE)
        everything = await registrations.queue(tx, Scope((VILLAGE,)), SPONSOR)
        after, pages = None, []
        while page := await registrations.queue(tx, Scope((VILLAGE,)), SPONSOR, after=after, limit=1):
            after = (page[-1].queued_at, page[-1].number)
            pages += page
        assert pages == everything
        assert len(pages) == 3


async def test_own_ones_are_left_out(database: Database, now: datetime, apply: Apply) -> None:
    """What a reviewer owns or entered is not in their queue; what was decided is in nobody's."""
    async with database.write() as tx:
        await submitted(tx, apply, now, VILLAGE, person=SPONSOR)
        await submitted(tx, apply, now, VILLAGE, person=None, registered_by=SPONSOR)
        (foreign,) = await submitted(tx, apply, now + MINUTE, VILLAGE, person=None, registered_by=9)
        (decided,) = await submitted(tx, apply, now, VILLAGE)
        await registrations.move(
            tx, decided.number, State.REJECTED, actor=SPONSOR, reason="x", now=now, frm=State.QUEUED
        )
        assert await registrations.queue(tx, Scope(("33",)), SPONSOR) == [foreign]
        assert await registrations.queue_size(tx, Scope(("33",)), SPONSOR) == Queue(1, now + MINUTE)
        assert await registrations.queue_size(tx, Scope(("34",)), SPONSOR) == Queue(0, None)


async def test_place(database: Database, now: datetime, apply: Apply) -> None:
    """The place counts the village's queue, is kept through a correction, and is 0 outside the queue."""
    async with database.write() as tx:
        first, other, second = await submitted(tx, apply, now, VILLAGE, NEIGHBOUR, VILLAGE)
        assert [await registrations.place(tx, one.number) for one in (first, other, second)] == [1, 1, 2]
        move = {"actor": SPONSOR, "reason": "name", "now": now, "frm": State.QUEUED}
        await registrations.move(tx, first.number, State.NEEDS_CORRECTION, **move)  # type: ignore[arg-type]
        assert [await registrations.place(tx, one.number) for one in (first, second)] == [0, 1]
        form = apply(person=first.person, area=VILLAGE, nik="3319022505909901")
        await registrations.correct(tx, first.number, form, actor=first.registered_by, now=now + 9 * MINUTE)
        assert [await registrations.place(tx, one.number) for one in (first, second)] == [1, 2]
        assert await registrations.place(tx, "K7M-4QXT") == 0


async def test_usual_wait(database: Database, now: datetime, apply: Apply) -> None:
    """The wait is the median of recent decisions in the district, and silent about too few."""

    async def decide(after_minutes: int, area: str, start: datetime = now) -> None:
        (one,) = await submitted(tx, apply, start, area)
        moment = start + after_minutes * MINUTE
        await registrations.move(
            tx, one.number, State.APPROVED, actor=SPONSOR, reason=None, now=moment, frm=State.QUEUED
        )

    async with database.write() as tx:
        for minutes, area in ((10, VILLAGE), (20, NEIGHBOUR), (30, VILLAGE), (40, VILLAGE)):
            await decide(minutes, area)
        await decide(500, ELSEWHERE)
        await decide(900, VILLAGE, now - timedelta(days=100))
        later = now + timedelta(days=1)
        assert await registrations.usual_wait(tx, VILLAGE, later) is None
        await decide(1000, VILLAGE)
        assert await registrations.usual_wait(tx, NEIGHBOUR, later) == 30 * MINUTE
        assert await registrations.usual_wait(tx, VILLAGE, now + timedelta(days=91)) is None
