"""The worker's own word on what another entered: it becomes theirs, or it is denied and stopped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from storage import history
from storage.registrations.applications import erase
from storage.registrations.decisions import MovedError, lock_programme, move
from storage.registrations.records import ATTESTED, CLAIMED, DENIED, Registration, document_place, locked
from storage.states import OPEN, State
from storage.tables import registrations
from storage.transaction import Transaction

# What has not left the house can be stopped; of the rest, BPJS has the data already.
STOPPABLE = frozenset({State.QUEUED, State.NEEDS_CORRECTION, State.WITH_DEPARTMENT, State.WAITING_LIST, State.APPROVED})


async def claimed(
    tx: Transaction, number: str, person: int, *, consent: Mapping[str, object], language: str, now: datetime
) -> Registration:
    """Hand a registration over to the worker it is about, whose own consent now stands in its document.

    Raises MovedError when it is closed or somebody has claimed it already, LookupError when there is none.
    """
    before = await _attested(tx, number)
    document = tx.vault.seal_json({**(before.document or {}), "consent": dict(consent)}, document_place(number))
    changes = {"person": person, "claim": CLAIMED, "document": document, "language": language, "changed_at": now}
    return await _changed(tx, before, changes, person, CLAIMED, now)


async def denied(tx: Transaction, number: str, person: int, now: datetime) -> Registration:
    """Note that the worker never asked for a registration, and stop and erase it where that is still possible.

    Its place of a programme becomes free. One that BPJS has already stays as it is, marked as denied.
    Raises MovedError when it is closed or claimed already, LookupError when there is none.
    """
    before = await _attested(tx, number)
    if before.state not in STOPPABLE:
        return await _changed(tx, before, {"claim": DENIED, "changed_at": now}, person, DENIED, now)
    await tx.connection.execute(update(registrations).where(registrations.c.number == number).values(claim=DENIED))
    await move(tx, number, State.WITHDRAWN, actor=person, reason=DENIED, now=now, frm=before.state)
    await erase(tx, number, now, actor=person)
    return await locked(tx, number)


async def _attested(tx: Transaction, number: str) -> Registration:
    """Return an open registration that only who entered it stands behind; raises MovedError for any other."""
    await lock_programme(tx, number)
    before = await locked(tx, number)
    if before.claim != ATTESTED or before.state not in OPEN or before.erased_at is not None:
        raise MovedError(before)
    return before


async def _changed(
    tx: Transaction, before: Registration, changes: Mapping[str, Any], actor: int, reason: str, now: datetime
) -> Registration:
    """Change a registration within its state, with an entry in its history."""
    number, state = before.number, before.state.value
    await tx.connection.execute(update(registrations).where(registrations.c.number == number).values(**changes))
    await history.append(tx, history.Entry(number, now, actor, state, state, reason))
    return await locked(tx, number)
