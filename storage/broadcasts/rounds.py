"""The round of a sender: recipients are claimed, sent to and settled, each once. Whatever was in flight when a sender died is unknown.

Rows are locked and broadcasts are not, so that nobody who steers one ever waits for a sender, nor a sender for another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    SmallInteger,
    Text,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    true,
    update,
)
from sqlalchemy.sql.dml import Update

from storage.broadcasts.records import CANARY, REST, SENDING, Broadcast, Ended, Recipient, Stage, broadcast, recipient
from storage.moment import Moment
from storage.tables import broadcasts, is_in, recipients
from storage.transaction import Transaction

AT_ONCE = 2000  # how many who wait are skipped in one round when a broadcast was stopped

Place = tuple[int, int, str | None]
"""A broadcast, a wave of it, and a time zone, None being any: the claim looks into the index place by place."""

_waiting = is_in(recipients.c.state, "waiting")
_sending = is_in(recipients.c.state, "sending")
_now = bindparam("now", type_=Moment)


async def claim(
    tx: Transaction, limit: int, now: datetime, awake: Sequence[str], *, lease: timedelta = timedelta(minutes=2)
) -> list[tuple[Broadcast, Recipient]]:
    """Take the next recipients whose time has come; of a broadcast in its first wave, only that wave.

    What is necessary goes before all else, and campaigns before broadcasts. `awake` are the zones in which people may
    be written to now, in the order of their turns; a broadcast that does not keep quiet hours writes to all. From the commit on they count as being sent: whatever happens, none is taken twice.
    """
    await expire(tx, now)
    found: list[Recipient] = []
    for number, wave, zone in await _due(tx, now, awake):
        if len(found) < limit:
            place = {"number": number, "wave": wave, "zone": zone, "now": now, "most": limit - len(found)}
            found += map(recipient, await tx.connection.execute(_next(anywhere=zone is None), place))
    theirs = await _sent_now(tx, {one.broadcast for one in found})
    until = now + lease
    taken = [(theirs[one.broadcast], replace(one, leased_until=until)) for one in found if one.broadcast in theirs]
    if taken:
        await tx.connection.execute(_TAKE, {"ids": [one.id for _theirs, one in taken], "until": until})
    return taken


async def settle(tx: Transaction, ended: Sequence[Ended], now: datetime) -> None:
    """Record what became of messages that were being sent; an outcome that comes after the lease ended still counts."""
    rows = [
        {"one": one.id, "ending": one.state, "why": one.reason, "message": one.message_id, "now": now} for one in ended
    ]
    if rows:
        await tx.connection.execute(_SETTLE, rows)


async def release(tx: Transaction, taken: Iterable[Recipient]) -> None:
    """Give recipients back who have surely not been written to; if their broadcast was stopped, they are skipped next.

    Only what this very claim still holds is given back: said twice, as when a commit's answer was lost, it takes
    nothing from another sender who has taken it since.
    """
    if rows := [{"one": one.id, "held": one.leased_until} for one in taken]:
        await tx.connection.execute(_RELEASE, rows)


async def put_off(tx: Transaction, taken: Iterable[Recipient], until: datetime) -> None:
    """Give recipients back until a later moment, as when somebody has got enough for now; likewise only one's own."""
    if rows := [{"one": one.id, "held": one.leased_until, "later": until} for one in taken]:
        await tx.connection.execute(_PUT_OFF, rows)


async def wind_up(tx: Transaction, broadcast: int, now: datetime) -> bool:
    """Skip some of those who still wait in a broadcast that was stopped or discarded; it has ended once nobody is left.

    Tells whether there was anything to do: then there may be more.
    """
    which = {"number": broadcast, "now": now}
    skipped = (await tx.connection.execute(_SKIP, which)).rowcount
    ended = skipped < AT_ONCE and (await tx.connection.execute(_END, which)).rowcount > 0
    return ended or skipped > 0


async def recover(tx: Transaction, now: datetime) -> int:
    """Count as unknown whatever was in flight, as at the start of the only sender; return how many."""
    return (await tx.connection.execute(_RECOVER, {"now": now})).rowcount


async def expire(tx: Transaction, now: datetime) -> int:
    """Count as unknown whatever a sender that is gone had in flight, and return how many."""
    overdue = list(await tx.connection.scalars(_OVERDUE, {"now": now}))
    if overdue:
        await tx.connection.execute(_LOSE, {"ids": overdue, "now": now})
    return len(overdue)


async def _due(tx: Transaction, now: datetime, awake: Sequence[str]) -> list[Place]:
    """List the places where somebody's time has come."""
    zones = tuple(awake)
    rows = await tx.connection.execute(_look(zones), {"now": now})
    return [
        (row.id, wave, zone)
        for row in rows
        for (wave, zone), somebody in zip(_spots(zones), row[1:], strict=True)
        if somebody is not None
    ]


def _spots(awake: tuple[str, ...]) -> list[tuple[int, str | None]]:
    return [(wave, zone) for wave in (CANARY, REST) for zone in (*awake, None)]


@cache
def _look(awake: tuple[str, ...]) -> Select[Any]:
    """Look whether anybody's time has come, in one statement for all broadcasts: one step into the index for each place.

    Whoever waits in a zone that sleeps costs nothing, however many they are.
    """
    row = broadcasts.c
    running = row.stage == Stage.RUNNING.value
    columns = [
        case((row.quiet.is_(zone is not None) & (running if wave == REST else true()), _somebody(wave, zone)))
        for wave, zone in _spots(awake)
    ]
    return (
        select(row.id, *(column.label(f"spot{index}") for index, column in enumerate(columns)))
        .where(row.finished_at.is_(None), row.stage.in_([stage.value for stage in sorted(SENDING)]))
        .order_by(row.necessary.is_(False), row.campaign.is_(None), func.abs(row.id))
    )


def _somebody(wave: int, zone: str | None) -> ScalarSelect[int]:
    """Find one recipient whose time has come; the order lets PostgreSQL use no other index and no scan."""
    row = recipients.c
    here = (row.broadcast == broadcasts.c.id, row.wave == literal(wave, SmallInteger), _lives(zone))
    first = select(row.id).where(*here, _waiting, row.due_at <= _now).order_by(row.zone, row.due_at, row.id).limit(1)
    return first.scalar_subquery()


def _lives(zone: str | None) -> ColumnElement[bool]:
    return true() if zone is None else recipients.c.zone == zone


@cache
def _next(*, anywhere: bool) -> Select[Any]:
    """Take from one place, in the order of the index."""
    row = recipients.c
    number, wave = bindparam("number", type_=BigInteger), bindparam("wave", type_=SmallInteger)
    zone = true() if anywhere else row.zone == bindparam("zone", type_=Text)
    return (
        select(recipients)
        .where(row.broadcast == number, row.wave == wave, zone, _waiting, row.due_at <= _now)
        .order_by(row.zone, row.due_at, row.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )


async def _sent_now(tx: Transaction, numbers: Collection[int]) -> dict[int, Broadcast]:
    """Return those of these broadcasts that are still being sent, now that their recipients are locked."""
    if not numbers:
        return {}
    rows = await tx.connection.execute(select(broadcasts).where(broadcasts.c.id.in_(numbers)))
    return {row.id: broadcast(tx, row) for row in rows if row.stage in SENDING}


def _lost(which: ColumnElement[bool]) -> Update:
    return (
        update(recipients)
        .where(_sending, which)
        .values(state="unknown", reason="cut off", leased_until=null(), finished_at=_now)
    )


# The statements of each round, built once: building one takes longer than running it.
_OVERDUE = select(recipients.c.id).where(_sending, recipients.c.leased_until <= _now).with_for_update(skip_locked=True)
_LOSE = _lost(recipients.c.id.in_(bindparam("ids", expanding=True)))
_RECOVER = _lost(true())
_TAKE = (
    update(recipients)
    .where(recipients.c.id.in_(bindparam("ids", expanding=True)))
    .values(state="sending", leased_until=bindparam("until"))
)
_held = (recipients.c.id == bindparam("one"), _sending, recipients.c.leased_until == bindparam("held"))
_RELEASE = update(recipients).where(*_held).values(state="waiting", leased_until=None)
_PUT_OFF = _RELEASE.values(due_at=bindparam("later"))
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
_number = bindparam("number", type_=BigInteger)
_still_waiting = select(recipients.c.id).where(recipients.c.broadcast == _number, _waiting).limit(AT_ONCE)
_SKIP = (
    update(recipients)
    .where(recipients.c.id.in_(_still_waiting.with_for_update(skip_locked=True)))
    .values(state="skipped", reason="stopped", finished_at=_now)
)
_unsettled = select(recipients.c.id).where(
    recipients.c.broadcast == _number, is_in(recipients.c.state, "waiting", "sending")
)
_END = update(broadcasts).where(broadcasts.c.id == _number, ~_unsettled.exists()).values(finished_at=_now)
