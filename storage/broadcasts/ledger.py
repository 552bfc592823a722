"""The ledger as it is read: how many are in which state, who waits, who got something lately; and what they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import case, func, select, update

from storage.broadcasts.records import CANARY, REST, Counts, Recipient, Stage, recipient
from storage.tables import broadcasts, is_in, recipients
from storage.transaction import Transaction

_waiting = is_in(recipients.c.state, "waiting")


async def unfinished(tx: Transaction, broadcast: int, *waves: int) -> bool:
    """Tell whether anybody of these waves, or of all, still waits or is being written to."""
    row = recipients.c
    left = (row.broadcast == broadcast, row.wave.in_(waves or (CANARY, REST)), is_in(row.state, "waiting", "sending"))
    return bool(await tx.connection.scalar(select(select(row.id).where(*left).exists())))


async def sent_lately(
    tx: Transaction, people: Sequence[int], since: datetime, *, but: Collection[int] = ()
) -> Counter[int]:
    """Count what each of these people got, or may have got, since a moment, or is being sent just now.

    Necessary notices are not counted, nor these recipients (`but`): those in hand, which one asks for.
    """
    row = recipients.c
    theirs = (row.person.in_(people), broadcasts.c.necessary.is_(False))
    settled = (is_in(row.state, "sent", "unknown"), row.finished_at > since)
    in_flight = (is_in(row.state, "sending"), row.leased_until > since, row.id.not_in(but))
    found: Counter[int] = Counter()
    for which in (settled, in_flight):  # each through an index of its own
        query = select(row.person).join(broadcasts, broadcasts.c.id == row.broadcast).where(*theirs, *which)
        found.update(await tx.connection.scalars(query))
    return found


async def counts(tx: Transaction, broadcast: int, *, wave: int | None = None) -> Counts:
    """Count a broadcast's recipients by state and reason, of one wave or of both.

    Of one that was stopped, nobody counts as waiting: they are skipped, if not at once.
    """
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
    if "waiting" in states and await _stopped(tx, broadcast):
        left = states.pop("waiting")
        states["skipped"] = states.get("skipped", 0) + left
        reasons["skipped", "stopped"] = reasons.get(("skipped", "stopped"), 0) + left
    return Counts(states, reasons)


async def _stopped(tx: Transaction, broadcast: int) -> bool:
    stage = await tx.connection.scalar(select(broadcasts.c.stage).where(broadcasts.c.id == broadcast))
    return stage in {Stage.STOPPED, Stage.DISCARDED}


async def sample(tx: Transaction, broadcast: int, limit: int) -> list[Recipient]:
    """List a few of those who wait, drawn by lot, to show what they would read."""
    waiting = select(recipients.c.id).where(recipients.c.broadcast == broadcast, _waiting)
    drawn = recipients.c.id.in_(waiting.order_by(func.random()).limit(limit))
    return [recipient(row) for row in await tx.connection.execute(select(recipients).where(drawn))]


async def list_after(tx: Transaction, broadcast: int, after: int, limit: int, *states: str) -> list[Recipient]:
    """List recipients by id, beginning after this one; only in these states if any are given."""
    query = select(recipients).where(recipients.c.broadcast == broadcast, recipients.c.id > after)
    if states:
        query = query.where(recipients.c.state.in_(states))
    return [recipient(row) for row in await tx.connection.execute(query.order_by(recipients.c.id).limit(limit))]


async def act(tx: Transaction, number: int, person: int, action: str, now: datetime) -> Recipient | None:
    """Note that somebody did something with the message they got, and return it; None when it was another's.

    Who has said to have paid stays noted so, whatever they press afterwards.
    """
    mine = (recipients.c.id == number, recipients.c.person == person)
    lasting = case((recipients.c.action == "paid", recipients.c.action), else_=action)
    changed = await tx.connection.execute(
        update(recipients).where(*mine).values(action=lasting, acted_at=now).returning(recipients)
    )
    row = changed.one_or_none()
    return None if row is None else recipient(row)
