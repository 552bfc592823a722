"""Several registrations in one transaction: the locks for all of them, and what was decided together."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from storage import programmes
from storage.registrations.indexes import indexes
from storage.registrations.records import Registration, select_all
from storage.tables import registrations
from storage.transaction import Transaction
from storage.vault import lock_number


async def lock_all(tx: Transaction, numbers: Sequence[str]) -> None:
    """Take every lock that changing these will need, in the order that all keep: programmes, NIK, registrations.

    So two who change the same ones at once wait for each other in turn, and never in a circle.
    """
    them = registrations.c.number.in_(numbers)
    under = await tx.connection.scalars(select(registrations.c.programme).where(them).distinct())
    for code in sorted(one for one in under if one is not None):
        await programmes.lock(tx, code)
    niks = await indexes(tx, numbers, "nik")
    await tx.queue_up(*(lock_number(index) for same in niks.values() for index in same))
    ordered = select(registrations.c.number).where(them).order_by(registrations.c.number)
    await tx.connection.execute(ordered.with_for_update())


async def decided_since(tx: Transaction, reviewer: int, since: datetime) -> list[Registration]:
    """List what a reviewer decided from this moment on."""
    return await select_all(tx, registrations.c.decided_by == reviewer, registrations.c.decided_at >= since)
