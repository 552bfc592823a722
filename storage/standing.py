"""Standing: how many processes are at work on one database, and with which keys.

On PostgreSQL each holds locks, as `storage/presence.py` says. SQLite has one, which leaves a note.
"""

import json
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import delete, select, text

from storage.proof import Kind
from storage.tables import proofs
from storage.transaction import Transaction
from storage.vault import Vault

AT_WORK = int.from_bytes(b"at work!")  # the lock of every process at work
_NOTE = "at work"  # the subject of SQLite's note
_holding = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
    "WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 1 AND mode = 'ShareLock' AND granted "
    "AND ((classid::bigint << 32) | objid::bigint) = :number"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many processes are at work, how many of them know a key, and how many write with it."""

    at_work: int
    know: int
    write: int


async def note(tx: Transaction) -> None:
    """Leave the note that a bot is at work on SQLite, with the ids of its keys."""
    ids = json.dumps({"data": tx.vault.names, "index": tx.vault.index_names}).encode()
    left = tx.insert(proofs).values(subject=_NOTE, proof=ids)
    await tx.connection.execute(left.on_conflict_do_update(index_elements=["subject"], set_={"proof": ids}))


async def take_back(tx: Transaction) -> None:
    """Take the note back."""
    await tx.connection.execute(delete(proofs).where(proofs.c.subject == _NOTE))


async def standing(tx: Transaction, kind: Kind, name: str) -> Standing:
    """Count who is at work, knows a key and writes with it."""
    if tx.connection.dialect.name == "postgresql":
        numbers = (AT_WORK, _number(kind, name, "knows"), _number(kind, name, "writes"))
        counts = [await tx.connection.scalar(_holding, {"number": number}) or 0 for number in numbers]
        return Standing(*counts)
    left = await tx.connection.scalar(select(proofs.c.proof).where(proofs.c.subject == _NOTE))
    names = [] if left is None else json.loads(left)[kind]
    return Standing(int(left is not None), int(name in names), int(names[:1] == [name]))


def locks(vault: Vault) -> list[int]:
    """Return the locks that tell that a process is at work, and its keys."""
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (("data", vault.names), ("index", vault.index_names))
    return [AT_WORK] + [
        _number(kind, name, use)
        for kind, names in kinds
        for use, those in (("knows", names), ("writes", names[:1]))
        for name in those
    ]


def _number(kind: Kind, name: str, use: str) -> int:
    return int.from_bytes(sha256(f"{kind} key {name} {use}".encode()).digest()[:8], signed=True)
