"""Lists of others: the government's social register, and who is a participant already. Only blind indexes are kept.

A list can answer "is this NIK on it?" and nothing else: no number can be read back from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select

from storage.tables import listed, registrations
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


async def drop_older(tx: Transaction, name: str, before: datetime) -> int:
    """Take off a list what was imported before this moment, and return how many that were."""
    old = delete(listed).where(listed.c.list == name, listed.c.imported_at < before)
    return (await tx.connection.execute(old)).rowcount


async def marked(tx: Transaction, numbers: Sequence[str]) -> dict[str, set[str]]:
    """Return for each of these registrations the lists its NIK is on; those on none are left out."""
    query = select(registrations.c.number, listed.c.list).join(listed, listed.c.nik_index == registrations.c.nik_index)
    found: dict[str, set[str]] = {}
    for row in await tx.connection.execute(query.where(registrations.c.number.in_(numbers), listed.c.list.in_(NAMES))):
        found.setdefault(row.number, set()).add(row.list)
    return found


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
