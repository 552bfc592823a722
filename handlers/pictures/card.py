"""The card that compares the two tiers: what each pays in three moments, and what it costs today.

It is drawn for a phone held in one hand: large letters, one colour and one number for each tier, amounts in bold.
It carries no logo. The caption under the picture says the same in words, for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from handlers.pictures import icons, palette
from handlers.pictures.blocks import Block, fitted
from handlers.pictures.palette import Ink
from handlers.pictures.pen import Pen, leading, width, wrap
from handlers.pictures.words import CardMoment, CardTier, CardWords

WIDTH, HEIGHT = 1080, 1350
_EDGE = 44
_GAP = 20
_PAD = 26
_ICON = 64
_MARK = 46
_ROOM = WIDTH - 2 * _EDGE

_TITLE, _NAME, _PRICE, _HEADING, _BODY, _SMALL = 50, 31, 66, 36, 33, 29


@lru_cache(maxsize=32)
def tier_card(words: CardWords) -> bytes:
    """Draw the card as a PNG of 1080×1350 pixels; ValueError when the words do not fit.

    Drawing takes about a fifth of a second, so the last pictures are kept: there are few prices and languages.
    """
    return fitted((WIDTH, HEIGHT), palette.PAPER, _GAP, lambda scale: _blocks(words, scale)).png()


def _blocks(words: CardWords, scale: float) -> list[Block]:
    moments = [
        _moment(words.accident, scale, icons.cross),
        _moment(words.death, scale, icons.heart),
        _moment(words.old_age, scale, icons.coins),
    ]
    until = [_note(words.until, scale)] if words.until else []
    return [
        _band(words.title, _TITLE * scale),
        _tiers(words, scale),
        *until,
        *moments,
        _waiting(words, scale),
        _band(words.footer, _NAME * scale),
    ]


def _band(text: str, size: float) -> Block:
    """A dark band from edge to edge, with bold words."""
    lines = wrap(text, size, _ROOM, bold=True)
    height = len(lines) * leading(size) + 1.6 * _PAD

    def draw(pen: Pen, top: float) -> None:
        pen.panel((0, top, WIDTH, top + height), palette.HEAD.ground)
        pen.lines(_EDGE, top + 0.8 * _PAD, lines, size, palette.HEAD, bold=True)

    return Block(height, draw)


def _tiers(words: CardWords, scale: float) -> Block:
    """Both tiers side by side, each in its colour, with today's price."""
    room = (_ROOM - _GAP) / 2
    tiers = ((1, words.basic, palette.BASIC), (2, words.with_jht, palette.WITH_JHT))
    widest = max(_tier_width(tier, words.per_month) for _, tier, _ in tiers)
    scale = min(scale, (room - 2 * _PAD) / widest)
    height = 1.6 * _PAD + leading(_NAME * scale) + leading(_PRICE * scale)

    def draw(pen: Pen, top: float) -> None:
        for number, tier, ink in tiers:
            left = _EDGE + (number - 1) * (room + _GAP)
            pen.panel((left, top, left + room, top + height), ink.ground, 20)
            _tier(pen, (left + _PAD, top + 0.8 * _PAD), (number, tier, ink), words.per_month, scale)

    return Block(height, draw)


def _tier_width(tier: CardTier, per_month: str) -> float:
    """How wide a tier's words are at the plain scale."""
    beside = max(width(per_month, _SMALL), width(tier.base or "", _SMALL)) + 3
    return max(width(tier.price, _PRICE, bold=True) + 16 + beside, width(tier.name, _NAME, bold=True) + 52)


def _tier(pen: Pen, corner: tuple[float, float], what: tuple[int, CardTier, Ink], per_month: str, scale: float) -> None:
    """One tier's number, name and price, with the top left corner of its words at `corner`."""
    (x, y), (number, tier, ink) = corner, what
    size, small = _NAME * scale, _SMALL * scale
    radius = 20 * scale
    icons.number(pen, x + radius, y + 0.6 * size, number, radius=radius, ink=Ink(ink.ground, ink.text))
    pen.word(x + 52 * scale, y, tier.name, size, ink.text, bold=True)
    below = y + leading(size)
    beside = x + pen.word(x, below, tier.price, _PRICE * scale, ink.text, bold=True) + 16 * scale
    middle = below + 0.58 * _PRICE * scale
    if tier.base is None:
        pen.word(beside, middle - 0.4 * small, per_month, small, ink.text)
        return
    pen.word(beside, middle + 0.08 * small, per_month, small, ink.text)
    long = pen.word(beside, middle - 1.15 * small, tier.base, small, ink.text)
    pen.stroke([(beside - 3, middle - 0.5 * small), (beside + long + 3, middle - 0.64 * small)], ink.text, 3 * scale)


def _note(text: str, scale: float) -> Block:
    """Until when the price holds."""
    size = _SMALL * scale
    lines = wrap(text, size, _ROOM - 2 * _PAD, bold=True)
    height = len(lines) * leading(size) + _PAD

    def draw(pen: Pen, top: float) -> None:
        pen.panel((_EDGE, top, WIDTH - _EDGE, top + height), palette.CHIP.ground, 16)
        pen.lines(_EDGE + _PAD, top + 0.45 * _PAD, lines, size, palette.CHIP, bold=True)

    return Block(height, draw)


def _moment(moment: CardMoment, scale: float, icon: Callable[[Pen, float, float, float], None]) -> Block:
    """One moment: icon and title, a mark for each tier that pays, and what is paid."""
    size, heading, radius = _BODY * scale, _HEADING * scale, _ICON * scale / 2
    left = _EDGE + _PAD + 2 * radius + 20
    mark = _MARK * scale
    marks = 2 * icons.mark_width(mark) + 12
    lines = [wrap(line, size, WIDTH - _EDGE - _PAD - left - size) for line in moment.lines]
    title = wrap(moment.title, heading, WIDTH - _EDGE - _PAD - marks - 16 - left, bold=True)
    head = max(len(title) * leading(heading), 2 * radius) + 4 * scale
    height = 1.4 * _PAD + head + sum(map(len, lines)) * leading(size) + 4 * scale * (len(lines) - 1)

    def draw(pen: Pen, top: float) -> None:
        pen.panel((_EDGE, top, WIDTH - _EDGE, top + height), palette.BODY.ground, 20, palette.LINE)
        icon(pen, _EDGE + _PAD + radius, top + 0.7 * _PAD + radius, radius)
        middle = top + 0.7 * _PAD + radius
        pen.lines(left, middle - len(title) * leading(heading) / 2, title, heading, palette.BODY, bold=True)
        basic = palette.BASIC if moment.shared else None
        icons.mark(pen, WIDTH - _EDGE - _PAD - marks, middle, 1, height=mark, ink=basic)
        icons.mark(pen, WIDTH - _EDGE - _PAD - icons.mark_width(mark), middle, 2, height=mark, ink=palette.WITH_JHT)
        y = top + 0.7 * _PAD + head
        for line in lines:
            pen.circle(left + 0.22 * size, y + 0.62 * size, 0.14 * size, palette.MONEY.text)
            pen.lines(left + size, y, line, size, palette.BODY)
            y += len(line) * leading(size) + 4 * scale

    return Block(height, draw)


def _waiting(words: CardWords, scale: float) -> Block:
    """What is paid only after some time."""
    size = _SMALL * scale
    lines = [line for text in words.waiting for line in wrap(text, size, _ROOM - 2 * _PAD)]
    height = 1.1 * _PAD + leading(size) * (len(lines) + 1)

    def draw(pen: Pen, top: float) -> None:
        ink = palette.WAITING
        pen.panel((_EDGE, top, WIDTH - _EDGE, top + height), ink.ground, 20)
        pen.word(_EDGE + _PAD, top + 0.5 * _PAD, words.waiting_title, size, ink.text, bold=True)
        pen.lines(_EDGE + _PAD, top + 0.5 * _PAD + leading(size), lines, size, ink)

    return Block(height, draw)
