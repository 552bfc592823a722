"""The engines below a database: one writer and read-only readers on SQLite, two pools on PostgreSQL.

SQLite: write-ahead log, `synchronous=FULL` because an update is acknowledged on the strength of a commit, and only
the writer writes and checkpoints (SQLite 3.7.0 to 3.51.2 can corrupt a log that two connections checkpoint).
Parameters never reach an exception or a log: `hide_parameters`.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.sqlite_connection import SqliteConnection

OLDEST_SQLITE = (3, 35, 0)  # RETURNING
_BUSY_SECONDS = 15
_READERS = 4

_WRITER_SETTINGS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
)


class DatabaseError(Exception):
    """The database cannot be used; the text is a sentence for the operator, without a password."""


class Keeper:
    """Decides which process checkpoints an SQLite file: the first to hold the lock beside it, until it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None
        self._writes = False

    def take(self) -> bool:
        """Say whether this process checkpoints; asked when the writer connects."""
        self._writes = True
        if self._lock is None:
            lock = os.open(f"{self.path}-writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                self._lock = lock
        return self._lock is not None

    async def checkpoint(self, writer: AsyncEngine) -> None:
        """Move the log into the file, if this process wrote and is the one to do it."""
        if self._writes and self._lock is not None:
            async with writer.connect() as connection:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def let_go(self) -> None:
        """Leave checkpoints to another process."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def prepare_file(url: URL) -> Path:
    """Make the file and its folder, readable by nobody else, and return its path; raises DatabaseError."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseError(
            f"SQLite here is {sqlite3.sqlite_version}; {'.'.join(map(str, OLDEST_SQLITE))} or newer is needed."
        )
    if not url.database or url.database == ":memory:":
        raise DatabaseError("DATABASE_URL must name a file: a database in memory would lose everything.")
    path = Path(url.database)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise DatabaseError(f"{path} cannot be written: {error.strerror}.") from None
    return path


def _sqlite(path: Path, connections: int, uri: str | None = None) -> AsyncEngine:
    """Make an engine over so many connections to a file, by its path or by a URI that says how it is opened."""

    def opened() -> Awaitable[SqliteConnection]:
        return SqliteConnection.opened(
            uri or str(path), uri=uri is not None, isolation_level=None, timeout=_BUSY_SECONDS
        )

    return create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        async_creator=opened,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
    )


def sqlite_writer(keeper: Keeper) -> AsyncEngine:
    """Make the one connection that writes; its transactions take the write lock when they begin.

    With the execution option `brief`, the statements of a transaction run in the event loop (see `SqliteConnection`).
    """
    engine = _sqlite(keeper.path, 1)

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        pages = 1000 if keeper.take() else 0
        _set(connection, *_WRITER_SETTINGS, f"wal_autocheckpoint={pages}")

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.brief = False
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        driver.brief = connection.get_execution_options().get("brief", False)

    @event.listens_for(engine.sync_engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, asyncio.CancelledError):
            # What was broken off ends in the connection's own thread, and the rollback comes after it there. Thrown
            # away instead, the only writer would leave its transaction open, and the next would wait for it.
            context.is_disconnect = False

    return engine


def sqlite_reader(keeper: Keeper) -> AsyncEngine:
    """Make the read-only connections; they see committed data and never checkpoint."""
    engine = _sqlite(keeper.path, _READERS, f"{keeper.path.absolute().as_uri()}?mode=ro")

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        _set(connection, "query_only=ON", "wal_autocheckpoint=0", "temp_store=MEMORY")

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def postgres(url: URL, *, read_only: bool = False) -> AsyncEngine:
    """Make a pool of asyncpg connections; readers get one unchanging view and cannot write."""
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"), hide_parameters=True, pool_pre_ping=True, pool_size=5, max_overflow=10
    )
    if not read_only:
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def cause(error: DBAPIError | OSError) -> str:
    """Put what the driver said into one line, without the statement."""
    origin: Any = error.orig if isinstance(error, DBAPIError) else error
    return str(origin).splitlines()[0].rstrip(".") if str(origin) else type(origin).__name__


def _set(connection: DBAPIConnection, *settings: str) -> None:
    cursor = connection.cursor()
    for setting in settings:
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()
