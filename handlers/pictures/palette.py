"""The colours of the pictures, as pairs that can be read on a cheap phone in the sun."""

from __future__ import annotations

from typing import NamedTuple

Colour = tuple[int, int, int]


class Ink(NamedTuple):
    """A colour to write with and the colour it is written on; every pair has WCAG contrast AA (4.5) or better."""

    text: Colour
    ground: Colour


WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
PAPER: Colour = (246, 243, 236)
LINE: Colour = (219, 212, 198)

HEAD = Ink(WHITE, (16, 42, 54))
BODY = Ink((22, 33, 41), WHITE)
MONEY = Ink((9, 92, 84), WHITE)
BASIC = Ink(WHITE, (9, 92, 84))
WITH_JHT = Ink(WHITE, (58, 46, 128))
WAITING = Ink((92, 49, 4), (253, 240, 213))
CHIP = Ink((9, 92, 84), (226, 240, 236))
ACCIDENT = Ink(WHITE, (168, 44, 36))
DEATH = Ink(WHITE, (84, 72, 96))
OLD_AGE = Ink(WHITE, (58, 46, 128))
ABSENT = Ink((84, 92, 100), (232, 233, 235))

# Bars: told apart by lightness as well as by hue (after Okabe and Ito), so that neither the eye nor the printer matters.
COVERED: Colour = (0, 90, 140)
AGREED: Colour = (86, 180, 233)
WAITS: Colour = (230, 159, 0)
OVER: Colour = (150, 150, 150)
