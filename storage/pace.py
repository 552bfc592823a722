"""The pace that all senders on one PostgreSQL share: one row, changed under its lock, by the database's clock."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Double, cast, func, select, update

from storage.tables import pace
from storage.transaction import Transaction

_ROW = 1
_LOCKED = select(pace.c.state).where(pace.c.id == _ROW).with_for_update().cte("locked").prefix_with("MATERIALIZED")
# The time is read after the lock is held. What is lost in a crash is a second's pace: nobody waits for the disk.
_LOCK = select(
    _LOCKED.c.state,
    cast(func.extract("epoch", func.clock_timestamp()), Double).label("now"),
    func.set_config("synchronous_commit", "off", True),
)


async def lock(tx: Transaction) -> tuple[dict[str, Any], float]:
    """Return the state and the time (seconds since 1970) for this transaction alone; the first state is empty."""
    row = (await tx.connection.execute(_LOCK)).one_or_none()
    if row is None:
        new = tx.insert(pace).values(id=_ROW, state={}).on_conflict_do_nothing()
        await tx.connection.execute(new)
        row = (await tx.connection.execute(_LOCK)).one()
    return row.state, row.now


async def keep(tx: Transaction, state: Mapping[str, Any]) -> None:
    """Keep the state for whoever locks it next."""
    await tx.connection.execute(update(pace).where(pace.c.id == _ROW).values(state=state))
