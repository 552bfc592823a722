"""Rivals: several registrations of one NIK, or with one phone; and which of two is kept."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select, update

from storage import history
from storage.registrations.decisions import MovedError, NotAllowedError, lock_nik, lock_programme, move
from storage.registrations.records import (
    DUPLICATE,
    Registration,
    is_open,
    locked,
    select_all,
)
from storage.states import OPEN, State
from storage.tables import is_in, registrations
from storage.transaction import Transaction

_other = registrations.alias("other")
_other_open = is_in(_other.c.state, *OPEN)


async def rivals(tx: Transaction, number: str) -> list[Registration]:
    """List the other open registrations of the same NIK, oldest first."""
    nik_index = await tx.connection.scalar(select(registrations.c.nik_index).where(registrations.c.number == number))
    return await select_all(tx, registrations.c.nik_index == nik_index, is_open, registrations.c.number != number)


async def doubled(tx: Transaction, numbers: Sequence[str]) -> set[str]:
    """Return those of these registrations whose NIK has another open registration."""
    return await _alike(tx, numbers, "nik_index")


async def sharing_phone(tx: Transaction, numbers: Sequence[str]) -> set[str]:
    """Return those of these registrations whose phone another open registration has, too."""
    return await _alike(tx, numbers, "phone_index")


async def _alike(tx: Transaction, numbers: Sequence[str], index: str) -> set[str]:
    same = and_(_other.c[index] == registrations.c[index], _other.c.number != registrations.c.number, _other_open)
    query = select(registrations.c.number).join(_other, same).where(registrations.c.number.in_(numbers)).distinct()
    return set(await tx.connection.scalars(query))


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
