"""Rows in every table, with whatever a column may hold: written from what the tables say, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import JSON, Column, Table, insert, select, update

from storage.moment import Moment
from storage.tables import metadata, outbox, recipients, registrations
from storage.transaction import Transaction

EACH = 4
VALUES: Mapping[type, tuple[Any, ...]] = {
    int: (0, 1, -7, 2**15 - 1),
    str: ("", "Jl. Mawar 'ungu' \"77\"\\\n\t|", "ꦱꦸꦒꦼꦁ 🛵 e\u0301 \u202e\ufeff", "NULL"),
    bytes: (b"", bytes(range(256)), b"\0", b"\xff" * 3000),
    bool: (True, False, False, True),
    datetime: (
        datetime(2026, 11, 20, 15, 4, 5, 678901, tzinfo=timezone(timedelta(hours=7))),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
    ),
    date: (date(2026, 2, 28), date(1, 1, 1), date(9999, 12, 31), date(1961, 11, 20)),
}
OBJECTS = ({"a": [1, 2.50, None, True, {"ä": "🛵"}]}, [], "text", None)
LARGE = {"telegram_id", "person", "chat_id", "update_id", "lane", "budget", "rupiah", "owner", "bot_id"}
WITHIN_CHECKS = {"taken_people": 0, "taken_months": 0, "taken_budget": 0, "taken": 0}


async def fill(tx: Transaction) -> None:
    """Write rows into every table; the last one of each has nothing wherever a column may be empty."""
    for table in metadata.sorted_tables:
        for one in range(EACH):
            await tx.connection.execute(insert(table).values(await _row(tx, table, one)))
    numbers = sorted(await tx.connection.scalars(select(registrations.c.number)))
    for number, other in zip(numbers, reversed(numbers), strict=True):  # each refers to the other, in any order
        row = update(registrations).where(registrations.c.number == number)
        await tx.connection.execute(row.values(duplicate_of=other))


async def held(tx: Transaction) -> dict[str, list[str]]:
    """Return what the program reads in each table, in an order that is the same in every database."""
    return {
        table.name: sorted([repr(tuple(row)) for row in await tx.connection.execute(select(table))])
        for table in metadata.sorted_tables
    }


async def next_ids(tx: Transaction) -> dict[str, int]:
    """Write one row more into some numbered tables, and return the ids they got."""
    made = {}
    for table in (outbox, recipients):
        row = await _row(tx, table, EACH + 1)
        made[table.name] = (await tx.connection.execute(insert(table).values(row).returning(table.c.id))).scalar_one()
    return made


async def _row(tx: Transaction, table: Table, one: int) -> dict[str, Any]:
    row = {
        column.name: await _value(tx, column, one) for column in table.c if column.name != "id" or table.name == "pace"
    }
    return row | {name: value for name, value in WITHIN_CHECKS.items() if name in row}


async def _value(tx: Transaction, column: Column[Any], one: int) -> Any:
    """Choose a value by type: one that is there where rows are referred to, and another for each row of a key."""
    if column.nullable and (one == EACH - 1 or column is registrations.c.duplicate_of):
        return None
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return sorted(await tx.connection.scalars(select(key.column)))[one % EACH]
    if isinstance(column.type, JSON):
        return OBJECTS[one % EACH]
    kind = datetime if isinstance(column.type, Moment) else column.type.python_type
    value = VALUES[kind][one % EACH]
    if kind is int and (column.name in LARGE or column.name.startswith("taken") or _is_key(column)):
        return 2**52 - one if column.name in LARGE else one + 1
    if kind is int and column.table.name in {"programmes", "shares"}:
        return one  # within the checks
    if not _is_key(column):
        return value
    return {str: lambda: f"{one} {value}", bytes: lambda: value + bytes([one])}.get(kind, lambda: value)()


def _is_key(column: Column[Any]) -> bool:
    unique = [index.columns for index in column.table.indexes if index.unique]
    return any(column.name in one for one in (column.table.primary_key.columns, *unique, *_constraints(column.table)))


def _constraints(table: Table) -> list[Any]:
    return [one.columns for one in table.constraints if type(one).__name__ == "UniqueConstraint"]
