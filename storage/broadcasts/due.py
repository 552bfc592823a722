"""Who may be due for a reminder: registrations found by their dates, streamed a page at a time.

What is read is plain columns, except for the birthdays, which are sealed. Whether a reminder is really due is a rule of
conversations; here is only found who has to be asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from storage.registrations.records import document_place
from storage.tables import is_in, programmes, registrations
from storage.transaction import Transaction

PAGE = 250  # registrations at a time


@dataclass(frozen=True, slots=True)
class Due:
    """What is known of a registration without opening its document; `born` only where that was asked for."""

    number: str
    person: int | None
    registered_by: int
    area: str
    state: str
    payer: str
    programme: str | None
    transport: bool
    tier: str
    queued_at: datetime
    decided_at: datetime | None
    changed_at: datetime
    cover_from: date | None
    paid_until: date | None
    born: date | None = None


@dataclass(frozen=True, slots=True)
class PaidFor:
    """How many `people` a private payer, the programme's `owner`, has paid for until the same day."""

    programme: str
    owner: int
    area: str
    until: date
    people: int


_row = registrations.c
_columns = [_row[name] for name in Due.__slots__ if name != "born"]

Pages = AsyncIterator[list[Due]]


def standing(tx: Transaction, *states: str, before: datetime) -> Pages:
    """List what stands in one of these states and joined the queue before this moment."""
    return _pages(tx, is_in(_row.state, *states), _row.queued_at < before)


def paid_until(tx: Transaction, state: str, first: date, last: date) -> Pages:
    """List what is active or lapsed, and paid until one of these days."""
    return _pages(tx, is_in(_row.state, state), _row.paid_until.between(first, last))


def covered_from(tx: Transaction, first: date, last: date) -> Pages:
    """List who is covered since one of these days."""
    return _pages(tx, is_in(_row.state, "active"), _row.cover_from.between(first, last))


def paying(tx: Transaction) -> Pages:
    """List who is covered and chose to pay alone."""
    return _pages(tx, is_in(_row.state, "active"), _row.payer == "self")


def born(tx: Transaction, *states: str) -> Pages:
    """List what stands in one of these states, with the days of birth, for which every document is opened."""
    return _pages(tx, is_in(_row.state, *states), opens=True)


async def paid_for(tx: Transaction, state: str, first: date, last: date) -> list[PaidFor]:
    """Count by private payer who is active or lapsed, and paid until one of these days."""
    under = programmes.c
    same = (under.code, under.owner, under.area, _row.paid_until)
    counted = (
        select(*same, func.count().label("people"))
        .join(registrations, _row.programme == under.code)
        .where(is_in(_row.state, state), _row.paid_until.between(first, last), under.owner.is_not(None))
        .group_by(*same)
        .order_by(under.code, _row.paid_until)
    )
    return [PaidFor(*row) for row in await tx.connection.execute(counted)]


async def _pages(tx: Transaction, *conditions: ColumnElement[bool], opens: bool = False) -> Pages:
    query = select(*_columns, *([_row.document] if opens else [])).where(*conditions)
    async with tx.connection.stream(query.execution_options(yield_per=PAGE)) as result:
        async for page in result.partitions():
            yield [_due(tx, dict(row._mapping)) for row in page]  # noqa: SLF001  # its public name


def _due(tx: Transaction, row: dict[str, object]) -> Due:
    sealed = row.pop("document", None)
    document = tx.vault.open_json(sealed, document_place(str(row["number"]))) if isinstance(sealed, bytes) else {}
    birthday = document.get("birth_date")
    return Due(**row, born=date.fromisoformat(birthday) if isinstance(birthday, str) else None)  # type: ignore[arg-type]  # columns of the row
