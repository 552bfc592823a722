"""Retention: what is left of the form of somebody who is covered, once it was handed over long enough ago.

The member's number, dates, state, area, work and programme are columns and stay: cover, reminders and BPJS's answers need
them. The index of the NIK stays, so that a second registration is noticed. Of the form stay the proof of consent and the
months that were chosen. What waits for BPJS's answer, or could not be matched, is still being handled and keeps its form.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update

from storage import history
from storage.registrations.decisions import NotAllowedError
from storage.registrations.records import Registration, document_place, locked
from storage.states import State
from storage.tables import history as entries
from storage.tables import is_in, registrations
from storage.transaction import Transaction

STAYS = ("consent", "consent_how", "months")
COVERED = frozenset({State.ACTIVE, State.LAPSED})
HANDED = COVERED | {State.HANDED_OVER}  # BPJS has their data


async def handed_before(tx: Transaction, before: datetime, *, after: str = "", limit: int = 100) -> Sequence[str]:
    """List, by number from `after` on, whose form is to be erased: covered, and handed over last before this moment."""
    row = registrations.c
    handed = exists().where(entries.c.registration == row.number, entries.c.to_state == State.HANDED_OVER.value)
    query = select(row.number).where(
        is_in(row.state, *COVERED),
        row.document.is_not(None),
        row.erased_at.is_(None),
        row.number > after,
        handed,
        ~handed.where(entries.c.at >= before),
    )
    return (await tx.connection.scalars(query.order_by(row.number).limit(limit))).all()


async def let_go(
    tx: Transaction, number: str, now: datetime, *, reason: str = "erased", states: Collection[State] = COVERED
) -> Registration:
    """Erase the form of somebody who is covered, or in other of these `states`, but for what has to stay.

    Raises NotAllowedError in any other state, LookupError when there is none with this number. Once is enough: what is
    erased already stays as it is.
    """
    before = await locked(tx, number)
    if before.state not in states:
        raise NotAllowedError(f"A registration that is {before.state} keeps its form.")
    if before.erased_at is not None:
        return before
    rest = left_of(before.document or {})
    changes = {
        "document": tx.vault.seal_json(rest, document_place(number)),
        "phone_index": None,
        "erased_at": now,
        "changed_at": now,
    }
    await tx.connection.execute(update(registrations).where(registrations.c.number == number).values(changes))
    state = before.state.value
    await history.append(tx, history.Entry(number, now, None, state, state, reason))
    return await locked(tx, number)


def left_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stays of a form."""
    return {name: document[name] for name in STAYS if name in document}
