"""SQLite's connection as SQLAlchemy uses it, with a statement in one hop to the connection's thread, or in none.

aiosqlite asks its thread four times for each statement: for a cursor, to execute, for the rows, to close. On a busy bot
that costs more than the statement.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Self

import aiosqlite

AHEAD = 500  # rows that come with their statement; a stream fetches the rest as it goes on
_SHOWN_AT_ONCE = 64  # rows that aiosqlite's own cursors fetch at a time; none is used here

Row = tuple[Any, ...]


class SqliteConnection(aiosqlite.Connection):
    """A connection with its thread; while it is `brief`, statements run where they are awaited.

    What may wait, for a lock or for the disk, always has the thread: beginning and committing.
    """

    brief = False

    @classmethod
    async def opened(cls, database: str, **how: Any) -> Self:  # noqa: ANN401  # sqlite3's own
        """Open a file as `sqlite3.connect` does."""
        made = cls(partial(sqlite3.connect, database, check_same_thread=False, **how), _SHOWN_AT_ONCE)
        made._thread.daemon = True  # a program that ends does not wait for it
        await made
        return made

    @property
    def raw(self) -> sqlite3.Connection:
        """The connection itself; to be used in what `does` is given."""
        return self._conn

    def cursor(self) -> SqliteCursor:  # type: ignore[override]  # SQLAlchemy enters it, and does not await it
        """Return a cursor; that takes no hop."""
        return SqliteCursor(self)

    async def does(self, work: Callable[[], None]) -> None:
        """Do something with the database, here or in the thread."""
        if self.brief:
            work()
        else:
            await self._execute(work)  # type: ignore[no-untyped-call]


class SqliteCursor:
    """One statement and what came of it. A cursor is used by one at a time."""

    arraysize = 1

    def __init__(self, connection: SqliteConnection) -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None  # while more rows may come
        self._ahead: deque[Row] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        """Nothing has to be made ready."""
        return self

    async def execute(self, sql: str, parameters: Sequence[object] = ()) -> Self:
        """Execute a statement and fetch what it returns, up to `AHEAD` rows."""
        await self._connection.does(partial(self._run, sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[object]]) -> Self:
        """Execute a statement once for each of the parameters."""
        await self._connection.does(partial(self._run, sql, parameters, many=True))
        return self

    async def fetchone(self) -> Row | None:
        """Return the next row."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Row]:
        """Return the next rows."""
        wanted = self.arraysize if size is None else size
        if self._open is not None and len(self._ahead) < wanted:
            await self._connection.does(partial(self._fetch, self._open, wanted - len(self._ahead)))
        return [self._ahead.popleft() for _ in range(min(wanted, len(self._ahead)))]

    async def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        if self._open is not None:
            await self._connection.does(partial(self._fetch, self._open, None))
        rows, self._ahead = list(self._ahead), deque()
        return rows

    async def close(self) -> None:
        """Let go of what is still open."""
        self._ahead.clear()
        if self._open is not None:
            await self._connection.does(partial(self._finish, self._open))

    def _run(self, sql: str, parameters: Any, *, many: bool = False) -> None:  # noqa: ANN401  # sqlite3's own
        cursor = self._open = self._connection.raw.cursor()
        try:
            (cursor.executemany if many else cursor.execute)(sql, parameters)
            self.description, self.lastrowid = cursor.description, cursor.lastrowid
            if self.description is None:
                self._finish(cursor)
            else:
                self._fetch(cursor, AHEAD)
        except BaseException:
            self._finish(cursor)
            raise

    def _fetch(self, cursor: sqlite3.Cursor, most: int | None) -> None:
        rows = cursor.fetchall() if most is None else cursor.fetchmany(most)
        self._ahead.extend(rows)
        if most is None or len(rows) < most:
            self._finish(cursor)

    def _finish(self, cursor: sqlite3.Cursor) -> None:
        self.rowcount = cursor.rowcount  # of a statement with RETURNING it is known only now
        cursor.close()
        self._open = None
