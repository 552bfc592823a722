"""Updates received and not yet acted upon: durable before anything else happens, in order per lane (one chat)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BigInteger, Integer, bindparam, case, delete, exists, func, select, update
from sqlalchemy.sql.dml import ReturningInsert

from storage.depth import Depth, seconds_since
from storage.moment import Moment
from storage.tables import inbox, is_in, people
from storage.transaction import Inserting, Transaction
from storage.vault import SealBrokenError

BELL = "inbox"
MANY = 15  # updates that one worker handles at a time: when more come at once, other processes are asked to help

HEAD_START = timedelta(
    days=1
)  # so much earlier is due what comes from somebody the bot has met: they go before strangers
FAR = timedelta(minutes=10)  # a failed update waits half a minute at most
_waiting = is_in(inbox.c.state, "waiting")
_dead = is_in(inbox.c.state, "dead") & inbox.c.finished_at.is_not(None)

_earlier = inbox.alias("earlier")
_ahead = exists().where(is_in(_earlier.c.state, "waiting"), _earlier.c.lane == inbox.c.lane, _earlier.c.id < inbox.c.id)
_claimable = (
    select(inbox)
    .where(_waiting, inbox.c.due_at <= bindparam("now"), ~_ahead)
    .order_by(inbox.c.due_at, inbox.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_finishing = (
    update(inbox)
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)), _waiting)
    .values(state="done", body=None, finished_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update as it came: its id, its lane, and the raw JSON."""

    update_id: int
    lane: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update claimed for work; `attempts` counts the tries that failed before."""

    id: int
    bot_id: int
    update_id: int
    lane: int
    body: bytes = field(repr=False)
    attempts: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An update given up, without its body; `reason` is a code or an exception's name."""

    id: int
    bot_id: int
    update_id: int
    lane: int
    attempts: int
    reason: str | None
    received_at: datetime
    buried_at: datetime


async def keep(tx: Transaction, bot_id: int, arrivals: Sequence[Arrival], now: datetime) -> int:
    """Store updates and return how many were new; one that is already here is left as it is."""
    if not arrivals:
        return 0
    if len(arrivals) > MANY:
        tx.ring(BELL)
    # PostgreSQL hands out ids before commit: within a lane, whoever inserts first must also commit first.
    await tx.queue_up(*(arrival.lane for arrival in arrivals))
    rows = [
        {
            "bot_id": bot_id,
            "update_id": arrival.update_id,
            "lane": arrival.lane,
            "body": tx.vault.seal(arrival.body, place(bot_id, arrival.update_id)),
            "state": "waiting",
            "attempts": 0,
            "received_at": now,
            "whose": arrival.lane,
            "early": now - HEAD_START,
            "late": now,
        }
        for arrival in arrivals
    ]
    return len((await tx.connection.execute(_keeping(tx.insert), rows)).all())


async def hasten(tx: Transaction, now: datetime) -> None:
    """Let what would wait longer than any delay here be due now: the clock was set back meanwhile."""
    await tx.connection.execute(update(inbox).where(_waiting, inbox.c.due_at > now + FAR).values(due_at=now))


async def claim(tx: Transaction, limit: int, now: datetime) -> list[Waiting]:
    """Take the earliest waiting update of each lane, if due, oldest first.

    The claim lasts as long as the transaction: what it does not finish, postpone or bury is unclaimed again. One that
    none of the keys opens is buried here, so that it holds nobody up.
    """
    claimed = []
    for row in (await tx.connection.execute(_claimable, {"most": limit, "now": now})).all():
        try:
            body = tx.vault.open(row.body, place(row.bot_id, row.update_id))
        except SealBrokenError:
            await bury(tx, row.id, "seal broken", now)
            continue
        claimed.append(
            Waiting(
                id=row.id,
                bot_id=row.bot_id,
                update_id=row.update_id,
                lane=row.lane,
                body=body,
                attempts=row.attempts,
                received_at=row.received_at,
            )
        )
    return claimed


async def finish(tx: Transaction, ids: Sequence[int], now: datetime) -> None:
    """Mark updates as done and blank their bodies."""
    await tx.connection.execute(_finishing, {"ids": ids, "now": now})


async def postpone(tx: Transaction, row_id: int, due_at: datetime, reason: str) -> None:
    """Try again at `due_at`; its lane waits with it."""
    await tx.connection.execute(
        update(inbox)
        .where(inbox.c.id == row_id, _waiting)
        .values(attempts=inbox.c.attempts + 1, due_at=due_at, reason=reason)
    )


async def bury(tx: Transaction, row_id: int, reason: str, now: datetime) -> None:
    """Give an update up so that its lane goes on; the body stays, sealed, for `revive`."""
    await tx.connection.execute(
        update(inbox).where(inbox.c.id == row_id, _waiting).values(state="dead", finished_at=now, reason=reason)
    )


async def dead(tx: Transaction) -> list[DeadLetter]:
    """List what was given up, oldest first."""
    rows = await tx.connection.execute(select(inbox).where(_dead).order_by(inbox.c.finished_at, inbox.c.id))
    return [
        DeadLetter(
            id=row.id,
            bot_id=row.bot_id,
            update_id=row.update_id,
            lane=row.lane,
            attempts=row.attempts,
            reason=row.reason,
            received_at=row.received_at,
            buried_at=row.finished_at,
        )
        for row in rows
    ]


async def revive(tx: Transaction, row_id: int, now: datetime) -> bool:
    """Put a dead update back to work, due now; False when there is none with this id."""
    changed = await tx.connection.execute(
        update(inbox)
        .where(inbox.c.id == row_id, _dead)
        .values(state="waiting", attempts=0, due_at=now, finished_at=None, reason=None)
    )
    tx.ring(BELL)
    return changed.rowcount == 1


async def drop(tx: Transaction, row_id: int, now: datetime) -> bool:
    """Blank a dead update, and count it no more; False when there is none with this id."""
    changes = {"state": "done", "body": None, "finished_at": now, "reason": "dropped"}
    dropped = await tx.connection.execute(update(inbox).where(inbox.c.id == row_id, _dead).values(changes))
    return dropped.rowcount == 1


async def depth(tx: Transaction, now: datetime) -> Depth:
    """Count what waits and what is dead."""
    waiting = select(func.count().label("count"), func.min(inbox.c.received_at).label("oldest")).where(_waiting)
    row = (await tx.connection.execute(waiting)).one()
    dead = select(func.count().label("count"), func.min(inbox.c.finished_at).label("oldest")).where(_dead)
    lost = (await tx.connection.execute(dead)).one()
    return Depth(row.count, seconds_since(row.oldest, now), lost.count, seconds_since(lost.oldest, now))


async def sweep(tx: Transaction, before: datetime, limit: int = 1000) -> int:
    """Delete up to `limit` updates done before this moment and return how many went."""
    old = select(inbox.c.id).where(is_in(inbox.c.state, "done"), inbox.c.finished_at < before).limit(limit)
    return (await tx.connection.execute(delete(inbox).where(inbox.c.id.in_(old)))).rowcount


@cache
def _keeping(insert: Inserting) -> ReturningInsert[tuple[int]]:
    met = exists().where(people.c.telegram_id == bindparam("whose", type_=BigInteger))
    due_at = case((met, bindparam("early", type_=Moment)), else_=bindparam("late", type_=Moment))
    return (
        insert(inbox)
        .values(due_at=due_at)
        .on_conflict_do_nothing(index_elements=["bot_id", "update_id"])
        .returning(inbox.c.id)
    )


def place(bot_id: int, update_id: int) -> str:
    """Name the place an update is sealed for."""
    return f"inbox.body:{bot_id}:{update_id}"
