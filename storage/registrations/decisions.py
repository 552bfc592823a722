"""Moving a registration from state to state: only along the table, never twice, always with an entry in its history."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage import history
from storage.registrations.records import Registration, is_open, locked, one_at_a_time, with_duplicate
from storage.states import OPEN, TRANSITIONS, VERDICTS, State
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


async def move(
    tx: Transaction,
    number: str,
    to: State,
    *,
    actor: int,
    reason: str | None,
    now: datetime,
    frm: State,
    seen: datetime | None = None,
    wanted: str | None = None,
) -> Registration:
    """Move a registration from the state the actor saw; raises MovedError, NotAllowedError, RivalError, LookupError.

    A verdict (approved, needs_correction, rejected) on what one entered or owns is not allowed. From a verdict back
    to `queued` is the undo of whoever decided, and keeps the place in the queue. `wanted` names the field to correct;
    `seen` is the `changed_at` the actor saw: with it, a registration corrected meanwhile counts as moved.
    """
    rival = await _approved_rival(tx, number) if to == State.APPROVED else None
    before = await locked(tx, number)
    if before.state != frm or (seen is not None and before.changed_at != seen):
        raise MovedError(before)
    _check(before, to, actor)
    if rival is not None:
        raise RivalError(rival)
    changes: dict[str, Any] = {
        "state": to.value,
        "changed_at": now,
        "wanted": wanted if to == State.NEEDS_CORRECTION else None,
    }
    if to in VERDICTS and frm in {State.QUEUED, State.NEEDS_CORRECTION}:
        changes |= {"decided_at": now, "decided_by": actor}
    elif to == State.QUEUED:
        changes |= {"decided_at": None, "decided_by": None}
    if to in OPEN and frm not in OPEN:
        changes |= await _reopened(tx, before)
    await tx.connection.execute(update(registrations).where(registrations.c.number == number).values(changes))
    await history.append(tx, history.Entry(number, now, actor, frm.value, to.value, reason))
    return await locked(tx, number)


def _check(before: Registration, to: State, actor: int) -> None:
    if to not in TRANSITIONS[before.state]:
        raise NotAllowedError(f"A registration does not go from {before.state} to {to}.")
    if before.document is None:
        raise NotAllowedError("An erased registration stays where it is.")
    if before.state in VERDICTS and to == State.QUEUED and before.decided_by != actor:
        raise NotAllowedError("A decision is undone by whoever made it.")
    if to in VERDICTS and actor in {before.person, before.registered_by}:
        raise NotAllowedError("Nobody decides on a registration of their own.")


async def _approved_rival(tx: Transaction, number: str) -> str | None:
    """Find an approved registration of the same NIK. Of two that are approved at once, the second sees the first."""
    nik_index = await tx.connection.scalar(select(registrations.c.nik_index).where(registrations.c.number == number))
    await one_at_a_time(tx, nik_index or b"")
    return await tx.connection.scalar(
        select(registrations.c.number).where(
            registrations.c.nik_index == nik_index,
            registrations.c.number != number,
            is_in(registrations.c.state, *(OPEN - {State.QUEUED, State.NEEDS_CORRECTION})),
        )
    )


async def _reopened(tx: Transaction, before: Registration) -> dict[str, Any]:
    """Find out whether another registration took the NIK while this one was closed."""
    nik_index = await tx.connection.scalar(
        select(registrations.c.nik_index).where(registrations.c.number == before.number)
    )
    await one_at_a_time(tx, nik_index or b"")
    holder = await tx.connection.scalar(
        select(registrations.c.number).where(
            registrations.c.nik_index == nik_index,
            is_open,
            registrations.c.duplicate_of.is_(None),
            registrations.c.number != before.number,
        )
    )
    return {} if holder is None else {"duplicate_of": holder, "hints": with_duplicate(before.hints)}
