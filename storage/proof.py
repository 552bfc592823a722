"""A proof of the keys: without it, a wrong key would be noticed only when data cannot be read, or found, any more."""

from __future__ import annotations

from sqlalchemy import select

from storage.tables import proofs
from storage.transaction import Transaction
from storage.vault import SealBrokenError

_KNOWN = "sertakan"
_PLACE = "proofs.proof:keys"


async def leave(tx: Transaction) -> None:
    """Leave a proof of both keys, where there is none."""
    made = {"keys": tx.vault.seal(_KNOWN.encode(), _PLACE), "index_key": tx.vault.blind("token", _KNOWN)}
    for subject, proof in made.items():
        await tx.connection.execute(tx.insert(proofs).values(subject=subject, proof=proof).on_conflict_do_nothing())


async def holds(tx: Transaction) -> bool:
    """Tell whether the present keys open the proof and make the same index."""
    left = {row.subject: row.proof for row in await tx.connection.execute(select(proofs))}
    try:
        opened = tx.vault.open(left["keys"], _PLACE).decode()
    except SealBrokenError:
        return False
    return opened == _KNOWN and left["index_key"] == tx.vault.blind("token", _KNOWN)
