"""Under which programme a registration waits: put there, or set free when the programme is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, update

from storage import history
from storage.registrations import places
from storage.registrations.decisions import MovedError, lock_programme
from storage.registrations.records import Registration, locked, record
from storage.states import VERDICTS, State
from storage.tables import is_in, registrations
from storage.tables import places as place_rows
from storage.transaction import Transaction

WAITING = (State.QUEUED, State.NEEDS_CORRECTION, State.WITH_DEPARTMENT, State.WAITING_LIST)


async def put_under(
    tx: Transaction,
    number: str,
    programme: str | None,
    *,
    payer: str,
    tier: str,
    actor: int,
    now: datetime,
) -> Registration:
    """Put a waiting registration under a programme, or under none, with its payer and tier; it keeps its place.

    Raises MovedError when it no longer waits in the queue, LookupError when there is none with this number.
    """
    left = await lock_programme(tx, number)
    before = await locked(tx, number)
    if before.state != State.QUEUED or before.programme != left:
        raise MovedError(before)
    if programme != left:
        await places.release(tx, number, now)
    changes = {"programme": programme, "payer": payer, "tier": tier, "changed_at": now, "first_yes_by": None}
    await tx.connection.execute(update(registrations).where(registrations.c.number == number).values(changes))
    await history.append(tx, history.Entry(number, now, actor, State.QUEUED.value, State.QUEUED.value, "programme"))
    return await locked(tx, number)


async def set_free(tx: Transaction, number: str, *, payer: str, now: datetime) -> Registration:
    """Take a waiting registration out of a programme that is over: the village looks at it again, where it waited.

    One that needs correction still does. Raises MovedError when it waits no longer, or holds a place: that stays its own.
    """
    programme = await lock_programme(tx, number)
    before = await locked(tx, number)
    waits = before.state in WAITING and before.programme is not None and before.programme == programme
    if not waits or await places.held(tx, number) is not None:
        raise MovedError(before)
    to = State.NEEDS_CORRECTION if before.state == State.NEEDS_CORRECTION else State.QUEUED
    changes: dict[str, Any] = {"programme": None, "payer": payer, "state": to.value, "changed_at": now}
    changes |= {"department": None, "first_yes_by": None}
    if before.state in VERDICTS and to == State.QUEUED:
        changes |= {"decided_at": None, "decided_by": None}
    await tx.connection.execute(update(registrations).where(registrations.c.number == number).values(changes))
    entry = history.Entry(number, now, None, before.state.value, to.value, "programme over")
    await history.append(tx, entry)
    return await locked(tx, number)


async def unplaced(tx: Transaction, programme: str, *, limit: int) -> list[Registration]:
    """List those who wait under a programme without a place of it, by number."""
    rows = await tx.connection.execute(
        select(registrations).where(_unplaced(programme)).order_by(registrations.c.number).limit(limit)
    )
    return [record(tx, row) for row in rows]


async def unplaced_count(tx: Transaction, programme: str) -> int:
    """Count what `unplaced` lists."""
    return await tx.connection.scalar(select(func.count()).where(_unplaced(programme))) or 0


def _unplaced(programme: str) -> ColumnElement[bool]:
    mine = (place_rows.c.registration == registrations.c.number, place_rows.c.released_at.is_(None))
    waits = is_in(registrations.c.state, *WAITING)
    return and_(registrations.c.programme == programme, waits, ~exists().where(*mine))
