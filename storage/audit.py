"""The audit: holds every registration against its history, and every programme against the places it gave.

It reads page by page in one unchanging view, so that neither the number of rows nor a running bot matters. What cannot
be found: a registration deleted together with its whole history, and a row and its history put back together to what
they were before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, exists, func, select

from storage import history, programmes
from storage.programmes import Taken
from storage.registrations.records import document_place, kpj_place
from storage.states import PLACED, State
from storage.tables import history as entries
from storage.tables import places, registrations, shares
from storage.transaction import Transaction
from storage.vault import SealBrokenError

_AT_ONCE = 500

What = Literal[
    "history", "state", "row", "document", "nik", "no place", "wrong place", "deleted", "programme", "counters"
]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, and with what: a registration's number or a programme's code."""

    subject: str
    what: What


@dataclass
class Audit:
    """One look at everything; the counts grow while `findings` is gone through."""

    tx: Transaction
    registrations: int = 0
    entries: int = 0
    programmes: int = 0

    async def findings(self) -> AsyncIterator[Finding]:
        """Give whatever is wrong, as it is found."""
        last = ""
        while page := await self._page(last):
            told = await self._told(last, page[-1].number)
            for row in page:
                for what in self._wrong(row, told[row.number]):
                    yield Finding(row.number, what)
            last = page[-1].number
        orphan = select(entries.c.registration).where(~exists().where(registrations.c.number == entries.c.registration))
        for number in await self.tx.connection.scalars(orphan.distinct()):
            yield Finding(number, "deleted")
        async for finding in self._miscounted():
            yield finding

    async def _page(self, last: str) -> Sequence[Row[Any]]:
        page = history.bound.where(registrations.c.number > last).order_by(registrations.c.number).limit(_AT_ONCE)
        return (await self.tx.connection.execute(page)).all()

    async def _told(self, last: str, until: str) -> dict[str, list[Row[Any]]]:
        """Return the history of a page."""
        told = defaultdict(list)
        query = select(entries).where(entries.c.registration > last, entries.c.registration <= until)
        for row in await self.tx.connection.execute(query.order_by(entries.c.registration, entries.c.id)):
            told[row.registration].append(row)
        return told

    def _wrong(self, row: Row[Any], told: Sequence[Row[Any]]) -> list[What]:
        self.registrations += 1
        self.entries += len(told)
        fault = history.fault(self.tx, told, row)
        found: list[What] = [] if fault is None else [fault]
        return [*found, *self._sealed(row), *_placed(row)]

    def _sealed(self, row: Row[Any]) -> list[What]:
        """Open what is sealed, and hold the index against it."""
        if row.document is None:
            return [] if row.state in {State.REJECTED, State.WITHDRAWN} else ["document"]
        try:
            nik = self.tx.vault.open_json(row.document, document_place(row.number)).get("nik")
            if row.kpj is not None:
                self.tx.vault.open(row.kpj, kpj_place(row.number))
        except SealBrokenError:
            return ["document"]
        if not isinstance(nik, str) or row.nik_index in self.tx.vault.blinds("nik", nik):
            return []
        return ["nik"]

    async def _miscounted(self) -> AsyncIterator[Finding]:
        sums = (func.count(), func.sum(places.c.months), func.sum(places.c.rupiah))
        held = select(places.c.programme, places.c.share, *sums).where(places.c.released_at.is_(None))
        given: dict[str, dict[str, list[int]]] = defaultdict(dict)
        for code, area, *row in await self.tx.connection.execute(held.group_by(places.c.programme, places.c.share)):
            given[code][area] = [int(value) for value in row]
        taken: dict[str, dict[str, int]] = defaultdict(dict)
        for part in await self.tx.connection.execute(select(shares)):
            taken[part.programme][part.area] = part.taken
        altered = await programmes.altered(self.tx)
        for programme in await programmes.all_(self.tx):
            self.programmes += 1
            mine, parts = given[programme.code], taken[programme.code]
            people, months, rupiah = map(sum, zip((0, 0, 0), *mine.values(), strict=True))
            in_villages = {area: parts.get(area, 0) for area in parts | mine} if parts else {}
            if programme.code in altered:
                yield Finding(programme.code, "programme")
            if programme.taken != Taken(people, months, rupiah) or any(
                count != mine.get(area, [0])[0] for area, count in in_villages.items()
            ):
                yield Finding(programme.code, "counters")


def _placed(row: Row[Any]) -> list[What]:
    """Hold the place of a registration against its state."""
    held = row._asdict()["place.programme"]
    if held is None:
        return ["no place"] if row.programme is not None and row.state in PLACED else []
    waits = {State.NEEDS_CORRECTION, State.QUEUED, State.WITH_DEPARTMENT}  # after BPJS could not match somebody
    fits = row.state in PLACED | waits or row.cover_from is not None
    return [] if fits and held == row.programme else ["wrong place"]
