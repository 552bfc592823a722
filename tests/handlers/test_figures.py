"""What is told to those who may not know the names: never a small count, and none that can be worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.small_counts import SMALL, is_small
from handlers.recap.figures import Figures, told
from storage.programmes import Programme, Taken
from storage.recap import Cell
from storage.states import PLACED, State

STATES = (State.QUEUED, State.REJECTED, State.APPROVED, State.ACTIVE)
VILLAGES = ("33.19.02.1001", "33.19.03.2007", "33.19.03.2001")


def shown(cells: list[Cell], claims: dict[str, int] | None = None) -> Figures:
    """The figures of a private sponsor's programme of twelve months a person."""
    taken = sum(cell.count for cell in cells if cell.state in PLACED)
    programme = Programme(
        "p", "Peduli", "sponsor", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1), people=500,
        taken=Taken(taken, 12 * taken, 201_600 * taken),
    )  # fmt: skip
    return told(cells, claims or {}, [programme], None)


def cells_of(counts: tuple[int, ...], area: str = VILLAGES[0]) -> list[Cell]:
    """Registrations in one village, by state."""
    return [Cell("p", area, state, count, Taken()) for state, count in zip(STATES, counts, strict=True) if count]


def figures_in(figures: Figures) -> Iterator[int]:
    """Every count that is told."""
    yield from (count for count in figures.states.values() if count is not None)
    yield from (village.all for village in figures.villages.values() if village.all is not None)
    yield from (count for count in figures.claims.values() if count is not None)
    yield from (one.taken.people for one in figures.used)
    if figures.total is not None:
        yield figures.total


def test_no_hidden_state_can_be_worked_out() -> None:
    """Whoever knows the total, what the programme has given and the rule, still finds two values for each hidden one."""
    alike: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(12), repeat=len(STATES)):
        if SMALL <= sum(counts) < 12:
            figures = shown(cells_of(counts))
            states = tuple(figures.states.get(state, 0) for state in STATES)
            alike[sum(counts), states, tuple(one.taken.people for one in figures.used)].append(counts)
    assert len(alike) > 20
    for (_total, states, _taken), tables in alike.items():
        for place, state in enumerate(STATES):
            assert states[place] is not None or len({counts[place] for counts in tables}) > 1, (state, states, tables)


@given(st.lists(st.tuples(*[st.integers(0, 30)] * len(STATES)), min_size=1, max_size=3), st.integers(0, 40))
def test_nothing_small_is_told(villages: list[tuple[int, ...]], claimed: int) -> None:
    """No figure from one to four is told, of states, villages, claims, places or the total; others are true."""
    cells = [cell for counts, area in zip(villages, VILLAGES, strict=False) for cell in cells_of(counts, area)]
    total = sum(cell.count for cell in cells)
    figures = shown(cells, {"claimed": min(claimed, total), "attested": max(0, total - claimed)})
    assert not any(map(is_small, figures_in(figures)))
    assert figures.total in {None, total}
    for area, counts in zip(VILLAGES, villages, strict=False):
        if area in figures.villages:
            assert figures.villages[area].all in {None, sum(counts)}
