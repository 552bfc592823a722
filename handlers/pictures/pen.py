"""A pen on a sheet: text that wraps, panels and small icons, in the units of the finished picture.

The sheet is drawn twice as large and scaled down at the end, which makes edges smooth without hinting.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from handlers.pictures.palette import MONEY, Colour, Ink

_TWICE = 2
_COLOURS = 192
_PRINT_QUALITY = 82  # of 100, of the JPEG in a PDF
_AMOUNT = re.compile(r"Rp\s?[0-9]")
Box = tuple[float, float, float, float]


@cache
def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    data = BytesIO((files(__package__) / "fonts" / name).read_bytes())
    return ImageFont.truetype(data, size, layout_engine=ImageFont.Layout.BASIC)


class Pen:
    """Draws on a sheet of `width` × `height` pixels filled with `ground`."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.size = (width, height)
        self._image = Image.new("RGB", (width * _TWICE, height * _TWICE), ground)
        self._draw = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """The finished picture, with few colours so that it costs little data."""
        small = self._image.resize(self.size, Image.Resampling.LANCZOS).quantize(_COLOURS, dither=Image.Dither.NONE)
        out = BytesIO()
        small.save(out, "PNG", optimize=True)
        return out.getvalue()

    def pdf(self, inches: float, day: date) -> bytes:
        """The finished picture as a page of this width, in its full fineness, dated `day`; made to be printed."""
        out = BytesIO()
        dated = day.timetuple()
        self._image.save(
            out,
            "PDF",
            resolution=self._image.width / inches,
            quality=_PRINT_QUALITY,
            subsampling=0,  # colour as fine as grey, so that letters have no fringe
            creationDate=dated,
            modDate=dated,
        )
        return out.getvalue()

    def panel(self, box: Box, fill: Colour, radius: float = 0, outline: Colour | None = None) -> None:
        """A filled rectangle from (left, top) to (right, bottom), with round corners."""
        self._draw.rounded_rectangle(_twice(box), radius * _TWICE, fill, outline, _TWICE * 2 if outline else 0)

    def square(self, x: int, y: int, side: int, fill: Colour) -> None:
        """A filled square of whole pixels, with its top left corner at a point; squares side by side do not overlap."""
        left, top, size = x * _TWICE, y * _TWICE, side * _TWICE
        self._draw.rectangle((left, top, left + size - 1, top + size - 1), fill)

    def circle(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """A filled circle around a point."""
        self._draw.ellipse(_twice((x - radius, y - radius, x + radius, y + radius)), fill)

    def shape(self, points: list[tuple[float, float]], fill: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * _TWICE, y * _TWICE) for x, y in points], fill)

    def stroke(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        """A line through points."""
        line = [(x * _TWICE, y * _TWICE) for x, y in points]
        self._draw.line(line, colour, round(width * _TWICE), joint="curve")

    def word(self, x: float, y: float, text: str, size: float, colour: Colour, *, bold: bool = False) -> float:
        """One line of text with its top at `y`; returns how wide it is."""
        font = _font(round(size * _TWICE), bold=bold)
        self._draw.text((x * _TWICE, y * _TWICE), text, colour, font)
        return width(text, size, bold=bold)

    def lines(self, x: float, y: float, lines: list[str], size: float, ink: Ink, *, bold: bool = False) -> None:
        """Wrapped lines below each other; amounts of money stand out."""
        for number, line in enumerate(lines):
            left, top = x, y + number * leading(size)
            for token in tokens(line):
                money = _is_money(token)
                colour = MONEY.text if money and ink.ground == MONEY.ground else ink.text
                left += self.word(left, top, token, size, colour, bold=bold or money) + width(" ", size, bold=bold)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide one line of text is."""
    return _font(round(size * _TWICE), bold=bold).getlength(text) / _TWICE


def leading(size: float) -> float:
    """The distance from one line to the next."""
    return size * 1.28


def tokens(text: str) -> list[str]:
    """The parts between which a line may break; a no-break space keeps an amount in one piece."""
    return text.split(" ")


def wrap(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The lines of `text` when it has `room`; a word that is too long for a line of its own is broken."""
    lines: list[str] = []
    for token in (part for word in tokens(text) for part in _broken(word, size, room, bold=bold)):
        longer = f"{lines[-1]} {token}" if lines else token
        if lines and _mixed_width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(token)
    return lines


def _broken(word: str, size: float, room: float, *, bold: bool) -> list[str]:
    parts = [""]
    for letter in word:
        if parts[-1] and _mixed_width(parts[-1] + letter, size, bold=bold) > room:
            parts.append("")
        parts[-1] += letter
    return parts


def _mixed_width(line: str, size: float, *, bold: bool) -> float:
    words = tokens(line)
    blanks = width(" ", size, bold=bold) * (len(words) - 1)
    return blanks + sum(width(token, size, bold=bold or _is_money(token)) for token in words)


def _is_money(token: str) -> bool:
    return bool(_AMOUNT.match(token.lstrip("(")))


def _twice(box: Box) -> Box:
    left, top, right, bottom = (value * _TWICE for value in box)
    return left, top, right, bottom
