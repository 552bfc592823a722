"""Cover: what BPJS answered about a registration, and what becomes of its cover with time."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from storage import history
from storage.registrations.decisions import MovedError, NotAllowedError
from storage.registrations.records import Registration, kpj_place, locked, record
from storage.states import State
from storage.tables import handed, is_in, registrations
from storage.transaction import Transaction

CONSOLIDATION = "consolidation"  # wanted of a worker whom BPJS could not match with the population register

_COVERABLE = {State.HANDED_OVER, State.NOT_MATCHED, State.ACTIVE, State.LAPSED}


async def activate(
    tx: Transaction,
    number: str,
    *,
    kpj: str,
    cover_from: date,
    paid_until: date | None,
    actor: int | None,
    now: datetime,
) -> Registration:
    """Record that BPJS covers a worker under this member's number; also that somebody covered has paid on.

    What is recorded already is left as it is, without an entry. Raises MovedError when it was never handed over or is
    closed, NotAllowedError when another member's number is recorded, LookupError.
    """
    before = await locked(tx, number)
    if before.state not in _COVERABLE:
        raise MovedError(before)
    if before.kpj not in {None, kpj}:
        raise NotAllowedError("Another member's number is recorded for this registration.")
    if before.state == State.ACTIVE and (before.cover_from, before.paid_until) == (cover_from, paid_until):
        return before
    return await _change(
        tx,
        before,
        State.ACTIVE,
        actor=actor,
        reason="covered" if before.state in {State.HANDED_OVER, State.NOT_MATCHED} else "paid",
        now=now,
        kpj=tx.vault.seal(kpj.encode(), kpj_place(number)),
        cover_from=cover_from,
        paid_until=paid_until,
        wanted=None,
    )


async def unmatched(tx: Transaction, number: str, *, actor: int | None, now: datetime) -> Registration:
    """Record that BPJS could not match a worker; raises MovedError unless it is handed over (or unmatched already)."""
    before = await locked(tx, number)
    if before.state == State.NOT_MATCHED and before.wanted == CONSOLIDATION:
        return before
    if before.state != State.HANDED_OVER:
        raise MovedError(before)
    return await _change(tx, before, State.NOT_MATCHED, actor=actor, reason=None, now=now, wanted=CONSOLIDATION)


async def renewed(tx: Transaction, number: str, *, actor: int, now: datetime) -> Registration:
    """Record that the population register was put right: it goes to BPJS again with the next hand-over.

    Raises MovedError when that is not wanted of it.
    """
    before = await locked(tx, number)
    if before.state != State.NOT_MATCHED or before.wanted != CONSOLIDATION:
        raise MovedError(before)
    return await _change(tx, before, State.NOT_MATCHED, actor=actor, reason="renewed", now=now, wanted=None)


async def overdue(tx: Transaction, today: date, *, limit: int) -> list[Registration]:
    """List covered registrations that are paid until a day before `today`, the oldest first."""
    rows = await tx.connection.execute(
        select(registrations)
        .where(is_in(registrations.c.state, State.ACTIVE), registrations.c.paid_until < today)
        .order_by(registrations.c.paid_until, registrations.c.number)
        .limit(limit)
    )
    return [record(tx, row) for row in rows]


async def lapse(tx: Transaction, number: str, today: date, *, now: datetime) -> Registration:
    """End the cover of somebody who is paid until a day before `today`; raises MovedError when that has changed."""
    before = await locked(tx, number)
    if before.state != State.ACTIVE or before.paid_until is None or before.paid_until >= today:
        raise MovedError(before)
    return await _change(tx, before, State.LAPSED, actor=None, reason="unpaid", now=now)


async def covered_with(tx: Transaction, nik: str) -> Registration | None:
    """Return the registration of this NIK that is or was covered."""
    same = registrations.c.nik_index.in_(tx.vault.blinds("nik", nik))
    is_covered = is_in(registrations.c.state, State.ACTIVE, State.LAPSED)
    row = (await tx.connection.execute(select(registrations).where(same, is_covered).limit(1))).one_or_none()
    return None if row is None else record(tx, row)


async def answered(tx: Transaction, handover: int, number: str, outcome: str) -> None:
    """Note in the hand-over what BPJS answered about a registration."""
    mine = (handed.c.handover == handover, handed.c.registration == number)
    await tx.connection.execute(update(handed).where(*mine).values(outcome=outcome))


async def _change(
    tx: Transaction,
    before: Registration,
    to: State,
    *,
    actor: int | None,
    reason: str | None,
    now: datetime,
    **values: Any,  # noqa: ANN401  # columns of the table
) -> Registration:
    changes = {**values, "state": to.value, "changed_at": now}
    await tx.connection.execute(update(registrations).where(registrations.c.number == before.number).values(changes))
    entry = history.Entry(before.number, now, actor, before.state.value, to.value, reason)
    await history.append(tx, entry)
    return await locked(tx, before.number)
