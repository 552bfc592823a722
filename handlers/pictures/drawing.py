"""Drawing by name: what the outbox asks for is a name, plain facts and a language, never bytes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date

from conversations.rules import prices
from conversations.rules.prices import Payer
from handlers.pictures.card import tier_card
from handlers.pictures.poster import INCHES, poster
from handlers.pictures.poster_words import poster_words
from handlers.pictures.qr import qr_card
from handlers.pictures.recap import recap_picture
from handlers.pictures.words import card_words
from locales import Words, words

Facts = Mapping[str, str]


def draw(name: str, facts: Facts, language: str) -> bytes:
    """Return the picture as PNG, a page as PDF; raises LookupError for a name that is not known."""
    return DRAWINGS[name](facts, words(language))


def _packages(facts: Facts, reader: Words) -> bytes:
    quote = prices.quote(date.fromisoformat(facts["month"]), facts["transport"] == "yes", Payer(facts["payer"]))
    return tier_card(card_words(quote, reader))


def _qr(facts: Facts, _reader: Words) -> bytes:
    """Draw `link` with `title` above and `lines` (parted by line breaks) below; `operator` may be left out."""
    return qr_card(facts["link"], facts["title"], facts["lines"].splitlines(), facts.get("operator", ""))


def _recap(facts: Facts, _reader: Words) -> bytes:
    """Draw `sheet`, which is a `handlers.pictures.sheet.Sheet` as JSON, its words chosen already."""
    return recap_picture(facts["sheet"])


def _poster(facts: Facts, reader: Words) -> bytes:
    """Draw the poster of a `place` with its `link`, made on a day; `paper` is "a4" or "a5" (PDF), else "screen" (PNG)."""
    day = date.fromisoformat(facts["day"])
    said = poster_words(facts["place"], facts["name"], facts["operator"], facts["contact"], day, reader)
    drawn = poster(said, facts["link"])
    return drawn.pdf(INCHES[facts["paper"]], day) if facts["paper"] in INCHES else drawn.png()


DRAWINGS: dict[str, Callable[[Facts, Words], bytes]] = {
    "packages": _packages,
    "poster": _poster,
    "qr": _qr,
    "recap": _recap,
}


def serve() -> None:
    """Draw what standard input asks for, and write it to standard output; see apart.py."""
    sys.stdout.buffer.write(draw(*json.load(sys.stdin)))
