"""Figures of registrations: counts and sums, nobody in them; the database counts, so that a whole regency is one look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from storage import programmes
from storage.programmes import Programme, Taken
from storage.registrations.scope import within
from storage.states import State
from storage.tables import places, registrations
from storage.transaction import Transaction

Key = tuple[str | None, str, State]
FEWEST_WAITS = 5  # a median of fewer decisions would tell of single people
_held = places.c.released_at.is_(None)
_GROUP = (registrations.c.programme, registrations.c.area, registrations.c.state)


@dataclass(frozen=True, slots=True)
class Part:
    """Which registrations are counted: those in an area (a code prefix, empty: everywhere) for which all else holds.

    `department` has them to look at or had them, `registered_by` entered them for others, `programme` pays.
    """

    area: str = ""
    department: str | None = None
    registered_by: int | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """The registrations of one programme (None: without one) in one village and one state.

    `taken` is what they hold of the programme.
    """

    programme: str | None
    area: str
    state: State
    count: int
    taken: Taken

    @property
    def key(self) -> Key:
        """What they have in common."""
        return self.programme, self.area, self.state


@dataclass(frozen=True, slots=True)
class Lately:
    """What happened since a moment: registrations that arrived, and those that were decided."""

    arrived: int
    decided: int


async def cells(tx: Transaction, parts: Sequence[Part]) -> list[Cell]:
    """Count by programme, village and state, in the order of the villages' codes."""
    counted = select(*_GROUP, func.count().label("number")).where(_in(parts)).group_by(*_GROUP)
    sums = (func.count().label("people"), func.sum(places.c.months).label("months"), func.sum(places.c.rupiah))
    taken = (
        select(*_GROUP, *sums[:2], sums[2].label("rupiah"))
        .select_from(places.join(registrations, registrations.c.number == places.c.registration))
        .where(_held, _in(parts))
        .group_by(*_GROUP)
    )
    held = {
        tuple(row[:3]): Taken(row.people, int(row.months), int(row.rupiah))
        for row in await tx.connection.execute(taken)
    }
    found = [
        Cell(row.programme, row.area, State(row.state), row.number, held.get(tuple(row[:3]), Taken()))
        for row in await tx.connection.execute(counted)
    ]
    return sorted(found, key=lambda cell: (cell.area, cell.programme or "", list(State).index(cell.state)))


async def claims(tx: Transaction, parts: Sequence[Part]) -> dict[str, int]:
    """Count how far workers stand behind their registrations: "own", "attested", "claimed", "denied"."""
    counted = select(registrations.c.claim, func.count().label("number")).where(_in(parts))
    rows = await tx.connection.execute(counted.group_by(registrations.c.claim))
    return {row.claim: row.number for row in rows}


async def usual_wait(tx: Transaction, parts: Sequence[Part]) -> timedelta | None:
    """Return the median time from the queue to the decision; None where fewer than five were decided."""
    return (await _waits(tx, parts, ())).get(())


async def usual_waits(tx: Transaction, parts: Sequence[Part]) -> dict[Key, timedelta]:
    """Return the median time from the queue to the decision of each cell in which five or more were decided."""
    found = await _waits(tx, parts, _GROUP)
    return {(programme, area, State(state)): wait for (programme, area, state), wait in found.items()}


async def lately(tx: Transaction, parts: Sequence[Part], since: datetime) -> Lately:
    """Count what arrived and what was decided since a moment."""
    arrived = func.count().filter(registrations.c.queued_at >= since)
    decided = func.count().filter(registrations.c.decided_at >= since)
    row = (await tx.connection.execute(select(arrived, decided).where(_in(parts)))).one()
    return Lately(row[0], row[1])


async def of_cells(tx: Transaction, found: Sequence[Cell]) -> list[Programme]:
    """Return the programmes that the cells name, by name."""
    named = {cell.programme for cell in found}
    return [one for one in await programmes.all_(tx) if one.code in named]


async def _waits(
    tx: Transaction, parts: Sequence[Part], group: Sequence[ColumnElement[str]]
) -> dict[tuple[str, ...], timedelta]:
    """Return the median wait of each group; the database ranks, and only the middle rows are read."""
    wait = registrations.c.decided_at - registrations.c.queued_at
    ranked = (
        select(
            *group,
            registrations.c.queued_at,
            registrations.c.decided_at,
            func.row_number().over(partition_by=group or None, order_by=wait).label("rank"),
            func.count().over(partition_by=group or None).label("size"),
        )
        .where(registrations.c.decided_at.is_not(None), _in(parts))
        .subquery()
    )
    middle = 2 * ranked.c.rank - ranked.c.size  # 1 for the middle of an odd number, 0 and 2 for those of an even one
    rows = await tx.connection.execute(select(ranked).where(ranked.c.size >= FEWEST_WAITS, middle.between(0, 2)))
    found: dict[tuple[str, ...], list[timedelta]] = {}
    for row in rows:
        found.setdefault(tuple(row[: len(group)]), []).append(row.decided_at - row.queued_at)
    return {key: sum(waits, timedelta()) / len(waits) for key, waits in found.items()}


def _in(parts: Sequence[Part]) -> ColumnElement[bool]:
    """Match what lies in any of the parts."""
    return or_(false(), *(_matches(part) for part in parts))


def _matches(part: Part) -> ColumnElement[bool]:
    row = registrations.c
    conditions = [within([part.area])]
    if part.department is not None:
        conditions.append(row.department == part.department)
    if part.registered_by is not None:
        conditions += [row.registered_by == part.registered_by, row.claim != "own"]
    if part.programme is not None:
        conditions.append(row.programme == part.programme)
    return and_(*conditions)
