"""Places shared out by population: nothing left over, nothing given twice, nobody far from their part."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.shares import divide

VILLAGES = st.dictionaries(st.text("0123456789.", min_size=1, max_size=5), st.integers(0, 50_000), min_size=1)


@given(places=st.integers(0, 30_000), population=VILLAGES)
def test_together_they_are_exactly_the_places(places: int, population: dict[str, int]) -> None:
    """The sum is exact, each is its part rounded up or down, and the larger village never gets less."""
    if not sum(population.values()):
        with pytest.raises(ValueError, match="nobody"):
            divide(places, population)
        return
    shares = divide(places, population)
    assert sum(shares.values()) == places
    assert shares.keys() == population.keys()
    for code, people in population.items():
        exact = places * people / sum(population.values())
        assert abs(shares[code] - exact) < 1
    line = sorted(population, key=lambda code: population[code])
    assert all(shares[one] <= shares[other] for one, other in pairwise(line) if population[one] < population[other])


def test_by_hand() -> None:
    """Ten places for 3, 3 and 1 hundreds: 4,28 and 4,28 and 1,43 make 4, 4 and 2."""
    assert divide(10, {"a": 300, "b": 300, "c": 100}) == {"a": 4, "b": 4, "c": 2}
