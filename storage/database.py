"""Opening the database, and its two kinds of transaction, on SQLite and on PostgreSQL alike."""

import asyncio
import contextlib
import secrets
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Self

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import engines, presence, proof, schema, standing
from storage.engines import DatabaseError
from storage.presence import Presence, Ring, Work
from storage.proof import Kind
from storage.standing import Standing
from storage.transaction import Transaction
from storage.vault import Vault

__all__ = ["Database", "DatabaseError", "Presence", "Recover", "Transaction"]

Recover = Callable[[Transaction], Awaitable[None]]

_FAREWELL = 2.0  # seconds


class Database:
    """An opened database: `write()` and `read()` give transactions, `migrate()` brings the schema up to date."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, vault: Vault, keeper: engines.Keeper | None) -> None:
        self._writer = writer
        self._brief = writer.execution_options(brief=True)
        self._reader = reader
        self._vault = vault
        self._keeper = keeper
        self._name = secrets.token_hex(8)  # what other processes know this one by
        # SQLite has one writer connection: turns queue here, in order, instead of failing on a busy database.
        self._turn: asyncio.Lock | contextlib.nullcontext[None] = asyncio.Lock() if keeper else contextlib.nullcontext()

    @classmethod
    async def open(cls, url: str, vault: Vault) -> Self:
        """Open `sqlite:///var/sertakan.db` or `postgresql://user@host/name`; raises DatabaseError."""
        try:
            parts = make_url(url)
        except ArgumentError:
            raise DatabaseError(
                "DATABASE_URL does not read like sqlite:///path or postgresql://user@host/name."
            ) from None
        match parts.get_backend_name():
            case "sqlite":
                keeper = engines.Keeper(engines.prepare_file(parts))
                database = cls(engines.sqlite_writer(keeper), engines.sqlite_reader(keeper), vault, keeper)
            case "postgresql":
                database = cls(engines.postgres(parts), engines.postgres(parts, read_only=True), vault, None)
            case other:
                raise DatabaseError(f"DATABASE_URL names {other}; only sqlite and postgresql are possible.")
        try:
            await database.schema_is_current()  # looks into the file, so that one which is no database is found out
        except (DBAPIError, OSError) as error:
            await database.close()
            raise DatabaseError(f"The database cannot be opened: {engines.cause(error)}.") from None
        return database

    async def close(self) -> None:
        """Close every connection; SQLite's writer first moves the write-ahead log into the file.

        A server that does not answer is left to find out by itself.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if self._keeper else _FAREWELL):
                await self._close()

    async def _close(self) -> None:
        await self._reader.dispose()
        if self._keeper is not None:
            # On a disk that is full the log stays beside the file, and whoever opens it next reads both.
            with contextlib.suppress(sqlite3.Error, DBAPIError):
                async with self._turn:
                    await self._keeper.checkpoint(self._writer)
        await self._writer.dispose()
        if self._keeper is not None:
            self._keeper.let_go()

    @contextlib.asynccontextmanager
    async def write(self, *, brief: bool = False) -> AsyncIterator[Transaction]:
        """Commit on success, roll back on any error; on SQLite one at a time.

        `brief` is for what is done for every message and looks at few rows: on SQLite it saves handing each statement to
        a thread, and everything else waits meanwhile.
        """
        async with self._turn, (self._brief if brief else self._writer).begin() as connection:
            tx = Transaction(connection, self._vault)
            yield tx
            if tx.bells and self.shared:
                await presence.say(connection, tx.bells, self._name)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Read one unchanging view of the data; writing raises."""
        async with self._reader.begin() as connection:
            yield Transaction(connection, self._vault)

    @contextlib.asynccontextmanager
    async def at_work(
        self,
        recover: Mapping[str, Recover],
        heard: Mapping[str, Ring] | None = None,
        inherit: Mapping[str, Work] | None = None,
    ) -> AsyncIterator[Presence]:
        """Be known as a process that works on this database while the block runs, in these roles.

        What is said to `recover` in a role is done first, unless another process is at work in it: whatever was in
        hand is in nobody's now. Otherwise it waits until its lease ends, or until all others in the role are gone: then
        `inherit` is done. `heard` is rung when another process commits what rings that bell. SQLite has one process.
        """

        async def alone(work: Recover) -> None:
            async with self.write() as tx:
                await work(tx)

        engine = self._writer if self.shared else None
        locks = standing.locks(self._vault)
        here = Presence(engine, self._name, roles=list(recover), locks=locks, heard=heard or {}, inherit=inherit or {})
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(here.kept({role: partial(alone, work) for role, work in recover.items()}))
            if not self.shared:
                async with self.write() as tx:
                    await standing.note(tx)
                stack.push_async_callback(self._gone)
            yield here

    async def _gone(self) -> None:
        with contextlib.suppress(DBAPIError):  # on a full disk the note stays, and says nothing once the lock is gone
            async with self.write() as tx:
                await standing.take_back(tx)

    async def standing(self, kind: Kind, name: str) -> Standing:
        """Count who else is at work on this database, and knows a key, and writes with it."""
        if self._keeper is not None and self._keeper.take():
            return Standing(0, 0, 0)  # nobody else holds the file: a note would be of one that was killed
        async with self.read() as tx:
            return await standing.standing(tx, kind, name)

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[Transaction]:
        """Give a transaction with one unchanging view, during which no bot is at work; raises DatabaseError if one is."""
        async with contextlib.AsyncExitStack() as stack:
            if self._keeper is None:
                engine = self._writer.execution_options(isolation_level="REPEATABLE READ")
                free = await stack.enter_async_context(presence.kept_away(self._writer))
            else:
                engine, free = self._writer, self._keeper.take()
            if not free:
                raise DatabaseError("A bot is at work on this database: stop it first (systemctl stop sertakan).")
            async with self._turn, engine.begin() as connection:
                yield Transaction(connection, self._vault)

    @property
    def shared(self) -> bool:
        """Whether other processes may be at work on this database; SQLite has one bot."""
        return self._keeper is None

    async def migrate(self) -> None:
        """Bring the schema to the newest revision, all or nothing."""
        async with self.write() as tx:
            await tx.queue_up(schema.LOCK)
            await tx.connection.run_sync(schema.upgrade)
            await proof.leave(tx)

    async def revision(self) -> str | None:
        """Return the revision of the schema; None when there is none yet."""
        async with self.read() as tx:
            return await tx.connection.run_sync(schema.revision)

    async def schema_is_current(self) -> bool:
        """Tell whether `migrate` would change nothing."""
        async with self.read() as tx:
            return await tx.connection.run_sync(schema.is_current)

    async def keys_fit(self) -> bool:
        """Tell whether the vault's keys are the ones the data were written with."""
        async with self.read() as tx:
            return await proof.holds(tx)
