"""The reviewers' queue: what waits in their areas, and what the waiting person is told about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from storage.registrations.records import Registration, record
from storage.states import State
from storage.tables import is_in, registrations
from storage.transaction import Transaction

_DISTRICT_PARTS = 3  # province, regency, district; the fourth is the village
_DECISIONS = 50
_FEW = 5
_RECENT = timedelta(days=90)
_queued = is_in(registrations.c.state, State.QUEUED)


@dataclass(frozen=True, slots=True)
class Queue:
    """How many registrations wait, and since when the first one does."""

    count: int
    oldest_at: datetime | None


async def queue(
    tx: Transaction, areas: Sequence[str], reviewer: int, *, after: tuple[datetime, str] | None = None, limit: int = 10
) -> list[Registration]:
    """List what waits in these areas, oldest first, without the reviewer's own; `after` is (queued_at, number)."""
    waiting = select(registrations).where(*_for_review(areas, reviewer))
    if after is not None:
        waiting = waiting.where(_behind(*after))
    rows = await tx.connection.execute(waiting.order_by(registrations.c.queued_at, registrations.c.number).limit(limit))
    return [record(tx, row) for row in rows]


async def queue_size(tx: Transaction, areas: Sequence[str], reviewer: int) -> Queue:
    """Measure what `queue` would list."""
    size = select(func.count(), func.min(registrations.c.queued_at)).where(*_for_review(areas, reviewer))
    count, oldest_at = (await tx.connection.execute(size)).one()
    return Queue(count, oldest_at)


async def place(tx: Transaction, number: str) -> int:
    """Return the place among those queued in the same village, from 1; 0 when it is not queued."""
    mine = registrations.alias("mine")
    ahead = or_(
        registrations.c.queued_at < mine.c.queued_at,
        and_(registrations.c.queued_at == mine.c.queued_at, registrations.c.number <= mine.c.number),
    )
    found = await tx.connection.scalar(
        select(func.count())
        .select_from(mine)
        .join(registrations, and_(_queued, registrations.c.area == mine.c.area, ahead))
        .where(mine.c.number == number, mine.c.state == State.QUEUED.value)
    )
    return found or 0


async def usual_wait(tx: Transaction, area: str, now: datetime) -> timedelta | None:
    """Return the median wait of the last 50 decisions in the area's district; None with fewer than five.

    Decisions older than 90 days say nothing about today.
    """
    district = ".".join(area.split(".")[:_DISTRICT_PARTS])
    rows = await tx.connection.execute(
        select(registrations.c.queued_at, registrations.c.decided_at)
        .where(registrations.c.decided_at.is_not(None), registrations.c.decided_at > now - _RECENT, _within([district]))
        .order_by(registrations.c.decided_at.desc())
        .limit(_DECISIONS)
    )
    waits = [row.decided_at - row.queued_at for row in rows]
    return None if len(waits) < _FEW else median(waits)


def _for_review(areas: Sequence[str], reviewer: int) -> tuple[ColumnElement[bool], ...]:
    return (
        _queued,
        _within(areas),
        registrations.c.registered_by != reviewer,
        or_(registrations.c.person.is_(None), registrations.c.person != reviewer),
    )


def _within(areas: Sequence[str]) -> ColumnElement[bool]:
    """Match area codes within any of the prefixes, on dot boundaries; an empty prefix is everywhere."""
    area = registrations.c.area
    if "" in areas:
        return true()
    return or_(false(), *(or_(area == one, area.startswith(f"{one}.", autoescape=True)) for one in areas))


def _behind(queued_at: datetime, number: str) -> ColumnElement[bool]:
    return or_(
        registrations.c.queued_at > queued_at,
        and_(registrations.c.queued_at == queued_at, registrations.c.number > number),
    )
