"""What happened to each registration: append-only, each entry chained to the one before by a keyed hash."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select

from storage.tables import history, registrations
from storage.transaction import Transaction
from storage.vault import SealBrokenError


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: who (None is the system), when, from which state (None at the start) to which, and why."""

    registration: str
    at: datetime
    actor: int | None
    from_state: str | None
    to_state: str
    reason: str | None = field(repr=False)


async def append(tx: Transaction, entry: Entry) -> None:
    """Write an entry; only `storage.registrations` does, in the transaction that makes the change."""
    mine = history.c.registration == entry.registration
    previous = await tx.connection.scalar(select(history.c.link).where(mine).order_by(history.c.id.desc()).limit(1))
    reason = None if entry.reason is None else tx.vault.seal(entry.reason.encode(), _place(entry.registration))
    await tx.connection.execute(
        insert(history).values(
            registration=entry.registration,
            at=entry.at,
            actor=entry.actor,
            from_state=entry.from_state,
            to_state=entry.to_state,
            reason=reason,
            link=tx.vault.link(previous or b"", _canonical(entry)),
        )
    )


async def entries(tx: Transaction, number: str) -> list[Entry]:
    """List a registration's history, oldest first; raises SealBrokenError when a reason was tampered with."""
    return [_entry(tx, row) for row in await _rows(tx, number)]


async def verify(tx: Transaction, number: str) -> bool:
    """Tell whether the chain is whole and ends in the registration's present state."""
    link, state = b"", None
    try:
        for row in await _rows(tx, number):
            entry = _entry(tx, row)
            link = tx.vault.link(link, _canonical(entry))
            if entry.from_state != state or not hmac.compare_digest(link, row.link):
                return False
            state = entry.to_state
    except SealBrokenError:
        return False
    present = await tx.connection.scalar(select(registrations.c.state).where(registrations.c.number == number))
    return state is not None and state == present


async def _rows(tx: Transaction, number: str) -> Sequence[Row[Any]]:
    found = await tx.connection.execute(select(history).where(history.c.registration == number).order_by(history.c.id))
    return found.all()


def _entry(tx: Transaction, row: Row[Any]) -> Entry:
    reason = None if row.reason is None else tx.vault.open(row.reason, _place(row.registration)).decode()
    return Entry(row.registration, row.at, row.actor, row.from_state, row.to_state, reason)


def _canonical(entry: Entry) -> bytes:
    # The reason goes in as plain text, so that sealing it under a new key leaves the chain whole.
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [entry.registration, at, entry.actor, entry.from_state, entry.to_state, entry.reason]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _place(number: str) -> str:
    return f"history.reason:{number}"
