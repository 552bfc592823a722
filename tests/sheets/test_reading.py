"""Sheets are read without trusting them: what people send by mistake is named, what they send with intent is refused."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable

import hostile
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from sheets.apart import read_apart
from sheets.reading import LARGEST, Sheet, SheetError, clean, read
from sheets.writing import Column, Table, workbook

NIK = "3319020505909001"

HOSTILE: list[tuple[Callable[[], bytes], str]] = [
    (hostile.corners, "bomb"),
    (hostile.zip_bomb, "bomb"),
    (hostile.lying_bomb, "damaged"),
    (hostile.many_parts, "bomb"),
    (hostile.locked, "encrypted"),
    (hostile.old_workbook, "old_workbook"),
    (hostile.other_archive, "unknown"),
    (lambda: hostile.rows(5001), "too_many_rows"),
    (lambda: hostile.rows(2, 10_000), "too_many_columns"),
    (lambda: b"x" * (50 * 2**20), "too_large"),
    (lambda: hostile.rows(3)[:2000], "damaged"),
    (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "unknown"),
    (lambda: b"NIK," * 10_000, "too_many_columns"),
    (lambda: b"NIK,Nama\n" + b"\n" * 2_000_000, "too_many_rows"),
    (lambda: b"NIK,Nama\n1," + b"a" * 2_000_000, "damaged"),
    (lambda: b" \n ", "empty"),
    (lambda: b"NIK,Nama\n", "no_rows"),
    (lambda: b"Saya mau daftar", "no_header"),
]


@pytest.mark.parametrize(("made", "code"), HOSTILE)
async def test_a_hostile_file_is_refused(made: Callable[[], bytes], code: str) -> None:
    """Each is refused with the code that says what it is, and this process lives on."""
    with pytest.raises(SheetError) as refused:
        await read_apart(made())
    assert refused.value.code == code


async def test_entities_are_not_expanded() -> None:
    """Entities that name each other are at most text."""
    with pytest.raises(SheetError):
        await read_apart(hostile.entities())


async def test_a_macro_is_never_run() -> None:
    """A workbook with a macro is read for its values, as if the macro were not there."""
    assert [row.cells["nik"] for row in (await read_apart(hostile.macros())).rows] == [NIK]


async def test_apart_or_not_is_the_same() -> None:
    """What the other process reads arrives whole."""
    body = hostile.rows(300, 5)
    assert await read_apart(body) == read(body)


@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever the bytes are, there is a sheet or a SheetError."""
    with contextlib.suppress(SheetError):
        assert read(body).rows


@given(st.binary(max_size=300), st.integers(0, 5000))
def test_a_damaged_workbook_is_read_or_refused(splinter: bytes, place: int) -> None:
    """A workbook with some bytes overwritten is read or refused, and nothing else comes of it."""
    whole = hostile.rows(3)
    with contextlib.suppress(SheetError):
        read(whole[:place] + splinter + whole[place + len(splinter) :])


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(texts, min_size=1, max_size=8))
def test_what_is_written_is_read_again(people: list[str]) -> None:
    """Names come back as they were written, but for what is invisible, with the NIK whole and the line as one sees it."""
    rows = [[NIK, name] for name in people]
    sheet = read(workbook([Table("Daftar", [Column("NIK"), Column("Nama")], rows)]))
    assert [(row.line, row.cells) for row in sheet.rows] == [
        (line, {"nik": NIK} | ({"name": clean(name)} if clean(name) else {})) for line, name in enumerate(people, 2)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "#", "|"])
def test_text_in_any_encoding(encoding: str, separator: str) -> None:
    """Every usual encoding and separator gives the same rows."""
    lines = ["Nomor NIK (16 angka)", "NAMA LENGKAP", "No. HP"], [NIK, "Zoë Nuréni", "0812 3456 7890"]
    body = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    [row] = read(body).rows
    assert (row.line, row.cells) == (2, {"nik": NIK, "name": "Zoë Nuréni", "phone": "0812 3456 7890"})


def test_pasted_lines_need_no_header() -> None:
    """Lines in the known order are rows from the first on."""
    sheet = read(f'{NIK}#Ani#081234567890#ojek\n\n3319020505909002#Budi "Gendut##tani'.encode())
    assert [(row.line, row.cells.get("name"), row.cells.get("phone")) for row in sheet.rows] == [
        (1, "Ani", "081234567890"),
        (3, 'Budi "Gendut', None),
    ]


def test_a_stray_quotation_mark_hides_no_row() -> None:
    """A quotation mark that is never closed does not swallow the people after it."""
    sheet = read(f'NIK,Nama\n{NIK},"Ani\n3319020505909002,Budi\n3319020505909003,"Citra"'.encode())
    assert [row.line for row in sheet.rows] == [2, 3, 4]


def _sheet(fill: Callable[[Workbook], None]) -> Sheet:
    return read(hostile.book(fill))


def _people(made: Workbook, niks: list[object], name: str = "") -> None:
    sheet = made.add_worksheet(name or None)
    sheet.write_row(0, 0, ["Daftar pekerja Desa Contoh"])
    sheet.write_row(2, 0, ["No", "NIK", "Nama"])
    for line, nik in enumerate(niks, 3):
        sheet.write(line, 1, nik)
        sheet.write(line, 2, "Ani")


@pytest.mark.parametrize(
    ("nik", "damaged"),
    [
        (NIK, False),
        ("'" + NIK, False),
        (3319020505909001, False),  # written by a program: the number is whole
        (3319020505909000, True),  # typed: beyond fifteen digits a spreadsheet writes zeros
        (9119020505909001, True),  # no spreadsheet can hold it
        ("3.31903E+15", True),
        ("3,31903E+15", True),
    ],
)
def test_a_damaged_nik_is_named(nik: object, *, damaged: bool) -> None:
    """A NIK that a spreadsheet has spoiled is told from one that is whole."""
    [row] = _sheet(lambda made: _people(made, [nik])).rows
    assert (row.line, row.damaged) == (4, ("nik",) if damaged else ())


def test_a_rounded_column_is_named() -> None:
    """Where most NIK end in 0, the column was rounded before it became text; a single one may be right."""
    rounded = [f"3319020505909{number}0" for number in range(10, 15)]
    assert all(row.damaged for row in read(("NIK,Nama\n" + "".join(f"{nik},Ani\n" for nik in rounded)).encode()).rows)
    mixed = ["3319020505909010", "3319020505909001", "3319020505909002"]
    assert not any(row.damaged for row in read(("NIK,Nama\n" + "".join(f"{nik},A\n" for nik in mixed)).encode()).rows)


def test_the_stored_value_of_a_formula_counts() -> None:
    """A formula is read as the value that was stored with it, and text that looks like one stays text."""

    def fill(made: Workbook) -> None:
        _people(made, [NIK])
        made.worksheets()[0].write_formula(3, 2, '=HYPERLINK("http://example.org","x")', None, "Ani Formula")
        made.worksheets()[0].write_string(4, 1, NIK)
        made.worksheets()[0].write_string(4, 2, '=cmd|"/c calc"!A1')

    first, second = _sheet(fill).rows
    assert first.cells["name"] == "Ani Formula"
    assert second.cells["name"] == '=cmd|"/c calc"!A1'


def test_merged_cells_are_named() -> None:
    """Every row that a merged cell touches says so; a merged title above the table does not matter."""

    def fill(made: Workbook) -> None:
        _people(made, [NIK, "3319020505909002", "3319020505909003"])
        made.worksheets()[0].merge_range(0, 0, 0, 5, "Judul")
        made.worksheets()[0].merge_range(3, 2, 4, 2, "Ani")

    assert [(row.line, row.merged) for row in _sheet(fill).rows] == [(4, ("name",)), (5, ("name",)), (6, ())]


def test_hidden_and_further_sheets_are_told() -> None:
    """The first visible table is read; hidden ones and others are mentioned, and one that is all hidden is refused."""

    def fill(made: Workbook) -> None:
        made.add_worksheet("Petunjuk").write(0, 0, "Isi lembar berikut")
        _people(made, [NIK], "Data")
        _people(made, ["3319020505909002"], "Lama")
        _people(made, ["3319020505909003"], "Rahasia")
        made.worksheets()[3].hide()

    sheet = _sheet(fill)
    assert (sheet.name, len(sheet.rows), set(sheet.notes)) == ("Data", 1, {"several", "hidden"})

    def hidden(made: Workbook) -> None:
        made.add_worksheet("Sampul")
        _people(made, [NIK], "Data")
        made.worksheets()[1].hide()

    with pytest.raises(SheetError, match="hidden"):
        _sheet(hidden)


def test_invisible_characters_are_left_out() -> None:
    """NUL, control and direction characters do not reach anybody."""
    out = io.StringIO()
    csv.writer(out).writerows([["NIK", "Nama"], ["\u200b" + NIK, "Ani\u202e\x07\0 Wati\u2028"]])
    [row] = read(out.getvalue().encode()).rows
    assert row.cells == {"nik": NIK, "name": "Ani Wati"}


def test_the_largest_is_five_megabytes() -> None:
    """One byte more than five megabytes is refused unread."""
    with pytest.raises(SheetError, match="too_large"):
        read(b" " * (LARGEST + 1))
