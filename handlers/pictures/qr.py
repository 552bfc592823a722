"""A QR code on a card: a link that somebody shows, forwards or prints."""

from __future__ import annotations

from collections.abc import Iterable

import segno

from handlers.pictures import palette
from handlers.pictures.palette import Ink
from handlers.pictures.pen import Pen, leading, wrap

WIDTH = 1080
QUIET = 4  # modules of white around a code, as ISO/IEC 18004 asks for
_EDGE, _PAD = 60, 28
_TITLE, _BODY, _SMALL = 52, 36, 30
_CODE = 720  # the code's side at most, with its quiet zone
_PLAIN = Ink(palette.BODY.text, palette.PAPER)


def modules(link: str) -> tuple[tuple[bool, ...], ...]:
    """Return the code of a link, row by row, dark modules true; a quarter of it may be soiled and it is still read."""
    code = segno.make(link, error="q", micro=False, boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def stamp(pen: Pen, link: str, corner: tuple[float, float], most: float) -> float:
    """Draw the code of a link, at most `most` wide with its quiet zone, and return how wide it is.

    Every module is a whole number of pixels wide, so that no edge is blurred.
    """
    rows = modules(link)
    count = len(rows) + 2 * QUIET
    side = int(most // count)
    if side < 1:
        raise ValueError("the code has no room")
    left, top = round(corner[0]), round(corner[1])
    pen.square(left, top, side * count, palette.WHITE)
    for y, row in enumerate(rows, QUIET):
        for x, dark in enumerate(row, QUIET):
            if dark:
                pen.square(left + x * side, top + y * side, side, palette.BLACK)
    return side * count


def qr_card(link: str, title: str, lines: Iterable[str], operator: str) -> bytes:
    """Draw the card as a PNG, 1080 pixels wide: title, code, what to do with it, and who runs the bot."""
    room = WIDTH - 2 * _EDGE
    head = wrap(title, _TITLE, room, bold=True)
    body = [line for text in lines for line in wrap(text, _BODY, room)]
    foot = wrap(operator, _SMALL, room, bold=True) if operator else []
    top = len(head) * leading(_TITLE) + 2 * _PAD
    below = len(body) * leading(_BODY) + 2 * _PAD
    band = len(foot) * leading(_SMALL) + (1.6 * _PAD if foot else 0)
    pen = Pen(WIDTH, round(top + _PAD + _CODE + below + band), palette.PAPER)
    pen.panel((0, 0, WIDTH, top), palette.HEAD.ground)
    pen.lines(_EDGE, _PAD, head, _TITLE, palette.HEAD, bold=True)
    rows = len(modules(link)) + 2 * QUIET
    side = _CODE // rows * rows
    stamp(pen, link, ((WIDTH - side) / 2, top + _PAD), _CODE)
    pen.lines(_EDGE, top + 2 * _PAD + side, body, _BODY, _PLAIN)
    if foot:
        pen.panel((0, pen.size[1] - band, WIDTH, pen.size[1]), palette.HEAD.ground)
        pen.lines(_EDGE, pen.size[1] - band + 0.8 * _PAD, foot, _SMALL, palette.HEAD, bold=True)
    return pen.png()
