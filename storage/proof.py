"""Proofs of the keys: without them, a wrong key would be noticed only when data cannot be read, or found, any more.

There is one for each key of either kind that something may have been written with: whoever lacks one of them is told.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Row, delete, select

from storage.tables import proofs
from storage.transaction import Transaction
from storage.vault import INDEX_BYTES, SealBrokenError, index_mark, seal_mark

Kind = Literal["data", "index"]
"""What a key is for: it seals data, or it makes indexes and links."""

_KNOWN = "sertakan"
_PLACE = "proofs.proof:keys"
_SUBJECTS: dict[Kind, str] = {"data": "keys", "index": "index_key"}


async def leave(tx: Transaction) -> None:
    """Leave a proof of the keys that write, unless there is one, or those that are left show that they are wrong."""
    left = await _left(tx)
    if not _hold(tx, left):
        return
    made: dict[Kind, tuple[str, bytes]] = {
        "data": (tx.vault.names[0], tx.vault.seal(_KNOWN.encode(), _PLACE)),
        "index": (tx.vault.index_names[0], tx.vault.blind("token", _KNOWN)),
    }
    for kind, (name, proof) in made.items():
        others = [row for row in left if row.subject.startswith(_SUBJECTS[kind])]
        if not any(_made_with(kind, name, row.proof) for row in others):
            subject = f"{_SUBJECTS[kind]}:{name}" if others else _SUBJECTS[kind]
            await tx.connection.execute(tx.insert(proofs).values(subject=subject, proof=proof).on_conflict_do_nothing())


async def holds(tx: Transaction) -> bool:
    """Tell whether the present keys open every proof and make the same indexes."""
    left = await _left(tx)
    return bool(left) and _hold(tx, left)


async def drop(tx: Transaction, kind: Kind, name: str) -> None:
    """Ask for a key no more."""
    for row in await _left(tx):
        if row.subject.startswith(_SUBJECTS[kind]) and _made_with(kind, name, row.proof):
            await tx.connection.execute(delete(proofs).where(proofs.c.subject == row.subject))


async def _left(tx: Transaction) -> list[Row[tuple[str, bytes]]]:
    subjects = tuple(_SUBJECTS.values())
    return [row for row in await tx.connection.execute(select(proofs)) if row.subject.startswith(subjects)]


def _hold(tx: Transaction, left: list[Row[tuple[str, bytes]]]) -> bool:
    try:
        return all(
            tx.vault.open(row.proof, _PLACE).decode() == _KNOWN
            if row.subject.startswith(_SUBJECTS["data"])
            else row.proof in tx.vault.blinds("token", _KNOWN)
            for row in left
        )
    except SealBrokenError:
        return False


def _made_with(kind: Kind, name: str, proof: bytes) -> bool:
    if kind == "data":
        return proof.startswith(seal_mark(name))
    return proof[:-INDEX_BYTES] == index_mark(name)
