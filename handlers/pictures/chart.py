"""Draws figures with matplotlib: JSON in, PNG out.

A program of its own (see `handlers.pictures.recap`), so that matplotlib's 50 MB never stay in the bot. It imports nothing
of the bot and knows no words: whatever is written comes in the JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

_WIDTH, _DPI = 1080, 100
_ROW, _HEAD, _TITLE, _FOOT = 46, 86, 120, 30  # pixels: a bar with its gap, a part's heading, the title, one line below
_LEFT, _RIGHT = 0.37, 0.76  # between these parts of the width lie the bars; labels before, figures after
_THINNEST = 0.003  # so that one of many is still seen
_LABEL, _NOTE = 30, 96  # characters of a label that have room; of a line at the foot


class _Sheet:
    """A tall picture, filled from the top; heights are pixels."""

    def __init__(self, height: float, look: dict[str, Any]) -> None:
        self.look, self.height, self.top = look, height, 0.0
        self.figure = Figure(figsize=(_WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=look["paper"])
        FigureCanvasAgg(self.figure)

    def write(
        self, x: float, text: str, size: float, *, bold: bool = False, colour: str = "ink", right: bool = False
    ) -> None:
        """Write a line at the present height; the text is plain, whatever signs are in it."""
        self.figure.text(
            x,
            1 - self.top / self.height,
            text,
            fontproperties=FontProperties(fname=self.look["bold" if bold else "plain"], size=size),
            color=self.look[colour],
            va="center",
            ha="right" if right else "left",
            parse_math=False,
        )

    def box(self, x: float, width: float, thick: float, colour: str) -> None:
        """Fill a rectangle around the present height; `x` and `width` are parts of the picture's width."""
        corner = (x, 1 - (self.top + thick / 2) / self.height)
        size = max(width, _THINNEST), thick / self.height
        self.figure.add_artist(Rectangle(corner, *size, color=self.look[colour], linewidth=0))


def drawn(facts: dict[str, Any]) -> Figure:
    """Return the whole picture."""
    height = _TITLE + sum(_height(part) for part in facts["parts"]) + _FOOT * (len(facts["notes"]) + 1)
    sheet = _Sheet(height, facts["look"])
    sheet.top = _TITLE / 2
    sheet.box(0, 1, _TITLE, "head")
    sheet.top = _TITLE * 0.36
    sheet.write(0.03, _cut(facts["title"], 48), 24, bold=True, colour="on_head")
    sheet.top = _TITLE * 0.74
    sheet.write(0.03, facts["subtitle"], 15, colour="on_head")
    sheet.top = _TITLE
    for part in facts["parts"]:
        _part(sheet, part)
    sheet.top += _FOOT * 0.8
    for note in facts["notes"]:
        sheet.write(0.03, _cut(note, _NOTE), 12.5, colour="soft")
        sheet.top += _FOOT
    return sheet.figure


def _height(part: dict[str, Any]) -> float:
    return _HEAD + _ROW * len(part["bars"]) + (_FOOT if part["legend"] else 0)


def _part(sheet: _Sheet, part: dict[str, Any]) -> None:
    """Draw one part: heading, legend, and a bar for each row; all bars of a part share one scale."""
    sheet.top += _HEAD * 0.6
    sheet.write(0.03, part["title"], 18, bold=True)
    sheet.top += _HEAD * 0.4
    if part["legend"]:
        _legend(sheet, part["legend"])
    scale = part["scale"] or max((max(sum(_lengths(bar)), bar["target"] or 0) for bar in part["bars"]), default=0)
    for bar in part["bars"]:
        sheet.top += _ROW / 2
        _bar(sheet, bar, (_RIGHT - _LEFT) / scale if scale else 0)
        sheet.top += _ROW / 2


def _legend(sheet: _Sheet, legend: list[tuple[str, str]]) -> None:
    x = 0.03
    for colour, label in legend:
        sheet.box(x, 0.018, 16, colour)
        sheet.write(x + 0.025, label, 12.5, colour="soft")
        x += 0.06 + 0.0098 * len(label)
    sheet.top += _FOOT


def _bar(sheet: _Sheet, bar: dict[str, Any], unit: float) -> None:
    sheet.write(_LEFT - 0.012, _cut(bar["label"], _LABEL), 14, right=True)
    sheet.box(_LEFT, _RIGHT - _LEFT, _ROW * 0.58, "empty")
    x = _LEFT
    for colour, length in bar["lengths"]:
        if length:
            sheet.box(x, length * unit, _ROW * 0.58, colour)
            x += length * unit
    if bar["target"]:
        sheet.box(_LEFT + bar["target"] * unit - 0.0018, 0.0036, _ROW * 0.8, "ink")
    sheet.write(_RIGHT + 0.012, bar["text"], 14, bold=True)


def _lengths(bar: dict[str, Any]) -> list[float]:
    return [length for _colour, length in bar["lengths"]]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


if __name__ == "__main__":
    drawn(json.load(sys.stdin.buffer)).savefig(sys.stdout.buffer, format="png", metadata={"Software": None})
