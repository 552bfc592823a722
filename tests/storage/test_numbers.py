"""Registration numbers: read back from careless typing, never mistaken for each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.registrations import new_number, read_number
from storage.registrations.numbers import ALPHABET

NUMBERS = st.builds(new_number)


@given(NUMBERS)
def test_typed_variants(number: str) -> None:
    """Case, spaces, dashes of every kind and words around it do not matter."""
    bare = number.replace("-", "")
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in bare)
    for typed in (number, bare, number.lower(), number.replace("-", " – "), f"Nomor saya {number}.", f"#{bare}", wide):
        assert read_number(typed) == number


@given(NUMBERS, st.integers(0, 6), st.sampled_from(ALPHABET))
def test_one_wrong_sign(number: str, place: int, sign: str) -> None:
    """A single wrong sign is always noticed."""
    bare = number.replace("-", "")
    if bare[place] != sign:
        assert read_number(bare[:place] + sign + bare[place + 1 :]) is None


@given(NUMBERS, st.integers(0, 5))
def test_two_swapped_signs(number: str, place: int) -> None:
    """Two neighbours swapped are always noticed."""
    bare = number.replace("-", "")
    if bare[place] != bare[place + 1]:
        assert read_number(bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]) is None


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    """Any text is read or not read, never an error; what is read is a number."""
    number = read_number(text)
    assert number is None or read_number(number) == number


def test_no_lookalikes() -> None:
    """Signs that are mistaken for each other in handwriting do not occur."""
    assert not set(ALPHABET) & set("0O1IL2Z5S8BUV")


@pytest.mark.parametrize("text", ["", "K7M", "3319022505909001", "saya mau daftar"])
def test_not_a_number(text: str) -> None:
    """Other texts, a NIK among them, are no registration number."""
    assert read_number(text) is None
