"""What the outbox can tell: how full it is, what comes next, what a slot shows."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Integer, ScalarSelect, bindparam, delete, func, or_, select, update

from storage.depth import Depth, seconds_since
from storage.moment import Moment
from storage.outbox.letters import Priority
from storage.outbox.rounds import held_back, other
from storage.tables import is_in, outbox, screens
from storage.transaction import Transaction

FAR = timedelta(
    hours=1
)  # a letter waits five minutes at most before it is tried again, and a call to the queue a quarter of an hour
LEFT = timedelta(minutes=2)  # for a call that may still be going on


async def depth(tx: Transaction, now: datetime) -> Depth:
    """Count unsent letters (scheduled ones too), the age of the oldest due one, and the failed ones."""
    unsent = select(func.count().label("count"), func.min(outbox.c.due_at).label("oldest")).where(
        outbox.c.finished_at.is_(None)
    )
    lost = select(func.count().label("count"), func.min(outbox.c.finished_at).label("oldest")).where(
        is_in(outbox.c.state, "failed"), outbox.c.finished_at.is_not(None)
    )
    row = (await tx.connection.execute(unsent)).one()
    dead = (await tx.connection.execute(lost)).one()
    return Depth(row.count, seconds_since(row.oldest, now), dead.count, seconds_since(dead.oldest, now))


async def next_due(tx: Transaction) -> datetime | None:
    """Say when `claim` may find something next: a letter that nothing holds back, or a lease that ends."""
    row = (await tx.connection.execute(_NEXT)).one()
    return min((moment for moment in row if moment is not None), default=None)


async def behind(tx: Transaction, now: datetime, most: int) -> bool:
    """Tell whether at least so many replies could be sent now, if only there were time."""
    return await tx.connection.scalar(_DUE_REPLIES, {"now": now, "most": most}) == most


async def hasten(tx: Transaction, now: datetime) -> None:
    """Let what would wait, or be in somebody's hand, longer than any delay here be due now: the clock was set back."""
    waits = (is_in(outbox.c.state, "waiting"), outbox.c.due_at > now + FAR)
    await tx.connection.execute(update(outbox).where(*waits).values(due_at=now))
    held = (is_in(outbox.c.state, "sending"), outbox.c.leased_until > now + FAR)
    await tx.connection.execute(update(outbox).where(*held).values(leased_until=now + LEFT, due_at=now))


async def shown_at(tx: Transaction, chat_id: int, slot: str) -> datetime | None:
    """Say when the message that shows this slot was sent."""
    return await tx.connection.scalar(
        select(screens.c.shown_at).where(screens.c.chat_id == chat_id, screens.c.slot == slot)
    )


async def expected(tx: Transaction, refs: Collection[str]) -> set[str]:
    """Return those of these refs under which a letter waits to be sent."""
    unsent = (outbox.c.ref.in_(refs), outbox.c.finished_at.is_(None), is_in(outbox.c.state, "waiting"))
    return {ref for ref in await tx.connection.scalars(select(outbox.c.ref).where(*unsent)) if ref is not None}


async def sweep(tx: Transaction, before: datetime, limit: int = 1000) -> int:
    """Delete up to `limit` letters that ended before this moment and return how many went."""
    old = (
        select(outbox.c.id)
        .where(is_in(outbox.c.state, "sent", "failed", "withdrawn"), outbox.c.finished_at < before)
        .limit(limit)
    )
    return (await tx.connection.execute(delete(outbox).where(outbox.c.id.in_(old)))).rowcount


def _first_due(priority: Priority) -> ScalarSelect[datetime]:
    return (
        select(outbox.c.due_at)
        .where(is_in(outbox.c.state, "waiting"), outbox.c.priority == priority.value, ~held_back(other.c.attempts > 0))
        .order_by(outbox.c.due_at)
        .limit(1)
        .scalar_subquery()
    )


_NEXT = select(
    *(_first_due(priority) for priority in Priority),
    select(func.min(outbox.c.leased_until)).where(is_in(outbox.c.state, "sending")).scalar_subquery(),
)

_now = bindparam("now", type_=Moment)
_DUE_REPLIES = select(func.count()).select_from(
    select(outbox.c.id)
    .where(
        is_in(outbox.c.state, "waiting"),
        outbox.c.priority == Priority.REPLY.value,
        outbox.c.due_at <= _now,
        ~held_back(or_(other.c.due_at <= _now, other.c.attempts > 0)),
    )
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
