"""Small counts: nobody who sees the rest, the total and this very rule can tell how many a hidden count is."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.small_counts import SMALL, hide, is_small

COUNTS = st.lists(st.integers(0, 40), min_size=2, max_size=12)


def told(counts: tuple[int, ...]) -> tuple[int | None, ...]:
    """What is shown of counts in a row."""
    return tuple(hide(dict(enumerate(counts))).values())


@pytest.mark.parametrize(("columns", "most"), [(2, 16), (3, 16), (4, 10), (5, 7)])
def test_every_hidden_count_could_be_another(columns: int, most: int) -> None:
    """Of all tables that look the same and have the same total, none shares one value at a hidden place."""
    alike: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(most + 1), repeat=columns):
        if SMALL <= sum(counts) <= most:  # a total that is small is not told at all
            alike[told(counts), sum(counts)].append(counts)
    for (shown, _total), tables in alike.items():
        for place in range(columns):
            assert shown[place] is not None or len({counts[place] for counts in tables}) > 1, (shown, tables)


@given(COUNTS)
def test_what_is_told_is_true_and_not_small(counts: list[int]) -> None:
    """A count that is told is the count, and is never one to four."""
    for count, shown in zip(counts, told(tuple(counts)), strict=True):
        assert shown in {None, count}
        assert not (is_small(count) and shown is not None)


@given(COUNTS)
def test_nothing_is_hidden_without_need(counts: list[int]) -> None:
    """Where no count is small everything is told, and a hidden one never stands alone."""
    shown = told(tuple(counts))
    if not any(map(is_small, counts)):
        assert shown == tuple(counts)
    else:
        assert shown.count(None) > 1
