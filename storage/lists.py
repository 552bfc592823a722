"""Lists of others: the government's social register, and who is a participant already. Only blind indexes are kept.

A list can answer "is this NIK on it?" and nothing else: no number can be read back from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select

from storage.registrations.indexes import indexes
from storage.registrations.records import parts
from storage.tables import listed
from storage.transaction import Transaction

SOCIAL_REGISTER, PARTICIPANTS = "social_register", "participants"
NAMES = (SOCIAL_REGISTER, PARTICIPANTS)


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: how many NIK are on it, and when it was imported last."""

    name: str
    count: int
    imported_at: datetime


async def add(tx: Transaction, name: str, niks: Sequence[str], now: datetime) -> None:
    """Put NIK (16 digits) on a list; those already there count as imported now."""
    if not niks:
        return
    row = tx.insert(listed).values(list=name, nik_index=bindparam("nik_index"), imported_at=now)
    row = row.on_conflict_do_update(index_elements=["list", "nik_index"], set_={"imported_at": now})
    await tx.connection.execute(row, [{"nik_index": tx.vault.blind("nik", nik)} for nik in niks])
    if tx.vault.turning:
        older = [index for nik in niks for index in tx.vault.blinds("nik", nik)[1:]]
        for some in parts(older):
            await tx.connection.execute(delete(listed).where(listed.c.list == name, listed.c.nik_index.in_(some)))


async def drop_older(tx: Transaction, name: str, before: datetime) -> int:
    """Take off a list what was imported before this moment, and return how many that were."""
    old = delete(listed).where(listed.c.list == name, listed.c.imported_at < before)
    return (await tx.connection.execute(old)).rowcount


async def marked(tx: Transaction, numbers: Sequence[str]) -> dict[str, set[str]]:
    """Return for each of these registrations the lists its NIK is on; those on none are left out."""
    mine = await indexes(tx, numbers, "nik")
    lists: dict[bytes, set[str]] = {}
    for some in parts({index for same in mine.values() for index in same}):
        rows = select(listed.c.nik_index, listed.c.list).where(listed.c.list.in_(NAMES), listed.c.nik_index.in_(some))
        for row in await tx.connection.execute(rows):
            lists.setdefault(row.nik_index, set()).add(row.list)
    found = {number: set().union(*(lists.get(index, ()) for index in same)) for number, same in mine.items()}
    return {number: on for number, on in found.items() if on}


async def known(tx: Transaction) -> set[str]:
    """Name the lists that have been imported."""
    return {name for name in NAMES if await tx.connection.scalar(select(1).where(listed.c.list == name).limit(1))}


async def all_(tx: Transaction) -> list[Listed]:
    """Describe every list that has been imported."""
    rows = await tx.connection.execute(
        select(listed.c.list, func.count().label("size"), func.max(listed.c.imported_at).label("imported_at"))
        .group_by(listed.c.list)
        .order_by(listed.c.list)
    )
    return [Listed(row.list, row.size, row.imported_at) for row in rows]
