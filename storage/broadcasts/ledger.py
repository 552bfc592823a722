"""The ledger: recipients are claimed, sent to and settled, each once. What was in flight when a sender died is unknown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, bindparam, func, null, select, true, update
from sqlalchemy.sql.dml import Update

from storage.broadcasts.desk import open_ones
from storage.broadcasts.records import ENDED, Broadcast, Counts, Ended, Recipient, Stage, recipient
from storage.moment import Moment
from storage.tables import broadcasts, is_in, recipients
from storage.transaction import Transaction

_waiting = is_in(recipients.c.state, "waiting")
_sending = is_in(recipients.c.state, "sending")
CANARY, REST = 0, 1  # waves


async def claim(
    tx: Transaction, limit: int, now: datetime, awake: Collection[str], *, lease: timedelta = timedelta(minutes=2)
) -> list[tuple[Broadcast, Recipient]]:
    """Take the next recipients whose time has come, campaigns first; of a broadcast in its first wave, only that wave.

    `awake` are the zones in which people may be written to now; a broadcast that does not keep quiet hours writes to
    all. From the commit on they count as being sent: whatever happens, none is taken twice.
    """
    await expire(tx, now)
    taken: list[tuple[Broadcast, Recipient]] = []
    for one in await open_ones(tx, Stage.CANARY, Stage.RUNNING):
        if len(taken) < limit:
            found = await _next(tx, one, limit - len(taken), now, awake)
            taken += [(one, row) for row in found]
    if taken:
        ids = [row.id for _one, row in taken]
        sending = {"state": "sending", "leased_until": now + lease}
        await tx.connection.execute(update(recipients).where(recipients.c.id.in_(ids)).values(sending))
    return taken


async def _next(tx: Transaction, one: Broadcast, limit: int, now: datetime, awake: Collection[str]) -> list[Recipient]:
    row = recipients.c
    conditions: list[ColumnElement[bool]] = [row.broadcast == one.id, _waiting, row.due_at <= now]
    if one.stage is Stage.CANARY:
        conditions.append(row.wave == CANARY)
    if one.quiet:
        conditions.append(row.zone.in_(sorted(awake)))
    query = select(recipients).where(*conditions).order_by(row.due_at, row.id).limit(limit)
    return [recipient(found) for found in await tx.connection.execute(query.with_for_update(skip_locked=True))]


async def settle(tx: Transaction, ended: Sequence[Ended], now: datetime) -> None:
    """Record what became of messages that were being sent; an outcome that comes after the lease ended still counts."""
    rows = [
        {"one": one.id, "ending": one.state, "why": one.reason, "message": one.message_id, "now": now} for one in ended
    ]
    if rows:
        await tx.connection.execute(_SETTLE, rows)


async def release(tx: Transaction, ids: Sequence[int], now: datetime) -> None:
    """Give recipients back who have surely not been written to; of a broadcast that was ended, they are skipped.

    The broadcasts are locked, so that one which ends at this moment takes those with it who wait again.
    """
    row, theirs = recipients.c, select(recipients.c.broadcast).where(recipients.c.id.in_(ids))
    locked = select(broadcasts.c.id, broadcasts.c.stage).where(broadcasts.c.id.in_(theirs)).order_by(broadcasts.c.id)
    found = list(await tx.connection.execute(locked.with_for_update()))
    ended = [one.id for one in found if Stage(one.stage) in ENDED]
    back = {"state": "waiting", "leased_until": None}
    over = {"state": "skipped", "reason": "stopped", "finished_at": now, "leased_until": None}
    for values, which in ((back, row.broadcast.not_in(ended)), (over, row.broadcast.in_(ended))):
        await tx.connection.execute(update(recipients).where(row.id.in_(ids), _sending, which).values(values))


async def unfinished(tx: Transaction, broadcast: int, *waves: int) -> bool:
    """Tell whether anybody of these waves, or of all, still waits or is being written to."""
    row = recipients.c
    left = (row.broadcast == broadcast, row.wave.in_(waves or (CANARY, REST)), is_in(row.state, "waiting", "sending"))
    return bool(await tx.connection.scalar(select(select(row.id).where(*left).exists())))


async def recover(tx: Transaction, now: datetime) -> int:
    """Count as unknown whatever was in flight, as at the start of the only sender; return how many."""
    return (await tx.connection.execute(_lost(true()), {"now": now})).rowcount


async def expire(tx: Transaction, now: datetime) -> int:
    """Count as unknown whatever a sender that is gone had in flight, and return how many."""
    return (await tx.connection.execute(_EXPIRE, {"now": now})).rowcount


async def sent_lately(tx: Transaction, people: Sequence[int], since: datetime) -> dict[int, int]:
    """Count what each of these people got, or may have got, since a moment; necessary notices are not counted."""
    row = recipients.c
    query = (
        select(row.person, func.count().label("number"))
        .join(broadcasts, broadcasts.c.id == row.broadcast)
        .where(
            row.person.in_(people),
            is_in(row.state, "sent", "unknown"),
            row.finished_at > since,
            broadcasts.c.necessary.is_(False),
        )
        .group_by(row.person)
    )
    return {one.person: one.number for one in await tx.connection.execute(query)}


async def counts(tx: Transaction, broadcast: int, *, wave: int | None = None) -> Counts:
    """Count a broadcast's recipients by state and reason, of one wave or of both."""
    row = recipients.c
    query = select(row.state, row.reason, func.count().label("number")).where(row.broadcast == broadcast)
    if wave is not None:
        query = query.where(row.wave == wave)
    states: dict[str, int] = {}
    reasons: dict[tuple[str, str], int] = {}
    for one in await tx.connection.execute(query.group_by(row.state, row.reason)):
        states[one.state] = states.get(one.state, 0) + one.number
        if one.reason is not None:
            reasons[one.state, one.reason] = one.number
    return Counts(states, reasons)


async def last_ended(tx: Transaction, broadcast: int, limit: int) -> list[str]:
    """List how the last messages that were tried ended, the newest first."""
    row = recipients.c
    tried = is_in(row.state, "sent", "failed", "unknown")
    query = select(row.state).where(row.broadcast == broadcast, tried)
    return list(await tx.connection.scalars(query.order_by(row.finished_at.desc(), row.id.desc()).limit(limit)))


async def sample(tx: Transaction, broadcast: int, limit: int) -> list[Recipient]:
    """List a few of those who wait, drawn by lot, to show what they would read."""
    drawn = _listed(broadcast).where(_waiting).order_by(func.random()).limit(limit)
    return [recipient(row) for row in await tx.connection.execute(drawn)]


async def list_after(tx: Transaction, broadcast: int, after: int, limit: int, *states: str) -> list[Recipient]:
    """List recipients by id, beginning after this one; only in these states if any are given."""
    query = _listed(broadcast).where(recipients.c.id > after)
    if states:
        query = query.where(recipients.c.state.in_(states))
    return [recipient(row) for row in await tx.connection.execute(query.order_by(recipients.c.id).limit(limit))]


async def act(tx: Transaction, number: int, person: int, action: str, now: datetime) -> Recipient | None:
    """Note that somebody did something with the message they got, and return it; None when it was another's."""
    mine = (recipients.c.id == number, recipients.c.person == person)
    changed = await tx.connection.execute(
        update(recipients).where(*mine).values(action=action, acted_at=now).returning(recipients)
    )
    row = changed.one_or_none()
    return None if row is None else recipient(row)


def _listed(broadcast: int) -> Select[tuple[object, ...]]:
    return select(recipients).where(recipients.c.broadcast == broadcast)


def _lost(which: ColumnElement[bool]) -> Update:
    return (
        update(recipients)
        .where(_sending, which)
        .values(state="unknown", reason="cut off", leased_until=null(), finished_at=bindparam("now", type_=Moment))
    )


_EXPIRE = _lost(recipients.c.leased_until <= bindparam("now", type_=Moment))
_SETTLE = (
    update(recipients)
    .where(recipients.c.id == bindparam("one"), is_in(recipients.c.state, "sending", "unknown"))
    .values(
        state=bindparam("ending"),
        reason=bindparam("why"),
        message_id=bindparam("message"),
        finished_at=bindparam("now"),
        leased_until=None,
    )
)
