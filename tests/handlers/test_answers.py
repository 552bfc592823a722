"""What a row of BPJS's answer is taken to say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.words import Text
from handlers.handover import answers
from handlers.handover.answers import Answer

NIK = "3319022505909001"
FIELDS = ("number", "nik", "kpj", "cover_from", "paid_until", "status", "reason")


@pytest.fixture
def number() -> str:
    """A registration number whose check sign is right."""
    from storage.registrations import new_number  # noqa: PLC0415  # only here

    return new_number()


def test_covered(number: str) -> None:
    """A KPJ number with a date means covered, the date as people write it; it is found by number or NIK."""
    read = answers.read({"number": number.lower(), "kpj": "1234 5678-901", "cover_from": "1 Desember 2026"}, ())
    assert read == Answer(number, None, "active", "12345678901", date(2026, 12, 1), None, "")
    for cells in ({"nik": NIK}, {"number": NIK}):
        read = answers.read({**cells, "kpj": "12345678901", "cover_from": "2026-12-01"}, ())
        assert isinstance(read, Answer)
        assert (read.nik, read.cover_from) == (NIK, date(2026, 12, 1))
    assert NIK not in repr(read)
    assert "12345678901" not in repr(read)


@pytest.mark.parametrize(
    ("status", "reason", "outcome"),
    [
        ("AKTIF", "", "active"),
        ("Terdaftar", "", "active"),
        ("Tidak padan", "", "not_matched"),
        ("gagal", "NIK tidak ditemukan", "not_matched"),
        ("", "NIK tidak ditemukan di Dukcapil", "not_matched"),
        ("", "perlu konsolidasi", "not_matched"),
        ("Ditolak", "usia 65", "rejected"),
        ("Tidak aktif", "sudah ditutup", "rejected"),
        ("tidak terdaftar", "", "not_matched"),
    ],
)
def test_statuses(number: str, status: str, reason: str, outcome: str) -> None:
    """The words branches use are understood, and a denial is never read as what it denies."""
    cover = {"kpj": "12345678901", "cover_from": "01-12-2026"} if outcome == "active" else {}
    read = answers.read({"number": number, "status": status, "reason": reason, **cover}, ())
    assert isinstance(read, Answer)
    assert read.outcome == outcome


@pytest.mark.parametrize(
    ("cells", "damaged", "why"),
    [
        ({"kpj": "12345678901"}, (), answers.NOBODY),
        ({"nik": "3,31902E+15", "kpj": "12345678901"}, ("nik",), answers.DAMAGED),
        ({"nik": NIK, "kpj": "1,23E+10"}, ("kpj",), answers.DAMAGED),
        ({"nik": NIK}, (), answers.UNCLEAR),
        ({"nik": NIK, "status": "aktif"}, (), answers.NO_KPJ),
        ({"nik": NIK, "kpj": NIK}, (), answers.NO_KPJ),
        ({"nik": NIK, "kpj": "12345678901", "cover_from": "31-02-2027"}, (), answers.NO_DATE),
        ({"nik": NIK, "kpj": "12345678901"}, (), answers.NO_START),
        ({"nik": NIK, "kpj": "12345678901", "status": "aktif", "cover_from": " "}, (), answers.NO_START),
        ({"nik": NIK, "kpj": "12345678901", "paid_until": "30-11-2027"}, (), answers.NO_START),
        ({"nik": NIK, "status": "ditolak"}, (), answers.NO_REASON),
    ],
)
def test_what_cannot_be_taken(cells: dict[str, str], damaged: tuple[str, ...], why: Text) -> None:
    """A row that does not say enough, or that a spreadsheet spoiled, is said to be so."""
    assert answers.read(cells, damaged) == why


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=30)), st.sets(st.sampled_from(["nik", "kpj"])))
def test_nothing_breaks_it(cells: dict[str, str], damaged: set[str]) -> None:
    """Whatever stands in a row, it is an answer or a reason, and an answer names somebody."""
    read = answers.read(cells, tuple(damaged))
    assert isinstance(read, Text) or read.number is not None or read.nik is not None


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 12, 1), 12, date(2027, 11, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 14)),
        (date(2027, 1, 31), 1, date(2027, 2, 27)),
        (date(2026, 11, 20), 6, date(2027, 5, 19)),
    ],
)
def test_until(start: date, months: int, last: date) -> None:
    """Cover that is paid for so many months ends the day before they are over."""
    assert answers.until(start, months) == last
