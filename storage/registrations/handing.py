"""Handing over: which registrations are ready for BPJS, and the step of many of them at once."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update

from storage import history
from storage.registrations.records import Registration, parts, record
from storage.states import State
from storage.tables import handed, is_in, places, registrations
from storage.transaction import Transaction

_AT_ONCE = 500  # rows in one statement; SQLite binds 32.766 values at most

# One that BPJS could not match goes again once nothing is wanted of the worker any more.
_ready = and_(
    or_(
        is_in(registrations.c.state, State.APPROVED),
        and_(is_in(registrations.c.state, State.NOT_MATCHED), registrations.c.wanted.is_(None)),
    ),
    registrations.c.document.is_not(None),
    registrations.c.erased_at.is_(None),
)


class Ready(NamedTuple):
    """How many registrations of a programme (None: of no programme) wait to be handed over."""

    programme: str | None
    people: int


@dataclass(frozen=True, slots=True)
class Handed:
    """A registration of a hand-over, and what its programme pays, where one does: months from the first, and rupiah."""

    registration: Registration
    months: int | None
    rupiah: int | None
    first_month: date | None


async def ready(tx: Transaction, until: datetime) -> list[Ready]:
    """Count by programme what could be handed over and has not changed since `until`."""
    rows = await tx.connection.execute(
        select(registrations.c.programme, func.count().label("people"))
        .where(_ready, registrations.c.changed_at <= until)
        .group_by(registrations.c.programme)
    )
    return sorted((Ready(row.programme, row.people) for row in rows), key=lambda one: one.programme or "")


async def ready_ones(tx: Transaction, programme: str | None, until: datetime) -> AsyncIterator[Handed]:
    """Go through what `ready` counts of one programme, by number."""
    async for one in _through(tx, _of(programme), _ready, registrations.c.changed_at <= until):
        yield one


async def handed_ones(tx: Transaction, handover: int) -> AsyncIterator[Handed]:
    """Go through the registrations of a hand-over, by number, whatever became of them."""
    inside = select(handed.c.registration).where(handed.c.handover == handover)
    async for one in _through(tx, registrations.c.number.in_(inside)):
        yield one


async def handed_among(
    tx: Transaction, handover: int, numbers: Collection[str], niks: Collection[str]
) -> AsyncIterator[Handed]:
    """Go through those of a hand-over that have one of these numbers or NIK, each once; no other is opened."""
    named = set(numbers)
    for same in parts(index for nik in niks for index in tx.vault.blinds("nik", nik)):
        theirs = select(registrations.c.number).where(registrations.c.nik_index.in_(same))
        named.update(await tx.connection.scalars(theirs))
    # Asked row by row, so that a large hand-over is not gathered for a few of it.
    inside = exists().where(handed.c.handover == handover, handed.c.registration == registrations.c.number)
    for some in parts(sorted(named)):
        async for one in _through(tx, inside, registrations.c.number.in_(some)):
            yield one


async def handed_with(tx: Transaction, handover: int, niks: Collection[str]) -> dict[str, str]:
    """Return, for those of these NIK that a hand-over holds, the registration's number; no form is opened."""
    named: dict[str, str] = {}
    wanted = {index: nik for nik in niks for index in tx.vault.blinds("nik", nik)}
    inside = exists().where(handed.c.handover == handover, handed.c.registration == registrations.c.number)
    for some in parts(wanted):
        query = select(registrations.c.nik_index, registrations.c.number).where(
            registrations.c.nik_index.in_(some), inside
        )
        named |= {wanted[row.nik_index]: row.number for row in await tx.connection.execute(query)}
    return named


async def hand_over(
    tx: Transaction, handover: int, numbers: Sequence[str], *, until: datetime, actor: int | None, now: datetime
) -> int:
    """Move these registrations to `handed_over`, as part of a hand-over, and return how many.

    What has changed since `until` (withdrawn, undone, corrected) stays where it is.
    """
    moved = 0
    for start in range(0, len(numbers), _AT_ONCE):
        chunk = numbers[start : start + _AT_ONCE]
        rows = await tx.connection.execute(
            select(registrations.c.number, registrations.c.state)
            .where(registrations.c.number.in_(chunk), _ready, registrations.c.changed_at <= until)
            .order_by(registrations.c.number)
            .with_for_update()
        )
        before = {row.number: row.state for row in rows}
        if not before:
            continue
        to = State.HANDED_OVER.value
        changes = {"state": to, "changed_at": now, "wanted": None, "first_yes_by": None}
        await tx.connection.execute(update(registrations).where(registrations.c.number.in_(before)).values(changes))
        why = f"handover {handover}"
        await history.append_all(
            tx, [history.Entry(number, now, actor, frm, to, why) for number, frm in before.items()]
        )
        links = [{"handover": handover, "registration": number} for number in before]
        await tx.connection.execute(insert(handed), links)
        moved += len(before)
    return moved


def _of(programme: str | None) -> ColumnElement[bool]:
    column = registrations.c.programme
    return column.is_(None) if programme is None else column == programme


async def _through(tx: Transaction, *conditions: ColumnElement[bool]) -> AsyncIterator[Handed]:
    """Read page by page, so that however many there are, few are in memory opened."""
    held = and_(places.c.registration == registrations.c.number, places.c.released_at.is_(None))
    query = (
        select(registrations, places.c.months, places.c.rupiah, places.c.first_month)
        .outerjoin(places, held)
        .where(*conditions)
        .order_by(registrations.c.number)
        .limit(_AT_ONCE)
    )
    last = ""
    while rows := (await tx.connection.execute(query.where(registrations.c.number > last))).all():
        for row in rows:
            yield Handed(record(tx, row), row.months, row.rupiah, row.first_month)
        last = rows[-1].number
