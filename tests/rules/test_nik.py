"""NIK: every line of the rules, and what must hold for any text."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules import nik
from conversations.rules.areas import Areas
from conversations.rules.nik import NikRefusal, NikWarning, Refused, Suspect, Understood
from conversations.rules.tables import document

AREAS = Areas.load("33.19")
TODAY = date(2026, 11, 20)
GOOD = "3319034112909001"  # Jati, a woman born on 1 December 1990, synthetic serial number


def compose(born: date, serial: int, *, female: bool, area: str = "331903") -> str:
    """A synthetic NIK."""
    return f"{area}{born.day + 40 * female:02}{born:%m%y}{serial:04}"


serials = st.integers(9000, 9999)
adults = st.dates(TODAY - timedelta(days=90 * 365), TODAY - timedelta(days=15 * 365 + 5))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "3319 0341 1290 9001",
        "33.19.03.411290.9001",
        "3319-0341-1290-9001",
        "3319–0341–1290–9001",
        "NIK: 3319 0341 1290 9001",
        "NIK3319034112909001",
        "nik saya 3319034112909001 ya pak",
        "1. 3319034112909001",
        "3319034112909001 (RT 03/02, 59347)",
        "３３１９０３４１１２９０９００１",
        "٣٣١٩٠٣٤١١٢٩٠٩٠٠١",
        "3319\u200b0341\u00a01290\t9001",
        "3,319,034,112,909,001",
        f"{GOOD}\n{GOOD}",
    ],
)
def test_reads_a_nik_however_it_is_typed(text: str) -> None:
    """Blanks, dots, dashes, other scripts' digits and words around it do not matter."""
    match nik.read(text, TODAY, AREAS):
        case Understood(found, warnings):
            assert found.number == GOOD
            assert (found.born, found.female) == (date(1990, 12, 1), True)
            assert (found.province, found.regency, found.district) == ("Jawa Tengah", "Kabupaten Kudus", "Jati")
            assert found.area == "33.19.03"
            assert warnings == ()
        case other:
            pytest.fail(f"not understood: {other}")


@pytest.mark.parametrize(
    ("text", "reason", "digits"),
    [
        ("halo", NikRefusal.NO_DIGITS, 0),
        ("", NikRefusal.NO_DIGITS, 0),
        ("331903411290900", NikRefusal.WRONG_LENGTH, 15),
        ("33190341129090011", NikRefusal.WRONG_LENGTH, 17),
        ("33190341129O900", NikRefusal.WRONG_LENGTH, 15),
        ("NIK 331903411290900 RT 03", NikRefusal.WRONG_LENGTH, 15),
        ("3.31903E+15", NikRefusal.WRONG_LENGTH, 6),
        ("3319034112909001 3319034112909002", NikRefusal.SEVERAL, 32),
        ("3319 0341 1290 9001 3319 0341 1290 9002", NikRefusal.SEVERAL, 32),
        ("3319034112909001\n3319034112909002", NikRefusal.SEVERAL, 32),
        ("3333333333333333", NikRefusal.REPEATED, 16),
        ("1234567890123456", NikRefusal.SEQUENCE, 16),
        ("3319034112900000", NikRefusal.SERIAL_ZERO, 16),
        ("9719034112909001", NikRefusal.UNKNOWN_PROVINCE, 16),
        ("2019034112909001", NikRefusal.UNKNOWN_PROVINCE, 16),
        ("0019034112909001", NikRefusal.UNKNOWN_PROVINCE, 16),
    ],
)
def test_refuses_and_says_why(text: str, reason: NikRefusal, digits: int) -> None:
    """Each refusal names its reason and how many digits arrived."""
    assert nik.read(text, TODAY, AREAS) == Refused(reason, digits)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("3399034112909001", {NikWarning.UNKNOWN_REGENCY}),
        ("3319994112909001", {NikWarning.UNKNOWN_DISTRICT}),
        ("3319033104909001", {NikWarning.IMPOSSIBLE_DATE}),
        ("3319032902019001", {NikWarning.IMPOSSIBLE_DATE}),
        ("3319030013909001", {NikWarning.IMPOSSIBLE_DATE}),
        ("3319038101909001", {NikWarning.IMPOSSIBLE_DATE}),
        ("3319034001909001", {NikWarning.IMPOSSIBLE_DATE}),
        ("3319032902009001", set()),
        ("3319032011089001", set()),
        ("3319032111089001", {NikWarning.CHILD, NikWarning.MAYBE_FAMILY_CARD}),
        ("3319036111089001", {NikWarning.CHILD}),
        ("3319031203199001", {NikWarning.OVER_AGE, NikWarning.MAYBE_FAMILY_CARD}),
        ("3319032011269001", {NikWarning.OVER_AGE, NikWarning.MAYBE_FAMILY_CARD}),
        ("3319032111269001", {NikWarning.OVER_AGE}),
        ("3319032011619001", {NikWarning.OVER_AGE}),
        ("3319032111619001", set()),
    ],
)
def test_warns_but_takes(number: str, expected: set[NikWarning]) -> None:
    """What is odd is said, and the NIK is taken: only Dukcapil can tell."""
    result = nik.read(number, TODAY, AREAS)
    assert isinstance(result, Understood)
    assert set(result.warnings) == expected


@pytest.mark.parametrize(
    "text",
    ["33190341129O9OO1", "3319o34ll29o9oo1", "NIK saya 3319O3411290900l ya", "3319 O341 1290 900I", "33I9034II2909001"],
)
def test_suggests_digits_for_letters(text: str) -> None:
    """Letters that look like digits are read as such only as a suggestion to be confirmed."""
    result = nik.read(text, TODAY, AREAS)
    assert isinstance(result, Suspect)
    assert result.suggestion == GOOD


@pytest.mark.parametrize(("text", "born"), [("201111", date(2011, 11, 20)), ("211111", date(1911, 11, 21))])
def test_the_century_turns_at_fifteen(text: str, born: date) -> None:
    """Someone who would be younger than 15 today was born in the last century."""
    result = nik.read(f"331903{text}9001", TODAY, AREAS)
    assert isinstance(result, Understood)
    assert result.nik.born == born


@given(adults, st.booleans(), serials)
def test_says_what_was_put_in(born: date, female: bool, serial: int) -> None:
    """A NIK composed from a birth date and a sex is read back as these."""
    number = compose(born, serial, female=female)
    result = nik.read(f"NIK: {number[:4]} {number[4:8]}-{number[8:12]}.{number[12:]}", TODAY, AREAS)
    assert isinstance(result, Understood)
    assert (result.nik.number, result.nik.born, result.nik.female) == (number, born, female)


@given(st.text() | st.text("0123456789OIl .-+\n", max_size=60))
def test_never_fails_on_any_text(text: str) -> None:
    """Whatever is sent, the answer is one of the three kinds."""
    assert isinstance(nik.read(text, TODAY, AREAS), (Understood, Suspect, Refused))


@given(st.text("0123456789", min_size=16, max_size=16))
def test_no_repr_shows_a_nik(number: str) -> None:
    """A result in a log or a traceback shows nothing of the number, the birth date or the place."""
    shown = repr(nik.read(number, TODAY, AREAS))
    assert number not in shown
    assert "datetime" not in shown


@given(st.text() | st.text("0123456789", max_size=24))
def test_the_mask_keeps_ten_digits_back(number: str) -> None:
    """A mask shows the first four and the last two digits of a NIK, and nothing of anything else."""
    shown = re.sub(r"[^0-9]", "", nik.mask(number))
    assert shown == (number[:4] + number[-2:] if re.fullmatch("[0-9]{16}", number) else "")


def test_the_mask_looks_like_a_nik() -> None:
    """The shape tells people which number is meant."""
    assert nik.mask(GOOD) == "3319 •••• •••• ••01"


@given(st.dates(date(1920, 1, 1), date(2030, 12, 31)))
def test_turns_65_is_the_first_day_at_65(born: date) -> None:
    """On that day a person is 65, the day before still 64, also when born on 29 February."""
    day = nik.turns_65(born)
    assert nik.age(born, day) == 65
    assert nik.age(born, day - timedelta(days=1)) == 64


def test_an_officer_lifts_only_what_may_be_lifted() -> None:
    """A refusal marked so in the data is lifted by name; the length never is."""
    lifted = frozenset(NikRefusal)
    assert isinstance(nik.read("9719034112909001", TODAY, AREAS, lifted), Understood)
    assert isinstance(nik.read("3319034112900000", TODAY, AREAS, lifted), Understood)
    assert isinstance(nik.read("9719034112909001", TODAY, AREAS, frozenset({NikRefusal.SERIAL_ZERO})), Refused)
    assert isinstance(nik.read("331903411290900", TODAY, AREAS, lifted), Refused)
    assert nik.may_overrule(NikRefusal.UNKNOWN_PROVINCE)
    assert not nik.may_overrule(NikRefusal.SEVERAL)


def test_every_finding_has_a_level_and_a_source() -> None:
    """The data names each refusal and each warning, and no other."""
    checks = document("nik")["checks"]
    assert set(checks) == {finding.value for finding in (*NikRefusal, *NikWarning)}
    assert all(check["source"] and check["checked_on"] <= TODAY for check in checks.values())
