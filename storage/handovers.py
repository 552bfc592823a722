"""Hand-overs: what goes to BPJS in one file, proposed by one person and confirmed by another, and its log.

A hand-over is `asked`, then `confirmed` (or `cancelled`, or `expired`); the registrations are moved, then it is
`handed`; the file is made and it is `ready`. Whatever is cut off between two of these goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, func, insert, select, update

from storage.tables import handed, handover_log, handovers, is_in
from storage.transaction import Transaction

Phase = Literal["asked", "confirmed", "handed", "ready", "cancelled", "expired"]

PATIENCE = timedelta(hours=24)  # how long a proposal waits for its second person


@dataclass(frozen=True, slots=True)
class Handover:
    """A hand-over: of which programme (None: of those without one), by whom, how many, and the checksum of its table.

    `asked_by` is None when it was proposed at the machine. `checksum` is the SHA-256, in hex, of the workbook before it
    is locked; `password` opens the locked one.
    """

    id: int
    programme: str | None
    state: Phase
    mapping: str
    asked_by: int | None
    asked_at: datetime
    confirmed_by: int | None
    confirmed_at: datetime | None
    count: int
    checksum: str | None
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done with a hand-over; the actor None is the machine."""

    at: datetime
    actor: int | None
    event: str


async def propose(
    tx: Transaction, programme: str | None, *, mapping: str, count: int, by: int | None, now: datetime
) -> Handover:
    """Propose a hand-over of what is ready now; one that is proposed already is returned as it is."""
    await tx.queue_up(_LOCK)
    same = handovers.c.programme.is_(None) if programme is None else handovers.c.programme == programme
    is_open = is_in(handovers.c.state, "asked", "confirmed", "handed")
    running = select(handovers.c.id).where(same, is_open).order_by(handovers.c.id).limit(1)
    number = await tx.connection.scalar(running)
    if number is None:
        row = {"programme": programme, "state": "asked", "mapping": mapping, "asked_by": by, "asked_at": now}
        made = await tx.connection.execute(insert(handovers).values(**row, count=count).returning(handovers.c.id))
        number = made.scalar_one()
        await note(tx, number, "asked", by, now)
    return await _existing(tx, number)


async def confirm(tx: Transaction, number: int, *, by: int, now: datetime) -> Handover | None:
    """Confirm somebody else's proposal in time; None when it is one's own, over, or confirmed already."""
    changes = {"state": "confirmed", "confirmed_by": by, "confirmed_at": now}
    second = handovers.c.asked_by.is_distinct_from(by)
    return await _step(tx, number, changes, by, now, is_in(handovers.c.state, "asked"), second, _in_time(now))


async def cancel(tx: Transaction, number: int, *, by: int | None, now: datetime) -> Handover | None:
    """Cancel what nobody has confirmed; None when it is too late."""
    return await _step(tx, number, {"state": "cancelled"}, by, now, is_in(handovers.c.state, "asked"))


async def close(tx: Transaction, number: int, now: datetime) -> Handover | None:
    """Close a confirmed hand-over of which nothing is left."""
    return await _step(tx, number, {"state": "cancelled"}, None, now, is_in(handovers.c.state, "confirmed"))


async def expire(tx: Transaction, now: datetime) -> list[Handover]:
    """Close the proposals that nobody confirmed in time."""
    late = select(handovers.c.id).where(is_in(handovers.c.state, "asked"), ~_in_time(now))
    over = [await _step(tx, number, {"state": "expired"}, None, now) for number in await tx.connection.scalars(late)]
    return [one for one in over if one is not None]


async def taken(tx: Transaction, number: int, count: int, now: datetime) -> Handover | None:
    """Record that so many registrations were moved; None when that had been done before."""
    changes = {"state": "handed", "count": count}
    return await _step(tx, number, changes, None, now, is_in(handovers.c.state, "confirmed"))


async def made(tx: Transaction, number: int, checksum: str, password: str, now: datetime) -> Handover | None:
    """Record that the file was made; None when that had been done before."""
    sealed = tx.vault.seal(password.encode(), place(number))
    changes = {"state": "ready", "checksum": checksum, "password": sealed}
    return await _step(tx, number, changes, None, now, is_in(handovers.c.state, "handed"))


async def again(tx: Transaction, number: int, *, by: int, now: datetime) -> Handover | None:
    """Let the file be made once more, under the same password; None unless it was made before."""
    return await _step(tx, number, {"state": "handed"}, by, now, is_in(handovers.c.state, "ready"))


async def get(tx: Transaction, number: int, *, locked: bool = False) -> Handover | None:
    """Return the hand-over with this number; `locked` keeps others from changing it until the transaction ends."""
    query = select(handovers).where(handovers.c.id == number)
    row = (await tx.connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return None if row is None else _handover(tx, row)


async def in_state(tx: Transaction, *states: Phase, limit: int = 20) -> list[Handover]:
    """List hand-overs in these states, the newest first."""
    query = select(handovers).where(is_in(handovers.c.state, *states)).order_by(handovers.c.id.desc()).limit(limit)
    return [_handover(tx, row) for row in await tx.connection.execute(query)]


async def outcomes(tx: Transaction, number: int) -> dict[str, int]:
    """Count what BPJS answered; "" are those without an answer."""
    counted = select(handed.c.outcome, func.count().label("size")).where(handed.c.handover == number)
    rows = await tx.connection.execute(counted.group_by(handed.c.outcome))
    return {row.outcome or "": row.size for row in rows}


async def note(tx: Transaction, number: int, event: str, actor: int | None, now: datetime) -> None:
    """Write into the log of a hand-over; never anything personal."""
    await tx.connection.execute(insert(handover_log).values(handover=number, at=now, actor=actor, event=event))


async def log(tx: Transaction, number: int) -> Sequence[Event]:
    """Return the log of a hand-over, oldest first."""
    query = select(handover_log).where(handover_log.c.handover == number).order_by(handover_log.c.id)
    return [Event(row.at, row.actor, row.event) for row in await tx.connection.execute(query)]


_LOCK = int.from_bytes(b"handover")


def _in_time(now: datetime) -> Any:  # noqa: ANN401  # a condition of SQLAlchemy's
    return handovers.c.asked_at > now - PATIENCE


async def _step(
    tx: Transaction,
    number: int,
    changes: dict[str, Any],
    actor: int | None,
    now: datetime,
    *conditions: Any,  # noqa: ANN401  # likewise
) -> Handover | None:
    """Change a hand-over where the conditions hold, and write it into its log."""
    done = await tx.connection.execute(
        update(handovers).where(handovers.c.id == number, *conditions).values(changes).returning(handovers.c.id)
    )
    if done.scalar_one_or_none() is None:
        return None
    await note(tx, number, changes["state"], actor, now)
    return await _existing(tx, number)


async def _existing(tx: Transaction, number: int) -> Handover:
    return _handover(tx, (await tx.connection.execute(select(handovers).where(handovers.c.id == number))).one())


def _handover(tx: Transaction, row: Row[Any]) -> Handover:
    password = None if row.password is None else tx.vault.open(row.password, place(row.id)).decode()
    return Handover(
        id=row.id,
        programme=row.programme,
        state=row.state,
        mapping=row.mapping,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        count=row._asdict()["count"],  # a row is a tuple, which has a method of that name
        checksum=row.checksum,
        password=password,
    )


def place(number: int) -> str:
    """Name the place a password is sealed for."""
    return f"handovers.password:{number}"
