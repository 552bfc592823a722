"""Drawing by name: what the outbox asks for is a name, plain facts and a language, never bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from conversations.rules import prices
from conversations.rules.prices import Payer
from handlers.pictures.card import tier_card
from handlers.pictures.words import card_words
from locales import words


def draw(name: str, facts: Mapping[str, str], language: str) -> bytes:
    """Return the picture as PNG; raises LookupError for a name that is not known."""
    if name != "packages":
        raise LookupError(name)
    quote = prices.quote(date.fromisoformat(facts["month"]), facts["transport"] == "yes", Payer(facts["payer"]))
    return tier_card(card_words(quote, words(language)))
