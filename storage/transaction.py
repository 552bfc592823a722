"""A transaction: what every storage function works in."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import BigInteger

from storage.vault import Vault

Inserting = Callable[[Table], sqlite.Insert | postgresql.Insert]
"""Begins an INSERT; a statement that is run every turn is built once for each, by a cached function of it."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open connection and the vault."""

    connection: AsyncConnection
    vault: Vault
    bells: set[str] = field(default_factory=set)

    def ring(self, bell: str) -> None:
        """Let other processes on this database hear, once this is committed, that there is something for them."""
        self.bells.add(bell)

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only what happens inside when it raises."""
        async with self.connection.begin_nested():
            yield

    @property
    def insert(self) -> Inserting:
        """What begins an INSERT that may end in ON CONFLICT, in this database's dialect: `tx.insert(table)`."""
        return postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert

    async def grown(self, table: Table) -> None:
        """Tell PostgreSQL's planner at once of the many rows that a table has got; SQLite plans without knowing."""
        if self.connection.dialect.name == "postgresql":
            await self.connection.exec_driver_sql(f"ANALYZE {table.name}")

    async def queue_up(self, *keys: int) -> None:
        """Wait for every other transaction that named one of these 64-bit keys; SQLite has one writer anyway."""
        if self.connection.dialect.name == "postgresql":
            # In ascending order, so that two transactions can never wait for each other.
            ordered = bindparam("keys", sorted(set(keys)), type_=postgresql.ARRAY(BigInteger))
            await self.connection.execute(select(func.pg_advisory_xact_lock(func.unnest(ordered))))
