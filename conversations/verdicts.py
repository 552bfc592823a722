"""What is said of each row of a sheet: it can be taken, it was taken before, or what has to be put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conversations.words import Value


@dataclass(frozen=True, slots=True)
class Good:
    """The row can be taken; `entry` is what it says, as whoever enters it needs it."""

    line: int
    entry: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """The row was taken before: `number` is the registration it became."""

    line: int
    number: str


@dataclass(frozen=True, slots=True)
class Bad:
    """The row has to be put right first; the reasons are sentences, and repeat no personal data."""

    line: int
    reasons: tuple[Value, ...]


Verdict = Good | Known | Bad


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of a sheet can be taken, were taken before, and have to be put right."""

    good: int = 0
    known: int = 0
    bad: int = 0

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> Counts:
        """Count verdicts."""
        kinds = [type(one) for one in verdicts]
        return cls(kinds.count(Good), kinds.count(Known), kinds.count(Bad))
