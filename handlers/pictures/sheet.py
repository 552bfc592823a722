"""Figures that are to be a picture: rows of bars under headings, in words that are ready to be shown."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its label, its lengths one after another, each in a colour of `handlers.pictures.recap.LOOK`, and the figure beside it.

    `target` is where a mark stands, in the unit of the lengths.
    """

    label: str
    lengths: tuple[tuple[str, float], ...]
    text: str
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows under a heading; `legend` says what the colours mean. The longest row has the length `scale`, else its own."""

    title: str
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...] = ()
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole picture, in words that are ready to be shown."""

    title: str
    subtitle: str
    parts: tuple[Chart, ...]
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> str:
        """Return what `recap_picture` draws, as one fact of a letter."""
        return json.dumps(asdict(self), ensure_ascii=False)
