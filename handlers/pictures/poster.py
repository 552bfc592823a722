"""The poster of a village or a stand: a code to scan, what to do, and how to know that the bot is the real one.

Drawn for paper: white, black letters, and colours that stay apart as greys.
"""

from __future__ import annotations

from dataclasses import dataclass

from handlers.pictures import icons, palette
from handlers.pictures.blocks import Block, fitted
from handlers.pictures.palette import Ink
from handlers.pictures.pen import Pen, leading, wrap
from handlers.pictures.qr import QUIET, modules, stamp

SIZE = (1240, 1754)  # A4 at 150 dots an inch, drawn twice as fine
INCHES = {"a4": 210 / 25.4, "a5": 148 / 25.4}
_EDGE, _PAD, _GAP = 64, 26, 22
_ROOM = SIZE[0] - 2 * _EDGE
_CODE = 600
_HEADLINE, _PLACE, _STEP, _PROMISE, _BODY, _SMALL = 70, 42, 38, 44, 33, 28
_PLAIN = Ink(palette.BLACK, palette.WHITE)


@dataclass(frozen=True, slots=True)
class PosterWords:
    """Everything on the poster; `name` is the bot's own, with its @."""

    headline: str
    place: str
    name: str
    steps: tuple[str, ...]
    promise: str
    price: str
    warning: str
    check: str
    operator: str
    contact: str


def poster(words: PosterWords, link: str) -> Pen:
    """Draw the poster; ValueError when the words do not fit."""
    return fitted(SIZE, palette.WHITE, _GAP, lambda scale: _blocks(words, link, scale))


def _blocks(words: PosterWords, link: str, scale: float) -> list[Block]:
    return [
        _band(((words.headline, _HEADLINE * scale), (words.place, _PLACE * scale)), palette.HEAD),
        _code(words, link, scale),
        _panel(words.promise, _PROMISE * scale, palette.BODY, bold=True),
        _lines(((words.price, _BODY * scale, True), (words.warning, _SMALL * scale, False))),
        _panel(words.check, _SMALL * scale, palette.CHIP, bold=False),
        _band(((words.operator, _BODY * scale), (words.contact, _SMALL * scale)), palette.HEAD),
    ]


def _band(texts: tuple[tuple[str, float], ...], ink: Ink) -> Block:
    """A dark band from edge to edge, with bold words in one or more sizes."""
    parts = [(wrap(text, size, _ROOM, bold=True), size) for text, size in texts]
    height = sum(len(lines) * leading(size) for lines, size in parts) + 2 * _PAD

    def draw(pen: Pen, top: float) -> None:
        pen.panel((0, top, SIZE[0], top + height), ink.ground)
        y = top + _PAD
        for lines, size in parts:
            pen.lines(_EDGE, y, lines, size, ink, bold=True)
            y += len(lines) * leading(size)

    return Block(height, draw)


def _code(words: PosterWords, link: str, scale: float) -> Block:
    """The code with the bot's name below it, and beside it what to do, step by step."""
    rows = len(modules(link)) + 2 * QUIET
    side = _CODE // rows * rows
    size, radius = _STEP * scale, 30 * scale
    left = _EDGE + side + _PAD
    beside = left + 2 * radius + 16
    steps = [wrap(step, size, SIZE[0] - _EDGE - beside) for step in words.steps]
    told = sum(len(lines) for lines in steps) * leading(size) + (len(steps) - 1) * _PAD
    name = wrap(words.name, _BODY * scale, side, bold=True)
    under = side + len(name) * leading(_BODY * scale)
    height = max(under, told)

    def draw(pen: Pen, top: float) -> None:
        stamp(pen, link, (_EDGE, top), _CODE)
        pen.lines(_EDGE + QUIET * side / rows, top + side, name, _BODY * scale, _PLAIN, bold=True)
        y = top + (height - told) / 2
        for number, lines in enumerate(steps, 1):
            icons.number(pen, left + radius, y + 0.62 * size, number, radius=radius, ink=palette.HEAD)
            pen.lines(beside, y, lines, size, _PLAIN)
            y += len(lines) * leading(size) + _PAD

    return Block(height, draw)


def _panel(text: str, size: float, ink: Ink, *, bold: bool) -> Block:
    """Words in a frame."""
    lines = wrap(text, size, _ROOM - 2 * _PAD, bold=bold)
    height = len(lines) * leading(size) + 1.6 * _PAD

    def draw(pen: Pen, top: float) -> None:
        pen.panel((_EDGE, top, SIZE[0] - _EDGE, top + height), ink.ground, 20, palette.BLACK)
        pen.lines(_EDGE + _PAD, top + 0.8 * _PAD, lines, size, ink, bold=bold)

    return Block(height, draw)


def _lines(texts: tuple[tuple[str, float, bool], ...]) -> Block:
    """Words on the bare paper."""
    parts = [(wrap(text, size, _ROOM, bold=bold), size, bold) for text, size, bold in texts]
    height = sum(len(lines) * leading(size) for lines, size, _bold in parts)

    def draw(pen: Pen, top: float) -> None:
        for lines, size, bold in parts:
            pen.lines(_EDGE, top, lines, size, _PLAIN, bold=bold)
            top += len(lines) * leading(size)

    return Block(height, draw)
