"""The card that compares the two tiers: a picture that can be read, sent and trusted to stay the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import escape
from io import BytesIO

import pytest
from PIL import Image

from conversations.rules.prices import Payer, quote
from conversations.words import Money, Month, Text, Value
from handlers.pictures import palette
from handlers.pictures.card import tier_card
from handlers.pictures.palette import Colour, Ink
from handlers.pictures.words import CardWords, card_words


def say(value: Value) -> str:
    """English, as a catalogue would say it, with values escaped for HTML."""
    match value:
        case Text(sentence, values):
            return sentence.format(**{name: say(inner) for name, inner in values.items()})
        case Money(rupiah):
            return f"Rp{rupiah:,}".replace(",", ".")
        case Month(day):
            return f"{day:%B %Y}"
        case _:
            return escape(str(value))


def words(*, transport: bool = False, payer: Payer = Payer.SELF) -> CardWords:
    """The words for somebody who registers in November 2026."""
    return card_words(quote(date(2026, 11, 20), transport, payer), say)


def test_is_a_png_for_a_phone() -> None:
    """1080×1350 pixels, and small enough for little data."""
    data = tier_card(words())
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("PNG", (1080, 1350))
    assert len(data) < 150_000


def test_the_same_words_give_the_same_bytes() -> None:
    """The picture holds no time stamp and no chance."""
    assert tier_card.__wrapped__(words()) == tier_card(words())
    assert tier_card(words()) != tier_card(words(payer=Payer.APBD))


def test_says_today_s_price_beside_the_base_price() -> None:
    """Half price is shown with the base price struck and its last month; at full price nothing is struck."""
    half, full = words(transport=True), words(payer=Payer.APBD)
    assert (half.basic.name, half.basic.price, half.basic.base) == ("Package Rp16.800", "Rp8.400", "Rp16.800")
    assert (half.with_jht.price, half.with_jht.base) == ("Rp28.400", "Rp36.800")
    assert half.until is not None
    assert "March 2027" in half.until
    assert (full.basic.price, full.basic.base, full.until) == ("Rp16.800", None, None)


def test_names_the_moments_the_waiting_and_the_warning() -> None:
    """What each tier pays, what is waited for, and that nobody is a member before paying."""
    card = words()
    assert card.accident.shared
    assert card.death.shared
    assert not card.old_age.shared
    assert any("Rp70.000.000" in line for line in card.death.lines)
    assert any("Rp42.000.000" in line for line in card.death.lines)
    assert "3 months" in card.waiting[0]
    assert "not yet a member" in card.footer


def test_shrinks_for_longer_words_and_refuses_a_book() -> None:
    """A language with longer words still fits; what cannot fit is an error, not a cut sentence."""
    card = words()
    longer = replace(card, title=card.title * 2, death=replace(card.death, lines=card.death.lines * 2))
    assert tier_card(longer)
    with pytest.raises(ValueError, match="too many words"):
        tier_card(replace(card, waiting=card.waiting * 30))


def luminance(colour: Colour) -> float:
    """Relative luminance of WCAG 2."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ink", [one for one in vars(palette).values() if isinstance(one, Ink)])
def test_every_ink_can_be_read(ink: Ink) -> None:
    """Contrast AA: at least 4,5 to 1."""
    light, dark = sorted(map(luminance, ink), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
