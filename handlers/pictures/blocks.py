"""A sheet made of blocks below each other, in the largest letters with which all of them fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.pictures.palette import Colour
from handlers.pictures.pen import Pen

SCALES = tuple(scale / 100 for scale in range(136, 64, -4))
"""From generous to the smallest letters that can be read on a small phone."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a sheet over its whole width: how high it is, and how it is drawn from its top on."""

    height: float
    draw: Callable[[Pen, float], None]


def fitted(size: tuple[int, int], ground: Colour, gap: float, make: Callable[[float], list[Block]]) -> Pen:
    """Draw the blocks that `make` gives for a scale, the last one at the foot; ValueError when they never fit."""
    for scale in SCALES:
        blocks = make(scale)
        spare = size[1] - sum(block.height for block in blocks) - gap * (len(blocks) - 1)
        if spare >= 0:
            return _drawn(Pen(*size, ground), blocks, gap + spare / (len(blocks) - 1))
    raise ValueError("the sheet has too many words")


def _drawn(pen: Pen, blocks: list[Block], gap: float) -> Pen:
    top = 0.0
    for block in blocks[:-1]:
        block.draw(pen, top)
        top += block.height + gap
    blocks[-1].draw(pen, pen.size[1] - blocks[-1].height)
    return pen
