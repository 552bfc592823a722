"""Copying an installation: every row of every table into a database that is empty, and the proof that none differs.

Rows travel as SQLite stores them: a moment is microseconds since 1970, a day is written 2026-11-20, true is 1, JSON is
its text. So SQLite's rows pass untouched, and what each side holds can be compared whatever database it is. The sum of
a table is the number of its rows and their SHA-256 added up, in which the order of the rows plays no part.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import asyncpg
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Table,
    Text,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType

from storage import engines
from storage.database import Database
from storage.moment import Moment
from storage.tables import files, metadata, proofs, uploads
from storage.transaction import Transaction

NOT_EMPTY = (
    "The database to copy into is not empty, and nothing in it was touched."
    " Name an empty one, or move away what is there if you are sure that nobody needs it."
)
AT_ONCE = 1000  # rows in memory
LARGE = frozenset({files.name, uploads.name})  # megabytes a row, and few of them: one at a time
_CACHE = -65536  # KiB that SQLite may keep of the indexes while it writes them
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ALL = 2**256

Values = tuple[Any, ...]
Pages = AsyncIterator[list[Values]]


class CopyError(Exception):
    """A copy cannot be made, or is not equal; the text is a sentence for the operator, with nothing of any row."""


@dataclass(slots=True)
class Sum:
    """What can be compared of a table: how many rows, and the sum of their SHA-256."""

    rows: int = 0
    digest: int = 0

    def add(self, page: Sequence[Values]) -> None:
        """Count rows in."""
        self.rows += len(page)
        for row in page:
            self.digest += int.from_bytes(sha256(ascii(row).encode()).digest())
        self.digest %= _ALL


async def is_empty(tx: Transaction) -> bool:
    """Tell whether there is nothing but the proof of the keys, as `Database.migrate` leaves a new database."""
    for table in metadata.sorted_tables:
        if table is not proofs and await tx.connection.scalar(select(exists(select(table)))):
            return False
    return True


async def copy(source: Transaction, target: Transaction) -> dict[str, Sum]:
    """Copy all rows and where the numbering of each table stands, and return the sums of both sides.

    `source` must be one unchanging view, `target` the only one who writes. Raises CopyError when the target is not
    empty, cannot hold a row, or holds other rows afterwards: then the transaction has to be rolled back.
    """
    if not await is_empty(target):
        raise CopyError(NOT_EMPTY)
    await target.connection.execute(delete(proofs))
    if target.connection.dialect.name == "sqlite":
        await target.connection.execute(text("PRAGMA defer_foreign_keys=ON"))  # rows refer to each other
        await target.connection.execute(text(f"PRAGMA cache_size={_CACHE}"))
    return {table.name: await _copy(source, target, table) for table in metadata.sorted_tables}


async def prepare(target: Database) -> None:
    """Give a new database the present schema; raises CopyError where it holds anything, and leaves that as it is."""
    if await target.revision() is None:
        await target.migrate()
    if not await target.schema_is_current():
        raise CopyError(NOT_EMPTY)
    async with target.read() as tx:
        if not await is_empty(tx):
            raise CopyError(NOT_EMPTY)


async def sums(tx: Transaction) -> dict[str, Sum]:
    """Return the sum of every table."""
    return {table.name: await _sum(tx, table) for table in metadata.sorted_tables}


async def _copy(source: Transaction, target: Transaction, table: Table) -> Sum:
    sent = Sum()

    async def counted() -> Pages:
        async for page in _pages(source, table):
            sent.add(page)
            yield page

    sqlite = target.connection.dialect.name == "sqlite"
    try:
        await (_insert if sqlite else _stream)(target, table, counted())
        await _go_on_numbering(source, target, table)
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        # PostgreSQL quotes values when it complains, SQLite does not.
        why = engines.cause(error) if isinstance(error, DBAPIError) and sqlite else type(error).__name__
        raise CopyError(f"The table {table.name} cannot be copied: {why}.") from None
    await target.grown(table)
    if await _sum(target, table) != sent:
        raise CopyError(f"The copy of the table {table.name} differs from it. Nothing was kept; please try again.")
    return sent


async def _sum(tx: Transaction, table: Table) -> Sum:
    found = Sum()
    async for page in _pages(tx, table):
        found.add(page)
    return found


async def _pages(tx: Transaction, table: Table) -> Pages:
    """Read a table in the order of its primary key, as SQLite stores it."""
    plain = None if tx.connection.dialect.name == "sqlite" else _each(table, _PLAIN)
    as_stored = select(*map(_as_stored, table.c)).order_by(*table.primary_key)
    async with tx.connection.stream(as_stored) as rows:
        async for page in rows.partitions(1 if table.name in LARGE else AT_ONCE):
            yield [tuple(row) if plain is None else _turned(row, plain) for row in page]


def _as_stored(column: Column[Any]) -> ColumnElement[Any]:
    return cast(column, Text) if isinstance(column.type, JSON) else type_coerce(column, NullType())


async def _insert(tx: Transaction, table: Table, pages: Pages) -> None:
    statement = str(insert(table).compile(dialect=tx.connection.dialect))
    async for page in pages:
        await tx.connection.exec_driver_sql(statement, page)


async def _stream(tx: Transaction, table: Table, pages: Pages) -> None:
    """Write a table with one COPY, at whose end PostgreSQL looks whether rows that refer to each other are there."""
    typed = _each(table, _TYPED)
    raw = await tx.connection.get_raw_connection()
    connection: Any = raw.driver_connection
    records = (_turned(row, typed) async for page in pages for row in page)
    await connection.copy_records_to_table(table.name, records=records, columns=[one.name for one in table.c])


async def _go_on_numbering(source: Transaction, target: Transaction, table: Table) -> None:
    """Let the ids go on where those of the source are, so that none is used twice."""
    if not table.kwargs.get("sqlite_autoincrement"):
        return
    highest = await source.connection.scalar(select(func.max(table.c.id))) or 0
    reached = max(highest, await _numbered(source, table))
    if reached < 1:
        return
    if target.connection.dialect.name == "postgresql":
        await target.connection.execute(select(func.setval(_sequence(table), reached)))
        return
    name = {"name": table.name, "reached": reached}
    await target.connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), name)
    await target.connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :reached)"), name)


async def _numbered(tx: Transaction, table: Table) -> int:
    """Return the highest id that the database has given."""
    if tx.connection.dialect.name == "postgresql":
        found = await tx.connection.scalar(select(func.pg_sequence_last_value(_sequence(table))))
    else:
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        found = await tx.connection.scalar(query, {"name": table.name})
    return int(found or 0)


def _sequence(table: Table) -> Any:  # noqa: ANN401  # an expression of SQLAlchemy's
    return cast(func.pg_get_serial_sequence(table.name, "id"), REGCLASS)


Turns = list[tuple[int, Callable[[Any], Any]]]


def _each(table: Table, turns: dict[type, Callable[[Any], Any]]) -> Turns:
    """List which values of a row have to be turned, and how."""
    return [(place, turns[type(column.type)]) for place, column in enumerate(table.c) if type(column.type) in turns]


def _turned(row: Sequence[Any], turns: Turns) -> Values:
    values = list(row)
    for place, turn in turns:
        if values[place] is not None:
            values[place] = turn(values[place])
    return tuple(values)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


_PLAIN: dict[type, Callable[[Any], Any]] = {Moment: _microseconds, Date: date.isoformat, Boolean: int}
_TYPED: dict[type, Callable[[Any], Any]] = {Moment: _moment, Date: date.fromisoformat, Boolean: bool}
