"""Mobile numbers: the forms people type, the ones that are refused, and what must hold for any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules import phone
from conversations.rules.phone import Mobile, PhoneRefusal, Refused

ANY = "+6281234567890"
local_numbers = st.from_regex(r"81[1-3][0-9]{8}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "6281234567890",
        "62 812 3456 7890",
        "+6281234567890",
        "+62 0812 3456 7890",
        "62 0812 3456 7890",
        "+62 (812) 3456-7890",
        "81234567890",
        "812 3456 7890",
        "006281234567890",
        "00162 812 3456 7890",
        "001 62 812 3456 7890",
        "０８１２３４５６７８９０",
        "HP: 0812.3456.7890",
        "wa.me/6281234567890",
        "nomor saya 0812-3456-7890, RT 03",
        "1. 0812-3456-7890",
        "0812-3456-7890 / 62 812 3456 7890",
        "3319034112909001 / 081234567890",
    ],
)
def test_reads_a_number_however_it_is_typed(text: str) -> None:
    """All usual forms, and words around them, give the same number; so does the same number twice."""
    assert phone.read(text) == Mobile(ANY)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0812-3456-7890 / 0857-1234-5678", PhoneRefusal.SEVERAL),
        ("081234567890 085712345678", PhoneRefusal.SEVERAL),
        ("0812 3456 7890 0857 1234 5678", PhoneRefusal.SEVERAL),
        ("+62 812 3456 7890 atau 0857 1234 5678", PhoneRefusal.SEVERAL),
        ("3319034112909001", PhoneRefusal.IS_NIK),
        ("3319 0341 1290 9001", PhoneRefusal.IS_NIK),
        ("6271034112909001", PhoneRefusal.IS_NIK),
        ("(0291) 431234", PhoneRefusal.LANDLINE),
        ("021-5551234", PhoneRefusal.LANDLINE),
        ("+62 291 431234", PhoneRefusal.LANDLINE),
        ("+60 12-345 6789", PhoneRefusal.FOREIGN),
        ("60123456789", PhoneRefusal.FOREIGN),
        ("0060123456789", PhoneRefusal.FOREIGN),
        ("+1 650 253 0000", PhoneRefusal.FOREIGN),
        ("0812", PhoneRefusal.TOO_SHORT),
        ("0812 3456", PhoneRefusal.TOO_SHORT),
        ("081234567890123", PhoneRefusal.TOO_LONG),
        ("+62 812 3456 7890 123", PhoneRefusal.TOO_LONG),
        ("halo", PhoneRefusal.UNREADABLE),
        ("", PhoneRefusal.UNREADABLE),
        ("umur 32 tahun", PhoneRefusal.UNREADABLE),
    ],
)
def test_refuses_and_says_why(text: str, reason: PhoneRefusal) -> None:
    """Each refusal names its reason."""
    assert phone.read(text) == Refused(reason)


@given(local_numbers, st.sampled_from(["0{}", "62{}", "+62{}", "+62 0{}", "{}", "0062{}", "00162{}"]))
def test_every_form_of_a_number_is_the_same_number(local: str, form: str) -> None:
    """Prefixes change nothing."""
    assert phone.read(form.format(local)) == Mobile(f"+62{local}")


@given(st.text() | st.text("0123456789+-() \n/", max_size=60))
def test_never_fails_on_any_text(text: str) -> None:
    """Whatever is sent, the answer is a mobile number of Indonesia or a reason."""
    result = phone.read(text)
    assert isinstance(result, Refused) or re.fullmatch(r"\+628[0-9]{8,11}", result.e164)


@given(local_numbers)
def test_no_repr_shows_a_number(local: str) -> None:
    """A result in a log shows nothing of the number."""
    assert local not in repr(phone.read(local))


@given(st.text() | local_numbers.map("+62{}".format))
def test_the_mask_keeps_the_middle_back(number: str) -> None:
    """A mask shows four digits before and three after, and nothing of what is no number."""
    shown = re.sub("[^0-9]", "", phone.mask(number))
    assert shown == (f"0{number[3:6]}{number[-3:]}" if re.fullmatch(r"\+62[0-9]{8,}", number) else "")


def test_shows_numbers_as_people_write_them() -> None:
    """Groups of four, with the leading 0."""
    assert phone.mask(ANY) == "0812-••••-•890"
    assert phone.mask("+628123456789") == "0812-••••-789"
