"""Rivals: several registrations of one NIK, or with one phone; and which of two is kept."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from storage import history
from storage.registrations.decisions import MovedError, NotAllowedError, lock_nik, lock_programme, move
from storage.registrations.indexes import COLUMNS, Indexed, indexes
from storage.registrations.records import (
    DUPLICATE,
    Registration,
    is_open,
    locked,
    parts,
    select_all,
)
from storage.states import State
from storage.tables import registrations
from storage.transaction import Transaction


async def rivals(tx: Transaction, number: str) -> list[Registration]:
    """List the other open registrations of the same NIK, oldest first."""
    same = (await indexes(tx, [number], "nik")).get(number, [])
    return await select_all(tx, registrations.c.nik_index.in_(same), is_open, registrations.c.number != number)


async def doubled(tx: Transaction, numbers: Sequence[str]) -> set[str]:
    """Return those of these registrations whose NIK has another open registration."""
    return await _alike(tx, numbers, "nik")


async def sharing_phone(tx: Transaction, numbers: Sequence[str]) -> set[str]:
    """Return those of these registrations whose phone another open registration has, too."""
    return await _alike(tx, numbers, "phone")


async def _alike(tx: Transaction, numbers: Sequence[str], of: Indexed) -> set[str]:
    mine = await indexes(tx, numbers, of)
    holders = defaultdict(set)
    for some in parts({index for same in mine.values() for index in same}):
        rows = select(registrations.c.number, COLUMNS[of]).where(COLUMNS[of].in_(some), is_open)
        for number, index in await tx.connection.execute(rows):
            holders[index].add(number)
    return {number for number, same in mine.items() if any(holders[index] - {number} for index in same)}


async def keep(
    tx: Transaction, kept: Registration, other: Registration, *, actor: int, now: datetime
) -> tuple[Registration, Registration]:
    """Reject the other of two registrations of one NIK as its duplicate, and return both as they are then.

    Raises MovedError when either is no longer as it was seen, NotAllowedError when either is the actor's own or past
    rejecting, LookupError when they are no rivals. Nothing is changed then.
    """
    await lock_programme(tx, other.number)
    await lock_nik(tx, kept.number)
    found = {one.number: one for one in await rivals(tx, kept.number)}
    if other.number not in found:
        raise LookupError(f"{other.number} is no rival of {kept.number}.")
    before = await locked(tx, kept.number)
    if before.changed_at != kept.changed_at:
        raise MovedError(before)
    if actor in {before.person, before.registered_by}:
        raise NotAllowedError("Nobody decides on a registration of their own.")
    rejected = await move(
        tx, other.number, State.REJECTED, actor=actor, reason=DUPLICATE, now=now, frm=other.state, seen=other.changed_at
    )
    if before.duplicate_of == other.number:
        await _change(tx, before, {"duplicate_of": None}, actor, now)
    for third in found.values():
        if third.duplicate_of == other.number:
            await _change(tx, third, {"duplicate_of": kept.number}, actor, now)
    if len(found) == 1:
        await _alone_again(tx, before)
    return await locked(tx, kept.number), rejected


async def _change(
    tx: Transaction, before: Registration, changes: dict[str, str | None], actor: int, now: datetime
) -> None:
    mine = registrations.c.number == before.number
    await tx.connection.execute(update(registrations).where(mine).values(**changes, changed_at=now))
    state = before.state.value
    await history.append(tx, history.Entry(before.number, now, actor, state, state, DUPLICATE))


async def _alone_again(tx: Transaction, registration: Registration) -> None:
    """Take the hint of a second one away; hints are no part of what the history binds."""
    hints = [hint for hint in registration.hints if hint != DUPLICATE]
    mine = registrations.c.number == registration.number
    await tx.connection.execute(update(registrations).where(mine).values(hints=hints))
