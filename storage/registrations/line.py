"""Who waits, first come first: the reviewers' queue in their scope, and what the waiting person is told about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, and_, func, or_, select

from storage.registrations.records import Registration, record
from storage.registrations.scope import Scope, within
from storage.states import State
from storage.tables import is_in, registrations
from storage.transaction import Transaction

_DISTRICT_PARTS = 3  # province, regency, district; the fourth is the village
_DECISIONS = 50
_FEW = 5
_RECENT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Queue:
    """How many registrations wait, and since when the first one does."""

    count: int
    oldest_at: datetime | None


async def queue(
    tx: Transaction, scope: Scope, reviewer: int, *, after: tuple[datetime, str] | None = None, limit: int = 10
) -> list[Registration]:
    """List what waits in this scope, oldest first, without the reviewer's own; `after` is (queued_at, number)."""
    waiting = select(registrations).where(scope.waiting(reviewer))
    if after is not None:
        waiting = waiting.where(_behind(*after))
    rows = await tx.connection.execute(waiting.order_by(registrations.c.queued_at, registrations.c.number).limit(limit))
    return [record(tx, row) for row in rows]


async def queue_size(tx: Transaction, scope: Scope, reviewer: int, *, since: datetime | None = None) -> Queue:
    """Measure what `queue` would list; with `since`, only what joined the queue from then on."""
    size = select(func.count(), func.min(registrations.c.queued_at)).where(scope.waiting(reviewer))
    if since is not None:
        size = size.where(registrations.c.queued_at >= since)
    count, oldest_at = (await tx.connection.execute(size)).one()
    return Queue(count, oldest_at)


async def waiting_since(tx: Transaction, before: datetime) -> list[tuple[str, int]]:
    """Count by village what has waited for a decision since before this moment; the fullest village first."""
    count = func.count().label("number")
    rows = await tx.connection.execute(
        select(registrations.c.area, count)
        .where(is_in(registrations.c.state, State.QUEUED, State.WITH_DEPARTMENT), registrations.c.queued_at < before)
        .group_by(registrations.c.area)
        .order_by(count.desc(), registrations.c.area)
    )
    return [(row.area, row.number) for row in rows]


async def place(tx: Transaction, number: str) -> int:
    """Return the place among those queued in the same village, from 1; 0 when it is not queued."""
    return await _place_among(tx, number, State.QUEUED, "area")


async def waiting_place(tx: Transaction, number: str) -> int:
    """Return the place on the programme's waiting list, from 1; 0 when it is not on it."""
    return await _place_among(tx, number, State.WAITING_LIST, "programme")


async def _place_among(tx: Transaction, number: str, state: State, shared: str) -> int:
    """Count up to a registration those of its state that share a column with it, first come first."""
    mine, row = registrations.alias("mine"), registrations.c
    ahead = or_(row.queued_at < mine.c.queued_at, and_(row.queued_at == mine.c.queued_at, row.number <= mine.c.number))
    found = await tx.connection.scalar(
        select(func.count())
        .select_from(mine)
        .join(registrations, and_(is_in(row.state, state), row[shared] == mine.c[shared], ahead))
        .where(mine.c.number == number, mine.c.state == state.value)
    )
    return found or 0


async def usual_wait(tx: Transaction, area: str, now: datetime) -> timedelta | None:
    """Return the median wait of the last 50 decisions in the area's district; None with fewer than five.

    Decisions older than 90 days say nothing about today.
    """
    district = ".".join(area.split(".")[:_DISTRICT_PARTS])
    rows = await tx.connection.execute(
        select(registrations.c.queued_at, registrations.c.decided_at)
        .where(registrations.c.decided_at.is_not(None), registrations.c.decided_at > now - _RECENT, within([district]))
        .order_by(registrations.c.decided_at.desc())
        .limit(_DECISIONS)
    )
    waits = [row.decided_at - row.queued_at for row in rows]
    return None if len(waits) < _FEW else median(waits)


def _behind(queued_at: datetime, number: str) -> ColumnElement[bool]:
    return or_(
        registrations.c.queued_at > queued_at,
        and_(registrations.c.queued_at == queued_at, registrations.c.number > number),
    )
