"""Finds a QR code in a picture as a camera does, by its three corner marks, and reads its modules."""

from __future__ import annotations

from itertools import groupby
from statistics import median
from typing import NamedTuple

from PIL import Image

_MARK = (1, 1, 3, 1, 1)  # dark, light, dark, light, dark through the middle of a corner mark
_SIDE = sum(_MARK)


class _Mark(NamedTuple):
    x: float
    y: float
    module: float


def scan(image: Image.Image) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the upright code in the picture, dark ones true; raises LookupError without one."""
    grey = image.convert("L")
    marks = [mark for y in range(grey.height) for mark in _marks(grey, y)]
    if not marks:
        raise LookupError("no corner mark")
    left, right = min(mark.x for mark in marks), max(mark.x for mark in marks)
    top = min(mark.y for mark in marks)
    rough = (right - left) / median(mark.module for mark in marks) + _SIDE
    count = 17 + 4 * round((rough - 17) / 4)  # a code of version v has 17 + 4 v modules a side
    module = (right - left) / (count - _SIDE)
    half = _SIDE // 2
    places = [(step - half) * module for step in range(count)]
    return tuple(tuple(_dark(grey.getpixel((round(left + x), round(top + y)))) for x in places) for y in places)


def _marks(grey: Image.Image, y: int) -> list[_Mark]:
    """Return the corner marks that a row of pixels crosses; the column through the middle must cross them too."""
    found = []
    for x, module in _crossings(grey.crop((0, y, grey.width, y + 1)).tobytes()):
        column = grey.crop((round(x), 0, round(x) + 1, grey.height)).tobytes()
        found += [
            _Mark(x, middle, module)
            for middle, side in _crossings(column)
            if abs(middle - y) < 1.5 * module and abs(side - module) < 0.2 * module
        ]
    return found


def _crossings(line: bytes) -> list[tuple[float, float]]:
    """Return the middle of each pattern of a corner mark on a line of pixels, and how wide a module is there."""
    runs = [(dark, len(list(group))) for dark, group in groupby(map(_dark, line))]
    found, begin = [], 0
    for index, (dark, width) in enumerate(runs):
        lengths = [length for _dark, length in runs[index : index + len(_MARK)]]
        module = sum(lengths) / _SIDE
        if (
            dark
            and len(lengths) == len(_MARK)
            and all(abs(length - part * module) < 0.3 * module for length, part in zip(lengths, _MARK, strict=True))
        ):
            found.append((begin + sum(lengths) / 2 - 0.5, module))
        begin += width
    return found


def _dark(value: object) -> bool:
    return isinstance(value, int) and value < 128
