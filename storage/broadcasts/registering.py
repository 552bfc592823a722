"""Who has registered others in an area: among them the author of a broadcast may choose one."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Select, func, select

from storage import people
from storage.registrations.records import OWN
from storage.registrations.scope import within
from storage.tables import registrations
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Registrant:
    """Somebody who has registered others, by Telegram id and name, and how many of them are stored."""

    person: int
    name: str = field(repr=False)
    count: int


async def registrants(tx: Transaction, area: str, limit: int) -> list[Registrant]:
    """List who has registered others in an area, those who registered most first; nobody whose name is not known."""
    counts = {one.registered_by: one.entered for one in await tx.connection.execute(_most(area, limit))}
    names = await people.names(tx, counts)
    return [Registrant(one, names[one], count) for one, count in counts.items() if one in names]


def _most(area: str, limit: int) -> Select[tuple[int, int]]:
    row, how_many = registrations.c, func.count().label("entered")
    theirs = (within([area]), row.claim != OWN, row.document.is_not(None))
    counted = select(row.registered_by, how_many).where(*theirs).group_by(row.registered_by)
    return counted.order_by(how_many.desc(), row.registered_by).limit(limit)
