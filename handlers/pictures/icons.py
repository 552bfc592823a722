"""The small signs on the card, drawn from lines and circles: three moments, two tiers, yes and no."""

from __future__ import annotations

from handlers.pictures import palette
from handlers.pictures.palette import Colour, Ink
from handlers.pictures.pen import Pen, width


def cross(pen: Pen, x: float, y: float, radius: float) -> None:
    """A medical cross around a point, for the accident."""
    pen.circle(x, y, radius, palette.ACCIDENT.ground)
    long, thick = 0.58 * radius, 0.2 * radius
    pen.panel((x - long, y - thick, x + long, y + thick), palette.ACCIDENT.text, 3)
    pen.panel((x - thick, y - long, x + thick, y + long), palette.ACCIDENT.text, 3)


def heart(pen: Pen, x: float, y: float, radius: float) -> None:
    """A heart around a point, for the family that is left."""
    pen.circle(x, y, radius, palette.DEATH.ground)
    lobe = 0.3 * radius
    for side in (-1, 1):
        pen.circle(x + side * 0.27 * radius, y - 0.18 * radius, lobe, palette.DEATH.text)
    tip = (x, y + 0.6 * radius)
    pen.shape([(x - 0.54 * radius, y - 0.04 * radius), (x + 0.54 * radius, y - 0.04 * radius), tip], palette.DEATH.text)
    pen.circle(x, y - 0.02 * radius, 0.2 * radius, palette.DEATH.text)


def coins(pen: Pen, x: float, y: float, radius: float) -> None:
    """A growing row of coins around a point, for savings."""
    pen.circle(x, y, radius, palette.OLD_AGE.ground)
    for column, count in enumerate((1, 2, 3)):
        for coin in range(count):
            left, bottom = x + (column * 0.42 - 0.61) * radius, y + (0.5 - coin * 0.34) * radius
            pen.panel((left, bottom - 0.24 * radius, left + 0.36 * radius, bottom), palette.OLD_AGE.text, 0.1 * radius)


def number(pen: Pen, x: float, y: float, digit: int, *, radius: float, ink: Ink) -> None:
    """A tier's number in a disc around a point."""
    size = 1.25 * radius
    pen.circle(x, y, radius, ink.ground)
    pen.word(x - width(str(digit), size, bold=True) / 2, y - 0.58 * size, str(digit), size, ink.text, bold=True)


def mark(pen: Pen, x: float, y: float, digit: int, *, height: float, ink: Ink | None) -> None:
    """A tier's number with a tick, or grey with a cross when the tier does not pay; `x` is the left edge."""
    filled = ink or palette.ABSENT
    pen.panel((x, y - height / 2, x + mark_width(height), y + height / 2), filled.ground, height / 2)
    number(pen, x + height / 2, y, digit, radius=0.4 * height, ink=Ink(filled.ground, filled.text))
    sign_x, step = x + 1.32 * height, 0.2 * height
    _sign(pen, sign_x, y, step, filled.text, tick=ink is not None)


def mark_width(height: float) -> float:
    """How wide a mark of this height is."""
    return 1.85 * height


def _sign(pen: Pen, x: float, y: float, step: float, colour: Colour, *, tick: bool) -> None:
    thick = 0.45 * step
    if tick:
        pen.stroke([(x - step, y), (x - 0.2 * step, y + step), (x + 1.3 * step, y - step)], colour, thick * 1.3)
        return
    pen.stroke([(x - step, y - step), (x + step, y + step)], colour, thick * 1.3)
    pen.stroke([(x - step, y + step), (x + step, y - step)], colour, thick * 1.3)
