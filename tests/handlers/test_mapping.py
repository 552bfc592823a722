"""The mapping of columns: what it writes, whom it leaves out, and that a wrong one is told in sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from conversations.rules.areas import Areas
from conversations.rules.prices import Tier
from conversations.rules.programmes import FIELDS, Programme, Terms
from handlers.handover import mapping
from handlers.handover.facts import FACTS, Subject
from handlers.handover.mapping import MappingError
from storage.registrations import Handed, Registration, State

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KUDUS = Programme("kudus", "Kudus melindungi", "apbd", "33.19", Tier.BASIC, 12, date(2026, 12, 1), date(2027, 11, 1))


def subject(**document: Any) -> Subject:
    """A made-up worker of a programme; what is named stands in the form."""
    form = {
        "nik": "3319024505909001",
        "name": "Siti Contoh",
        "phone": "+6281100009101",
        "address": "Jl. Melati 3",
        **document,
    }
    registration = Registration(
        number="K7M-4QXT", person=None, registered_by=9, area="33.19.02.1001", occupation="tailor", transport=False,
        tier="basic", payer="apbd", programme="kudus", claim="attested", department=None, first_yes_by=None,
        language="id", state=State.APPROVED, duplicate_of=None, document=form, hints=(), wanted=None, kpj=None,
        cover_from=None, paid_until=None, queued_at=NOW, decided_at=NOW, decided_by=1, created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    return Subject(Handed(registration, 12, 201_600, date(2026, 12, 1)), KUDUS, Areas.load("33.19"), NOW.date())


def test_everything_asked_for() -> None:
    """The default mapping writes every field of the best-documented form, as a branch can read it."""
    made = mapping.default()
    row = dict(zip((column.header for column in made.columns), made.row(subject()), strict=True))
    assert row["NIK"] == "3319024505909001"
    assert row["Tanggal lahir"] == date(1990, 5, 5)
    assert row["Jenis kelamin"] == "perempuan"
    assert row["Nomor HP"] == "081100009101"
    assert (row["Desa/kelurahan"], row["Kecamatan"], row["Kode pos"]) == ("Purwosari", "Kota Kudus", "")
    assert (row["Program perlindungan"], row["Jumlah bulan"], row["Jumlah iuran (Rp)"]) == ("JKK+JKM", 12, 201_600)
    assert (row["Bulan iuran pertama"], row["Yang membayarkan"]) == (date(2026, 12, 1), "Kudus melindungi")
    assert made.lacks(subject()) == []


def test_every_field_is_found() -> None:
    """No field fails for a form that has only what is always there, and none is of another kind than it says."""
    bare = subject(phone=None, address=None)
    kinds = {"text": str, "number": int, "date": date}
    for name, fact in FACTS.items():
        found = fact.of(bare)
        assert found is None or isinstance(found, kinds[fact.kind]), name


def test_what_is_lacking() -> None:
    """What the mapping or the programme demands and nobody has given leaves somebody out, by the field's name."""
    assert mapping.default().lacks(subject(name=" ".strip())) == ["name"]
    strict = replace(subject(phone=None), programme=replace(KUDUS, terms=Terms(fields=("phone", "address"))))
    assert mapping.default().lacks(strict) == ["phone"]


def test_the_worker_s_typed_date_counts() -> None:
    """A birth date that was asked for stands in the file instead of the one in the NIK."""
    made = mapping.default()
    typed = dict(zip((one.header for one in made.columns), made.row(subject(birth_date="1991-06-07")), strict=True))
    assert typed["Tanggal lahir"] == date(1991, 6, 7)


def test_own_mapping(tmp_path: Path) -> None:
    """An operator's file decides headers, order and form; a date or a number is written out where text is wanted."""
    path = tmp_path / "cabang.toml"
    path.write_text(
        '[[columns]]\nheader="KTP"\nfield="nik"\n[[columns]]\nheader="Lahir"\nfield="birth_date"\n'
        '[[columns]]\nheader="Bulan"\nfield="months"\n[[columns]]\nheader="Negara"\nvalue="ID"\n',
        encoding="utf-8",
    )
    made = mapping.load(path)
    assert (made.name, [column.header for column in made.columns]) == (
        "cabang.toml",
        ["KTP", "Lahir", "Bulan", "Negara"],
    )
    assert made.row(subject()) == ["3319024505909001", "05-05-1990", "12", "ID"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns = 3", "has no columns"),
        ("[[columns", "is no TOML file"),
        ('[[columns]]\nfield="nik"', "Column 1 has no header"),
        ('[[columns]]\nheader="A"\nfield="nick"', 'Column 1 has the field "nick", which is not one of: number, nik'),
        ('[[columns]]\nheader="A"', "Column 1 needs either a field or a value"),
        ('[[columns]]\nheader="A"\nfield="nik"\ncolour="red"', 'has "colour", which means nothing here'),
        ('[[columns]]\nheader="A"\nfield="nik"\nformat="number"', 'the field "nik" is a text'),
        ('[[columns]]\nheader="A"\nfield="birth_date"\nformat="hh"', "neither"),
        ('[[columns]]\nheader="A"\nfield="nik"\nwidth=0', "width"),
        ('[[columns]]\nheader="A"\nfield="nik"\nrequired="yes"', "true or false"),
        ('[[columns]]\nheader="A"\nfield="nik"\n[[columns]]\nheader="A"\nfield="name"', 'Two columns are called "A"'),
        ('[[columns]]\nheader="A"\nfield="name"', 'must hold the field "number" or "nik"'),
    ],
)
def test_wrong_mappings_are_told(text: str, told: str) -> None:
    """Whatever is wrong in a mapping is said in a sentence that names the column."""
    with pytest.raises(MappingError) as wrong:
        mapping.read("cabang.toml", text)
    assert told in str(wrong.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Two mistakes make two sentences; a file that cannot be read makes one."""
    with pytest.raises(MappingError) as wrong:
        mapping.read("x", '[[columns]]\nheader=""\nfield="nik"\n[[columns]]\nheader="B"\nfield="zzz"')
    assert len(wrong.value.sentences) == 2
    with pytest.raises(MappingError):
        mapping.load(tmp_path / "nothing.toml")


def test_what_a_programme_may_demand_can_be_written_out() -> None:
    """Every field that a programme may be unable to do without is one that the hand-over's file knows."""
    assert set(FIELDS) <= set(FACTS)
