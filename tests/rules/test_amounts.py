"""Numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules import amounts
from conversations.words import Money, Number
from locales import words

READ = [
    ("26.000", 26_000), ("26,000", 26_000), ("26 000", 26_000), ("26000", 26_000), ("26.000 orang", 26_000),
    ("5 miliar", 5_000_000_000), ("5 milyar", 5_000_000_000), ("5M", 5_000_000_000), ("5jt", 5_000_000),
    ("2,5 jt", 2_500_000), ("2.5 juta", 2_500_000), ("1,25 miliar", 1_250_000_000), ("300 rb", 300_000),
    ("Rp5.000.000.000", 5_000_000_000), ("Rp 5.000.000,-", 5_000_000), ("rp. 5.000.000,00", 5_000_000),
    ("5 miliar rupiah", 5_000_000_000), ("５００", 500), (" 12 bulan", 12), ("1", 1),
]  # fmt: skip
UNCLEAR = ["", "banyak", "-5", "1.500 juta", "1.5", "12.34.56", "1.000,5", "10 20", "5 miliar 300 juta", "0,0000001 rb",
           "5 kodi", "12-13", "1.0000", "٫", "9" * 60 + "x"]  # fmt: skip


@pytest.mark.parametrize(("text", "number"), READ)
def test_what_people_write_is_read(text: str, number: int) -> None:
    """Thousands parted in any way, money with and without its sign, and units as they are said."""
    assert amounts.read(text) == number


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_unclear_is_not_guessed(text: str) -> None:
    """What could be two numbers, or none, is asked again: "1.500 juta" may be a thousandth of itself."""
    assert amounts.read(text) is None


@given(st.integers(0, 10**14))
def test_what_the_bot_writes_it_reads(number: int) -> None:
    """A number is read back from every way in which the bot itself writes it, in each language."""
    for language in ("id", "en"):
        assert amounts.read(words(language).plain(Money(number))) == number
        assert amounts.read(words(language).plain(Number(number))) == number


@given(st.integers(1, 99_999), st.sampled_from(sorted(amounts.UNITS)), st.booleans())
def test_a_unit_multiplies(number: int, unit: str, blank: bool) -> None:
    """A whole number before a unit is that many of it."""
    assert amounts.read(f"{number}{' ' if blank else ''}{unit}") == number * 10 ** amounts.UNITS[unit]


@given(st.text(max_size=60))
def test_anything_may_be_typed(text: str) -> None:
    """Whatever is typed is a whole number or nothing."""
    assert amounts.read(text) is None or isinstance(amounts.read(text), int)
