"""The figures behind a recap: what is counted for whom, and what is not told to those who may not know the names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from conversations.rules.areas import within
from conversations.rules.small_counts import hide, is_small
from conversations.words import Value
from handlers.visit import Visit
from storage import programmes, recap
from storage.programmes import Programme
from storage.recap import Cell, Lately, Part
from storage.states import OPEN, PLACED, State

LATELY = timedelta(days=30)
COVERED = frozenset({State.ACTIVE})
AGREED = PLACED - {State.ACTIVE, State.LAPSED}
WAITS = OPEN - PLACED


@dataclass(frozen=True, slots=True)
class View:
    """What somebody may look at: registrations, under a title; with `names`, they may know who these are."""

    title: Value
    parts: tuple[Part, ...]
    names: bool = True


@dataclass(frozen=True, slots=True)
class Village:
    """One village: registrations in all, those BPJS covers, those agreed on, those that wait; its share of programmes.

    Without the names only the first is known; None where that is hidden too.
    """

    all: int | None
    covered: int = 0
    agreed: int = 0
    waits: int = 0
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything a recap tells; None is a figure that is not told.

    `untouched` counts the villages that have a share and no registration yet; `used` are the programmes concerned.
    """

    total: int | None
    states: Mapping[State, int | None]
    villages: Mapping[str, Village]
    claims: Mapping[str, int | None]
    used: Sequence[Programme]
    wait: timedelta | None
    lately: Lately | None
    untouched: int = 0
    hidden: bool = field(default=False)


async def gather(visit: Visit, view: View) -> Figures:
    """Count what the view shows."""
    cells = await recap.cells(visit.tx, view.parts)
    claims = await recap.claims(visit.tx, view.parts)
    known = await recap.of_cells(visit.tx, cells)
    wait = await recap.usual_wait(visit.tx, view.parts)
    if not view.names:
        return told(cells, claims, known, wait)
    shares = _shares(known, view.parts)
    villages = {area: _village(group, shares.get(area)) for area, group in _by_village(cells).items()}
    states = Counter[State]()
    for cell in cells:
        states[cell.state] += cell.count
    return Figures(
        total=states.total(),
        states=states,
        villages=villages,
        claims=claims,
        used=known,
        wait=wait,
        lately=await recap.lately(visit.tx, view.parts, visit.now - LATELY),
        untouched=len(shares.keys() - villages.keys()),
    )


def told(
    cells: Iterable[Cell], claims: Mapping[str, int], used: Sequence[Programme], wait: timedelta | None
) -> Figures:
    """Return figures of one programme for somebody who may not know the names behind them.

    The total is told, and so is what the programme has given, unless they are small; all else must not betray a count
    together with these two.
    """
    states, areas = Counter[State](), Counter[str]()
    for cell in cells:
        states[cell.state] += cell.count
        areas[cell.area] += cell.count
    if is_small(states.total()):
        return Figures(None, {}, {}, {}, (), None, None, hidden=True)
    placed = {state: count for state, count in states.items() if state in PLACED}
    others = {state: count for state, count in states.items() if state not in PLACED}
    halves = hide({"placed": sum(placed.values()), "others": sum(others.values())})
    halved = None not in halves.values()
    shown = hide(placed) | hide(others) if halved else hide(states)
    found = hide(areas)
    guarded = hide(claims)
    return Figures(
        total=states.total(),
        states=shown,
        villages={area: Village(count) for area, count in found.items()},
        claims=guarded,
        used=used if halved else (),
        wait=wait,
        lately=None,
        hidden=not halved or None in {*shown.values(), *found.values(), *guarded.values()},
    )


def _by_village(cells: Iterable[Cell]) -> dict[str, Counter[State]]:
    found: dict[str, Counter[State]] = {}
    for cell in cells:
        found.setdefault(cell.area, Counter())[cell.state] += cell.count
    return found


def _village(states: Counter[State], target: int | None) -> Village:
    def count(group: Iterable[State]) -> int:
        return sum(states[state] for state in group)

    return Village(states.total(), count(COVERED), count(AGREED), count(WAITS), target)


def _shares(known: Sequence[Programme], parts: Sequence[Part]) -> dict[str, int]:
    """Return how many people of each village the open programmes have places for, where villages have shares.

    A programme's quota for all its villages together is nobody's target: it is not divided here.
    """
    shares = Counter[str]()
    for programme in known:
        if programme.state == programmes.OPEN:
            shares.update(programme.shares)
    scopes = [part.area for part in parts if part.registered_by is None]
    return {area: people for area, people in shares.items() if any(within(area, scope) for scope in scopes)}
