"""The report as a table: what is counted of each programme, village and state, for spreadsheets and other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from conversations.rules.areas import Areas
from conversations.rules.small_counts import hide, is_small
from storage.recap import Cell, Key
from storage.states import State


@dataclass(frozen=True, slots=True)
class Line:
    """One line; None is a figure that is not told, and a wait where fewer than five were decided.

    `person_months` and `rupiah` are what these registrations hold of the programme.
    """

    programme: str
    area: str
    village: str
    state: str
    registrations: int | None
    person_months: int | None
    rupiah: int | None
    median_wait_hours: float | None


def lines(cells: Iterable[Cell], waits: Mapping[Key, timedelta], areas: Areas, *, exact: bool) -> list[Line]:
    """Return the report; unless `exact`, no count from one to four is told, nor what would give one away.

    What is hidden is worked out for each village and programme by itself, as if its total were known.
    """
    found = list(cells)
    told = {cell.key: cell.count for cell in found} if exact else _told(found)
    return [_line(cell, told[cell.key], waits.get(cell.key), areas) for cell in found]


def _told(cells: Iterable[Cell]) -> dict[Key, int | None]:
    groups: dict[tuple[str | None, str], dict[State, int]] = {}
    for cell in cells:
        groups.setdefault((cell.programme, cell.area), {})[cell.state] = cell.count
    told: dict[Key, int | None] = {}
    for (programme, area), states in groups.items():
        small = is_small(sum(states.values()))
        shown = dict.fromkeys(states) if small else hide(states)
        told |= {(programme, area, state): count for state, count in shown.items()}
    return told


def _line(cell: Cell, count: int | None, wait: timedelta | None, areas: Areas) -> Line:
    hidden = count is None
    return Line(
        programme=cell.programme or "",
        area=cell.area,
        village=areas.name(cell.area) if areas.known(cell.area) else "",
        state=cell.state.value,
        registrations=count,
        person_months=None if hidden else cell.taken.months,
        rupiah=None if hidden else cell.taken.budget,
        median_wait_hours=None if hidden or wait is None else round(wait.total_seconds() / 3600, 1),
    )
