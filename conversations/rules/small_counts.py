"""Small counts: what may be told of how many people there are to somebody who may not know who they are.

A count from one to four is hidden. So that nobody works it out from the total and the rest, others are hidden with it
until every hidden count could as well be another one, even for somebody who knows this rule; see the exhaustive test.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

SMALL = 5
K = TypeVar("K", bound=Hashable)


def is_small(count: int) -> bool:
    """Tell whether a count speaks of so few people that it must not be told."""
    return 0 < count < SMALL


def hide(counts: Mapping[K, int]) -> dict[K, int | None]:
    """Return counts whose total is known elsewhere, None where one is hidden.

    A total that is small itself must not be told either; then nothing here is.
    """
    small = {count for count in counts.values() if is_small(count)}
    if not small:
        return dict(counts)
    large = [count for count in counts.values() if count >= SMALL]
    if not large:
        return dict.fromkeys(counts)
    alone = len(small) == 1  # one count, or several that are equal: their sum tells each
    hidden = small | ({min(large)} if alone else set())
    return {key: None if count in hidden else count for key, count in counts.items()}
