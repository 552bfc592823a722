"""How full a box is: the three numbers by which an operator sees that work piles up."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Depth:
    """`count` rows still to be done, the oldest due one's age in whole seconds (0 when none), and `dead` rows given up."""

    count: int
    oldest_seconds: int
    dead: int
    dead_seconds: int = 0  # since the first of them was given up


def seconds_since(oldest: datetime | None, now: datetime) -> int:
    """Age in whole seconds, 0 when there is none or it lies ahead."""
    return 0 if oldest is None else max(0, int((now - oldest).total_seconds()))
