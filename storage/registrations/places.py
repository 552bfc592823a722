"""Places: what an approval takes from a programme, in the transaction of the approval, and what comes back.

Never more than the quota: people, person-months, rupiah and a village's share are counted under the lock of the
programme's row, and the database's own checks stand behind it. Fair: nobody passes somebody who waits for the same
place. A place belongs to a programme and a village; it stays with somebody who is not matched and corrects something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, exists, func, insert, or_, select, update

from storage import programmes
from storage.programmes import Programme
from storage.registrations.records import Registration, record
from storage.states import State
from storage.tables import is_in, places, registrations, shares
from storage.tables import programmes as programme_rows
from storage.transaction import Transaction

_waits = is_in(registrations.c.state, State.WAITING_LIST)
_held = places.c.released_at.is_(None)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one person takes from a programme: contribution months from `first_month` on, and their price in rupiah."""

    months: int
    rupiah: int
    first_month: date


class FullError(Exception):
    """The programme has no place for this registration now; `what` is short, or others wait before it."""

    def __init__(self, programme: str, what: str) -> None:
        super().__init__(f"Programme {programme} has no place left: {what}.")
        self.programme, self.what = programme, what


async def take(
    tx: Transaction, registration: Registration, cost: Cost, now: datetime, *, promoted: bool = False
) -> None:
    """Take a place for a registration that is being approved; one it holds already is kept. Raises FullError.

    Unless `promoted`, somebody who waits for the same place goes first. The caller has locked the programme.
    """
    if registration.programme is None or await held(tx, registration.number) is not None:
        return
    programme = await programmes.get(tx, registration.programme)
    if programme is None or programme.state != programmes.OPEN:
        raise FullError(registration.programme, "closed")
    for what, left in (await _left(tx, programme, registration.area, cost)).items():
        if left < 1:
            raise FullError(programme.code, what)
    if not promoted and await next_waiting(tx, programme.code) is not None:
        raise FullError(programme.code, "others wait")
    await _count(tx, programme.code, registration.area, 1, cost)
    await tx.connection.execute(
        insert(places).values(
            registration=registration.number,
            programme=programme.code,
            share=registration.area,
            months=cost.months,
            rupiah=cost.rupiah,
            first_month=cost.first_month,
            taken_at=now,
        )
    )


async def release(tx: Transaction, number: str, now: datetime, *, since: datetime | None = None) -> str | None:
    """Give a registration's place back and return the programme's code; None when it held none.

    With `since`, only one taken from then on. The caller has locked the programme.
    """
    mine = [places.c.registration == number, _held]
    mine += [] if since is None else [places.c.taken_at >= since]
    given = await tx.connection.execute(update(places).where(*mine).values(released_at=now).returning(places))
    if (row := given.one_or_none()) is None:
        return None
    await _count(tx, row.programme, row.share, -1, Cost(-row.months, -row.rupiah, row.first_month))
    return str(row.programme)


async def held(tx: Transaction, number: str) -> Cost | None:
    """Return what a registration holds of its programme."""
    row = (await tx.connection.execute(select(places).where(places.c.registration == number, _held))).one_or_none()
    return None if row is None else Cost(row.months, row.rupiah, row.first_month)


async def waiting(tx: Transaction, programme: str, *, limit: int = 100) -> list[Registration]:
    """List the waiting list of a programme, first come first."""
    rows = await tx.connection.execute(
        select(registrations)
        .where(registrations.c.programme == programme, _waits)
        .order_by(registrations.c.queued_at, registrations.c.number)
        .limit(limit)
    )
    return [record(tx, row) for row in rows]


async def waited_for(tx: Transaction) -> list[str]:
    """List the codes of programmes that have a waiting list."""
    found = await tx.connection.scalars(select(registrations.c.programme).where(_waits).distinct())
    return sorted(code for code in found if code is not None)


async def waiting_count(tx: Transaction, programme: str) -> int:
    """Count the waiting list of a programme."""
    query = select(func.count()).where(registrations.c.programme == programme, _waits)
    return await tx.connection.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Covered:
    """How many people hold a place of a programme for the same contribution months."""

    first_month: date
    months: int
    people: int


async def covered(tx: Transaction, programme: str) -> list[Covered]:
    """List the places of a programme that are held, by the months they are for."""
    months = (places.c.first_month, places.c.months)
    rows = await tx.connection.execute(
        select(*months, func.count().label("people")).where(places.c.programme == programme, _held).group_by(*months)
    )
    return sorted((Covered(*row) for row in rows), key=lambda one: (one.first_month, one.months))


async def next_waiting(tx: Transaction, programme: str) -> str | None:
    """Return the number of whoever gets the next place: the first on the waiting list whose village has room."""
    mine = shares.c.programme == programme
    room = and_(mine, shares.c.area == registrations.c.area, shares.c.taken < shares.c.people)
    return await tx.connection.scalar(
        select(registrations.c.number)
        .where(registrations.c.programme == programme, _waits, or_(~exists().where(mine), exists().where(room)))
        .order_by(registrations.c.queued_at, registrations.c.number)
        .limit(1)
    )


async def room(tx: Transaction, programme: Programme, cost: Cost, area: str | None = None) -> int | None:
    """Count how many more people a programme has places for at this cost; None where nothing limits it.

    With an `area`, its share counts, too.
    """
    return min((await _left(tx, programme, area, cost)).values(), default=None)


async def _left(tx: Transaction, programme: Programme, area: str | None, cost: Cost) -> dict[str, int]:
    """Return for each limit of a programme how many more people it lets in."""
    left: dict[str, int] = {}
    if programme.people is not None:
        left["people"] = programme.people - programme.taken.people
    if programme.person_months is not None:
        left["person-months"] = (programme.person_months - programme.taken.months) // max(cost.months, 1)
    if programme.budget is not None:
        left["budget"] = (programme.budget - programme.taken.budget) // max(cost.rupiah, 1)
    if programme.shares and area is not None:
        mine = (shares.c.programme == programme.code, shares.c.area == area)
        taken = await tx.connection.scalar(select(shares.c.taken).where(*mine))
        left["share"] = programme.shares.get(area, 0) - (taken or 0)
    return left


async def _count(tx: Transaction, programme: str, area: str, people: int, cost: Cost) -> None:
    """Count a place that was taken (+1) or given back (-1, with a negative cost)."""
    await tx.connection.execute(
        update(programme_rows)
        .where(programme_rows.c.code == programme)
        .values(
            taken_people=programme_rows.c.taken_people + people,
            taken_months=programme_rows.c.taken_months + cost.months,
            taken_budget=programme_rows.c.taken_budget + cost.rupiah,
        )
    )
    mine = (shares.c.programme == programme, shares.c.area == area)
    await tx.connection.execute(update(shares).where(*mine).values(taken=shares.c.taken + people))
