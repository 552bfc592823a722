"""Opinions that are no decision yet, or no longer: the first of two, and the minute to think again."""

from datetime import datetime

from sqlalchemy import update

from storage import history
from storage.registrations.decisions import FIRST_YES, MovedError, NotAllowedError, move
from storage.registrations.records import Registration, get, locked
from storage.states import State
from storage.tables import registrations
from storage.transaction import Transaction


async def say_first_yes(
    tx: Transaction, number: str, *, actor: int, now: datetime, seen: datetime | None = None
) -> Registration:
    """Keep the first yes to a registration with warnings; it waits on for a second person.

    Raises MovedError when it was decided, corrected or said yes to meanwhile, NotAllowedError on one's own.
    """
    before = await locked(tx, number)
    if (
        before.state != State.QUEUED
        or before.first_yes_by is not None
        or (seen is not None and before.changed_at != seen)
    ):
        raise MovedError(before)
    if actor in {before.person, before.registered_by}:
        raise NotAllowedError("Nobody decides on a registration of their own.")
    return await _note(tx, number, actor, now, first_yes_by=actor, reason=FIRST_YES)


async def undo(
    tx: Transaction, number: str, *, actor: int, now: datetime, seen: datetime | None = None
) -> Registration:
    """Take back one's first yes, or the decision that brought a registration where it is: it waits where it waited.

    Raises MovedError when the decision is not the one made at `seen`, NotAllowedError when it was not the actor's or
    cannot be undone, RivalError, LookupError.
    """
    before = await get(tx, number)  # not locked: `move` first waits for its NIK
    if before is None:
        raise LookupError(f"There is no registration {number}.")
    if before.state == State.QUEUED and before.first_yes_by == actor:
        return await _take_back_yes(tx, before, actor, now)
    if seen is not None and before.decided_at != seen:
        raise MovedError(before)
    past = await history.entries(tx, number)
    stages = {State.QUEUED.value, State.WITH_DEPARTMENT.value}
    decision = next((one for one in reversed(past) if one.to_state == before.state and one.reason != "undo"), None)
    came_from = None if decision is None else decision.from_state
    if came_from not in stages or past[-1].to_state != before.state:
        raise NotAllowedError("What happened last was no decision.")
    return await move(
        tx, number, State(came_from), actor=actor, reason="undo", now=now, frm=before.state, seen=before.changed_at
    )


async def _take_back_yes(tx: Transaction, seen: Registration, actor: int, now: datetime) -> Registration:
    before = await locked(tx, seen.number)
    if before.state != State.QUEUED or before.first_yes_by != actor:
        raise MovedError(before)
    return await _note(tx, seen.number, actor, now, first_yes_by=None, reason="undo")


async def _note(
    tx: Transaction, number: str, actor: int, now: datetime, *, first_yes_by: int | None, reason: str
) -> Registration:
    changes = {"first_yes_by": first_yes_by, "changed_at": now}
    await tx.connection.execute(update(registrations).where(registrations.c.number == number).values(changes))
    await history.append(tx, history.Entry(number, now, actor, State.QUEUED.value, State.QUEUED.value, reason))
    return await locked(tx, number)
