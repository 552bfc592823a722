"""Moving a registration from state to state: only along the table, never twice, always with an entry in its history."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage import history, programmes
from storage.registrations import places
from storage.registrations.indexes import indexes
from storage.registrations.places import Cost, FullError
from storage.registrations.records import Registration, is_open, locked, one_at_a_time, with_duplicate
from storage.states import AGREED, OPEN, TRANSITIONS, VERDICTS, State
from storage.tables import is_in, registrations
from storage.transaction import Transaction


class MovedError(Exception):
    """The registration is no longer what the actor saw; `registration` tells where it is now and who decided."""

    def __init__(self, registration: Registration) -> None:
        super().__init__(f"Registration {registration.number} changed meanwhile; it is {registration.state} now.")
        self.registration = registration


class NotAllowedError(Exception):
    """This move is not in the table, or not for this actor."""


class RivalError(Exception):
    """Another registration of the same NIK has been approved already; `number` says which."""

    def __init__(self, number: str) -> None:
        super().__init__(f"Registration {number} has the same NIK and is approved.")
        self.number = number


_AT_ONCE = 200  # of the waiting list, in one transaction
# BPJS's refusal counts as a decision too: its data are kept as long as after any other.
_DECIDED_FROM = {
    State.QUEUED,
    State.NEEDS_CORRECTION,
    State.WITH_DEPARTMENT,
    State.HANDED_OVER,
    State.NOT_MATCHED,
}
_YES = {State.APPROVED, State.WITH_DEPARTMENT, State.WAITING_LIST}
_NO = {State.REJECTED, State.WITHDRAWN}
_STAGES = {State.QUEUED, State.WITH_DEPARTMENT}  # where somebody is to decide
FIRST_YES = "first yes"  # the reason in the history


async def move(
    tx: Transaction,
    number: str,
    to: State,
    *,
    actor: int | None,
    reason: str | None,
    now: datetime,
    frm: State,
    seen: datetime | None = None,
    wanted: str | None = None,
    cost: Cost | None = None,
    department: str | None = None,
) -> Registration:
    """Move a registration from the state the actor saw.

    Raises MovedError, NotAllowedError, RivalError, FullError, LookupError. An approval under a programme takes its
    place, which is what `cost` says, and FullError tells that there is none and has changed nothing; rejecting,
    withdrawing and undoing give the place back, unless cover was paid from it. `actor` None is the system.

    A verdict (approved, needs_correction, rejected) on what one entered or owns is not allowed. From a verdict back
    to `queued`, or to the department, is the undo of whoever decided, and keeps the place in the queue. `wanted` names
    the field to correct, `department` who looks next; `seen` is the `changed_at` the actor saw: with it, a registration
    corrected meanwhile counts as moved.
    """
    programme = await lock_programme(tx, number)
    # Whoever is on the waiting list was checked on the way there, and holds off every rival since.
    same = await lock_nik(tx, number) if frm not in OPEN or (to in _YES and frm != State.WAITING_LIST) else []
    rival = await _approved_rival(tx, number, same) if to in _YES else None
    before = await locked(tx, number)
    if (before.programme, before.state) != (programme, frm) or seen not in {None, before.changed_at}:
        raise MovedError(before)
    _check(before, to, actor)
    if rival is not None:
        raise RivalError(rival)
    await _take_or_give_back(tx, before, to, cost, now)
    changes = _decision(before, to, actor, now) | _arrival(before, to, wanted, department)
    if to in _STAGES and frm in VERDICTS:
        changes |= await _as_before(tx, number, to)
    if to in OPEN and frm not in OPEN:
        changes |= await _reopened(tx, before, same)
    mine = registrations.c.number == number
    await tx.connection.execute(update(registrations).where(mine).values(**changes, changed_at=now))
    await history.append(tx, history.Entry(number, now, actor, frm.value, to.value, reason))
    return await locked(tx, number)


def _arrival(before: Registration, to: State, wanted: str | None, department: str | None) -> dict[str, Any]:
    """Return what a registration says of itself in the state it comes to: what is wanted there, and who looks next."""
    here = {
        "state": to.value,
        "wanted": wanted if to == State.NEEDS_CORRECTION else None,
        "first_yes_by": None,
    }
    return here | ({"department": department or before.department} if to == State.WITH_DEPARTMENT else {})


async def _take_or_give_back(
    tx: Transaction, before: Registration, to: State, cost: Cost | None, now: datetime
) -> None:
    """Take the place an approval needs, raising FullError; give back what a no or an undo leaves, unless it is spent."""
    if to == State.APPROVED and before.programme is not None:
        if cost is None:
            raise NotAllowedError("An approval under a programme says what it takes.")
        await places.take(tx, before, cost, now, promoted=before.state == State.WAITING_LIST)
    elif before.cover_from is None and to in _NO:
        await places.release(tx, before.number, now)
    elif before.cover_from is None and to in _STAGES and before.state == State.APPROVED:
        await places.release(tx, before.number, now, since=before.decided_at)  # an earlier approval's stays


def _decision(before: Registration, to: State, actor: int | None, now: datetime) -> dict[str, Any]:
    """Return who decided, and when: a verdict counts as a decision, and back in the queue there is none."""
    if to == State.REJECTED or (to in VERDICTS and before.state in _DECIDED_FROM):
        return {"decided_at": now, "decided_by": actor}
    return {"decided_at": None, "decided_by": None, "department": None} if to == State.QUEUED else {}


async def lock_programme(tx: Transaction, number: str) -> str | None:
    """Lock the programme that a registration is under, and return its code.

    Every change takes its locks in this order: programme, NIK, registration. So no two wait for each other.
    """
    code = await tx.connection.scalar(select(registrations.c.programme).where(registrations.c.number == number))
    if code is not None:
        await programmes.lock(tx, code)
    return code


def _check(before: Registration, to: State, actor: int | None) -> None:
    if to not in TRANSITIONS[before.state]:
        raise NotAllowedError(f"A registration does not go from {before.state} to {to}.")
    if before.document is None:
        raise NotAllowedError("An erased registration stays where it is.")
    if before.state in VERDICTS and to in _STAGES and before.decided_by != actor:
        raise NotAllowedError("A decision is undone by whoever made it.")
    if before.state in VERDICTS and to == State.WITH_DEPARTMENT and before.department is None:
        raise NotAllowedError("It has not been with a department.")
    if to in VERDICTS and actor is not None and actor in {before.person, before.registered_by}:
        raise NotAllowedError("Nobody decides on a registration of their own.")


async def _as_before(tx: Transaction, number: str, to: State) -> dict[str, Any]:
    """Find out what an undone decision had replaced: the village's yes, or the first of two."""
    past = await history.entries(tx, number)
    if to == State.WITH_DEPARTMENT:
        village = next(one for one in reversed(past) if (one.from_state, one.to_state) == (State.QUEUED, to))
        return {"decided_at": village.at, "decided_by": village.actor}
    left = max(place for place, one in enumerate(past) if one.from_state == to != one.to_state)
    first = past[left - 1]
    return {"first_yes_by": first.actor} if first.reason == FIRST_YES else {}


async def lock_nik(tx: Transaction, number: str) -> list[bytes]:
    """Wait for every other transaction that works on a registration's NIK, and return its index under each key."""
    same = (await indexes(tx, [number], "nik")).get(number, [])
    await one_at_a_time(tx, same)
    return same


async def _approved_rival(tx: Transaction, number: str, same: Sequence[bytes]) -> str | None:
    """Find an approved registration of the same NIK. Of two that are approved at once, the second sees the first."""
    return await tx.connection.scalar(
        select(registrations.c.number).where(
            registrations.c.nik_index.in_(same),
            registrations.c.number != number,
            is_in(registrations.c.state, *AGREED),
        )
    )


async def _reopened(tx: Transaction, before: Registration, same: Sequence[bytes]) -> dict[str, Any]:
    """Find out whether another registration took the NIK while this one was closed."""
    holder = await tx.connection.scalar(
        select(registrations.c.number).where(
            registrations.c.nik_index.in_(same),
            is_open,
            registrations.c.duplicate_of.is_(None),
            registrations.c.number != before.number,
        )
    )
    if holder is None:
        return {}
    other = await locked(tx, holder)
    mine = update(registrations).where(registrations.c.number == holder)
    await tx.connection.execute(mine.values(hints=with_duplicate(other.hints)))
    return {"duplicate_of": holder, "hints": with_duplicate(before.hints)}


async def promote(
    tx: Transaction, programme: str, cost_of: Callable[[Registration], Cost], now: datetime
) -> list[Registration]:
    """Give the places a programme has to those who wait, first come first, and return who got one, 200 at most.

    Somebody whose village has no share left is passed over; where the programme itself is short, all others wait on.
    """
    await programmes.lock(tx, programme)
    promoted: list[Registration] = []
    while len(promoted) < _AT_ONCE and (number := await places.next_waiting(tx, programme)) is not None:
        try:
            moved = await move(
                tx,
                number,
                State.APPROVED,
                actor=None,
                reason="promoted",
                now=now,
                frm=State.WAITING_LIST,
                cost=cost_of(await locked(tx, number)),
            )
        except FullError:
            break
        promoted.append(moved)
    return promoted
