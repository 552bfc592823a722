"""What happened to each registration: append-only, each entry chained to the one before by a keyed hash.

An entry also binds what the registration's row and its place looked like after the change (`digest`), so that a row
edited by hand no longer fits its history.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import Row, and_, bindparam, func, insert, select, update

from storage.tables import history, places, registrations
from storage.transaction import Transaction
from storage.vault import SealBrokenError

# Sealed for their row, made with keys that may be exchanged, hints that another's arrival adds, or told by an entry.
_UNBOUND = {"document", "kpj", "nik_index", "phone_index", "hints", "erased_at"}
_APPEND = insert(history)

Fault = Literal["history", "state", "row"]
"""The chain is broken; it ends in another state; the row or its place is not what the last entry saw."""

_place_columns = (places.c.programme, places.c.share, places.c.months, places.c.rupiah, places.c.first_month)
bound = select(registrations, *(column.label(f"place.{column.name}") for column in _place_columns)).outerjoin(
    places, and_(places.c.registration == registrations.c.number, places.c.released_at.is_(None))
)
"""Selects what history vouches for: registrations, each with the place it holds."""


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
    """Write an entry, after its change; only `storage.registrations` does, in the transaction of the change."""
    mine = history.c.registration == entry.registration
    previous = await tx.connection.scalar(select(history.c.link).where(mine).order_by(history.c.id.desc()).limit(1))
    present = (await tx.connection.execute(bound.where(registrations.c.number == entry.registration))).one()
    await tx.connection.execute(_APPEND, _written(tx, entry, _digest(tx, present), previous or b""))


async def append_all(tx: Transaction, made: Sequence[Entry]) -> None:
    """Write the entries of many registrations, one of each, as `append` would; at most a few hundred at once."""
    numbers = [entry.registration for entry in made]
    latest = select(func.max(history.c.id)).where(history.c.registration.in_(numbers)).group_by(history.c.registration)
    ends = select(history.c.registration, history.c.link).where(history.c.id.in_(latest))
    links = {row.registration: row.link for row in await tx.connection.execute(ends)}
    rows = await tx.connection.execute(bound.where(registrations.c.number.in_(numbers)))
    digests = {row.number: _digest(tx, row) for row in rows}
    written = [_written(tx, one, digests[one.registration], links.get(one.registration, b"")) for one in made]
    if written:
        await tx.connection.execute(_APPEND, written)


async def entries(tx: Transaction, number: str) -> list[Entry]:
    """List a registration's history, oldest first; raises SealBrokenError when a reason was tampered with."""
    return [_entry(tx, row) for row in await _rows(tx, number)]


async def verify(tx: Transaction, number: str) -> bool:
    """Tell whether the chain is whole and ends in the registration as it is."""
    present = (await tx.connection.execute(bound.where(registrations.c.number == number))).one_or_none()
    return present is not None and fault(tx, await _rows(tx, number), present) is None


async def relink(tx: Transaction, numbers: Sequence[str]) -> list[str]:
    """Chain the histories of registrations anew, under the first key; return those that are broken: they stay so.

    The caller has locked the registrations.
    """
    told: dict[str, list[Row[Any]]] = {number: [] for number in numbers}
    query = select(history).where(history.c.registration.in_(numbers)).order_by(history.c.id)
    for row in await tx.connection.execute(query):
        told[row.registration].append(row)
    broken, anew = [], []
    for present in (await tx.connection.execute(bound.where(registrations.c.number.in_(numbers)))).all():
        rows = told[present.number]
        if fault(tx, rows, present) is not None:
            broken.append(present.number)
        else:
            anew += _anew(tx, rows, present)
    if anew:
        entry = update(history).where(history.c.id == bindparam("entry"))
        await tx.connection.execute(entry.values(digest=bindparam("digest"), link=bindparam("link")), anew)
    return broken


def _anew(tx: Transaction, rows: Sequence[Row[Any]], present: Row[Any]) -> list[dict[str, Any]]:
    link, anew = b"", []
    for row in rows:
        digest = row.digest
        if row is rows[-1] and digest is not None:  # what a row was like before nobody knows any more
            digest = _digest(tx, present)
        link = tx.vault.link(link, _canonical(_entry(tx, row)) + (digest or b""))
        anew.append({"entry": row.id, "digest": digest, "link": link})
    return anew


def fault(tx: Transaction, rows: Sequence[Row[Any]], present: Row[Any]) -> Fault | None:
    """Say what is wrong with a registration, `present` as `bound` selects it, by the `rows` of its history."""
    link, state, digest = b"", None, None
    try:
        for row in rows:
            entry = _entry(tx, row)
            digest = row.digest
            if entry.from_state != state or not tx.vault.linked(link, _canonical(entry) + (digest or b""), row.link):
                return "history"
            link, state = row.link, entry.to_state
    except SealBrokenError:
        return "history"
    if state is None:
        return "history"
    if state != present.state:
        return "state"
    # Entries written before rows were bound have no digest; they vouch for the state alone.
    return None if digest is None or tx.vault.linked(b"row", _vouched(present), digest) else "row"


def _written(tx: Transaction, entry: Entry, digest: bytes, previous: bytes) -> dict[str, Any]:
    """Return an entry's row, chained to the link before it."""
    reason = None if entry.reason is None else tx.vault.seal(entry.reason.encode(), place(entry.registration))
    return {
        "registration": entry.registration,
        "at": entry.at,
        "actor": entry.actor,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "reason": reason,
        "digest": digest,
        "link": tx.vault.link(previous, _canonical(entry) + digest),
    }


async def _rows(tx: Transaction, number: str) -> Sequence[Row[Any]]:
    found = await tx.connection.execute(select(history).where(history.c.registration == number).order_by(history.c.id))
    return found.all()


def _entry(tx: Transaction, row: Row[Any]) -> Entry:
    reason = None if row.reason is None else tx.vault.open(row.reason, place(row.registration)).decode()
    return Entry(row.registration, row.at, row.actor, row.from_state, row.to_state, reason)


def _digest(tx: Transaction, row: Row[Any]) -> bytes:
    """Digest a registration and the place it holds, under the key of the chain."""
    return tx.vault.link(b"row", _vouched(row))


def _vouched(row: Row[Any]) -> bytes:
    """Return every column of a registration and of the place it holds that history vouches for."""
    values = [
        [name, _plain(value)]
        for name, value in sorted(row._asdict().items())
        if name not in _UNBOUND and value is not None  # so that a column added later, still empty, changes nothing
    ]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value


def _canonical(entry: Entry) -> bytes:
    # The reason goes in as plain text, so that sealing it under a new key leaves the chain whole.
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [entry.registration, at, entry.actor, entry.from_state, entry.to_state, entry.reason]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def place(number: str) -> str:
    """Name the place a reason is sealed for."""
    return f"history.reason:{number}"
