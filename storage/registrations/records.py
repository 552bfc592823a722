"""A registration as it is stored, and the plain look-ups."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, func, or_, select

from storage.states import OPEN, State
from storage.tables import is_in, registrations
from storage.transaction import Transaction
from storage.vault import lock_number

# The hint by which a reviewer sees that a NIK was entered twice.
DUPLICATE = "duplicate"

# How far the worker stands behind a registration: entered it; somebody else says so; took it over; never asked for it.
OWN, ATTESTED, CLAIMED, DENIED = "own", "attested", "claimed", "denied"

_AT_ONCE = 500  # values in one statement

T = TypeVar("T")

is_open = is_in(registrations.c.state, *OPEN)


@dataclass(frozen=True, slots=True)
class Registration:
    """One registration; `document` is the finished form (None once erased), `wanted` the field to correct.

    `person` is the owner's Telegram id, None when somebody without Telegram was registered by another; `claim` tells
    how far the worker stands behind it: "own", "attested" by who entered it, "claimed" by link, or "denied".
    `department` looks at it after the village, `first_yes_by` is the first of the two who must approve one with
    warnings. `kpj` is the member's number at BPJS, covered from `cover_from`, paid up to and including `paid_until`.
    `erased_at` is since when the form is erased; then `document` is None, or what has to stay of it.
    """

    number: str
    person: int | None
    registered_by: int
    area: str
    occupation: str
    transport: bool
    tier: str
    payer: str
    programme: str | None
    claim: str
    department: str | None
    first_yes_by: int | None
    language: str
    state: State
    duplicate_of: str | None
    document: dict[str, Any] | None = field(repr=False)
    hints: tuple[str, ...]
    wanted: str | None
    kpj: str | None = field(repr=False)
    cover_from: date | None
    paid_until: date | None
    queued_at: datetime
    decided_at: datetime | None
    decided_by: int | None
    created_at: datetime
    changed_at: datetime
    erased_at: datetime | None = None


_PLAIN = [one.name for one in fields(Registration) if one.name not in {"state", "document", "hints", "kpj"}]


async def get(tx: Transaction, number: str) -> Registration | None:
    """Return the registration with this number."""
    found = await select_all(tx, registrations.c.number == number)
    return found[0] if found else None


async def numbered(tx: Transaction, numbers: Collection[str]) -> dict[str, Registration]:
    """Return the registrations with these numbers, as far as they exist, by number; at most a thousand at once."""
    return {one.number: one for one in await select_all(tx, registrations.c.number.in_(numbers))}


async def locked(tx: Transaction, number: str) -> Registration:
    """Return the registration, unchangeable by others until the transaction ends; raises LookupError."""
    query = select(registrations).where(registrations.c.number == number).with_for_update()
    row = (await tx.connection.execute(query)).one_or_none()
    if row is None:
        raise LookupError(f"There is no registration {number}.")
    return record(tx, row)


async def one_at_a_time(tx: Transaction, indexes: Collection[bytes]) -> None:
    """Wait for every other transaction that works on the NIK with these indexes, one for each key.

    The unique index is the second lock.
    """
    await tx.queue_up(*map(lock_number, indexes))


async def of_person(tx: Transaction, person: int) -> list[Registration]:
    """List the registrations a person owns, newest first."""
    return (await select_all(tx, registrations.c.person == person))[::-1]


async def entered_by(tx: Transaction, person: int, *, limit: int = 10, offset: int = 0) -> list[Registration]:
    """List the registrations a person entered for others, newest first."""
    rows = await tx.connection.execute(
        select(registrations)
        .where(registrations.c.registered_by == person, registrations.c.claim != OWN)
        .order_by(registrations.c.created_at.desc(), registrations.c.number)
        .limit(limit)
        .offset(offset)
    )
    return [record(tx, row) for row in rows]


async def count_entered(tx: Transaction, person: int) -> int:
    """Count the registrations a person entered for others."""
    mine = (registrations.c.registered_by == person, registrations.c.claim != OWN)
    return await tx.connection.scalar(select(func.count()).where(*mine)) or 0


async def under(tx: Transaction, programme: str, *, limit: int = 10, offset: int = 0) -> list[Registration]:
    """List the open registrations of a programme, newest first."""
    rows = await tx.connection.execute(
        select(registrations)
        .where(registrations.c.programme == programme, is_open)
        .order_by(registrations.c.created_at.desc(), registrations.c.number)
        .limit(limit)
        .offset(offset)
    )
    return [record(tx, row) for row in rows]


async def under_count(tx: Transaction, programme: str) -> int:
    """Count the open registrations of a programme."""
    query = select(func.count()).where(registrations.c.programme == programme, is_open)
    return await tx.connection.scalar(query) or 0


async def own_open(tx: Transaction, person: int, nik: str) -> Registration | None:
    """Return the open registration of this NIK that the person owns or entered."""
    found = await select_all(
        tx,
        registrations.c.nik_index.in_(tx.vault.blinds("nik", nik)),
        is_open,
        or_(registrations.c.person == person, registrations.c.registered_by == person),
    )
    return found[0] if found else None


async def own_among(tx: Transaction, person: int, niks: Collection[str]) -> dict[str, str]:
    """Return, for those of many NIK of which the person owns or entered an open registration, its number."""
    wanted = {index: nik for nik in niks for index in tx.vault.blinds("nik", nik)}
    found: dict[str, str] = {}
    for some in parts(wanted):
        rows = await tx.connection.execute(
            select(registrations.c.nik_index, registrations.c.number).where(
                registrations.c.nik_index.in_(some),
                is_open,
                or_(registrations.c.person == person, registrations.c.registered_by == person),
            )
        )
        found |= {wanted[row.nik_index]: row.number for row in rows}
    return found


async def many_at_a_time(tx: Transaction, niks: Collection[str]) -> None:
    """Wait for every other transaction that works on one of these NIK, in one order, so that nobody waits in a ring."""
    await tx.queue_up(*(lock_number(index) for nik in niks for index in tx.vault.blinds("nik", nik)))


async def rejected_before(tx: Transaction, before: datetime, *, after: str = "", limit: int = 100) -> Sequence[str]:
    """List, by number from `after` on, the registrations rejected before this moment that still hold their document."""
    query = select(registrations.c.number).where(
        registrations.c.state == State.REJECTED.value,
        registrations.c.decided_at < before,
        registrations.c.document.is_not(None),
        registrations.c.number > after,
    )
    return (await tx.connection.scalars(query.order_by(registrations.c.number).limit(limit))).all()


async def counts(tx: Transaction) -> dict[str, int]:
    """Count registrations by state; every state is named."""
    rows = await tx.connection.execute(
        select(registrations.c.state, func.count().label("number")).group_by(registrations.c.state)
    )
    found = {row.state: row.number for row in rows}
    return {state.value: found.get(state.value, 0) for state in State}


def parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Divide values into as many as one statement takes."""
    rest = iter(values)
    while part := list(islice(rest, _AT_ONCE)):
        yield part


async def select_all(tx: Transaction, *conditions: ColumnElement[bool]) -> list[Registration]:
    """List the registrations that match, oldest first."""
    rows = await tx.connection.execute(
        select(registrations).where(*conditions).order_by(registrations.c.created_at, registrations.c.number)
    )
    return [record(tx, row) for row in rows]


def record(tx: Transaction, row: Row[Any]) -> Registration:
    """Read a row of the table; raises SealBrokenError."""
    sealed = row.document
    columns = {name: getattr(row, name) for name in _PLAIN}
    return Registration(
        **columns,
        state=State(row.state),
        document=None if sealed is None else tx.vault.open_json(sealed, document_place(row.number)),
        hints=tuple(row.hints),
        kpj=None if row.kpj is None else tx.vault.open(row.kpj, kpj_place(row.number)).decode(),
    )


def document_place(number: str) -> str:
    """Name the place a document is sealed for."""
    return f"registrations.document:{number}"


def kpj_place(number: str) -> str:
    """Name the place a member's number is sealed for."""
    return f"registrations.kpj:{number}"


def with_duplicate(hints: tuple[str, ...]) -> list[str]:
    """Put the hint `duplicate` first, once."""
    return [DUPLICATE, *(hint for hint in hints if hint != DUPLICATE)]
