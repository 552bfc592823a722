"""Writing sheets: what is written is read back, nothing in it acts, and a lock opens with its password only."""

import csv
import io
import zipfile
from datetime import date

import msoffcrypto
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError
from python_calamine import CalamineWorkbook

from sheets.writing import Column, Table, csv_text, protected, workbook

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=40) | st.sampled_from(
    ["=1+1", "+62811", "-1", "@SUM(A1)", "'quoted", "http://example.org", "{=1}", "_x0041_", "3319020505909001", "0811"]
)
ROWS = st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=5)
COLUMNS = [Column("NIK"), Column("Nama"), Column("HP")]


@given(ROWS)
def test_written_is_read(rows: list[list[str]]) -> None:
    """Whatever text is written is read back, and the file holds neither formula nor link."""
    body = workbook([Table("Data", COLUMNS, rows)])
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f" not in sheet
        assert "hyperlink" not in sheet
        assert not any("rels" in name and "sheet" in name for name in parts.namelist())
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0)
    found = sheet.to_python(skip_empty_area=False)
    width = range(3)
    read = [[str(row[place]) if place < len(row) else "" for place in width] for row in found]
    while rows and not any(rows[-1]):
        rows = rows[:-1]
    assert read == [["NIK", "Nama", "HP"], *rows]


@given(ROWS)
def test_csv_is_harmless(rows: list[list[str]]) -> None:
    """A CSV cell neither begins like a formula nor is a number that would be rounded; an apostrophe less is the text."""
    read = list(csv.reader(io.StringIO(csv_text(["NIK", "Nama", "HP"], rows).decode("utf-8-sig"), newline="")))
    for row in read[1:]:
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
            assert not (cell.isdigit() and len(cell) > 11)
    assert [[cell.removeprefix("'") for cell in row] for row in read[1:]] == rows


def test_kinds_of_cells() -> None:
    """Dates and numbers are such where they are asked for, and a NIK keeps its 16 digits."""
    columns = [Column("Lahir", kind="date"), Column("Bulan", kind="number"), Column("NIK")]
    body = workbook([Table("Data", columns, [[date(1990, 5, 5), 12, "3319020505909001"]])])
    row = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_name("Data").to_python()[1]
    assert row == [date(1990, 5, 5), 12.0, "3319020505909001"]
    assert csv_text(["Lahir"], [[date(1990, 5, 5)]]) == b'\xef\xbb\xbf"Lahir"\r\n"1990-05-05"\r\n'


def test_equal_bytes() -> None:
    """The same table is the same file, so that a checksum says something."""
    assert workbook([Table("Data", COLUMNS, [["1", "2", "3"]])]) == workbook(
        [Table("Data", COLUMNS, [["1", "2", "3"]])]
    )


def test_locked() -> None:
    """A locked file is opened by its password and by no other, and holds the same workbook."""
    body = workbook([Table("Data", COLUMNS, [["3319020505909001", "Contoh", ""]])])
    locked = protected(body, "padi-sawah-1234")
    assert b"3319020505909001" not in locked
    file = msoffcrypto.OfficeFile(io.BytesIO(locked))
    out = io.BytesIO()
    file.load_key(password="padi-sawah-1234", verify_password=True)
    file.decrypt(out)
    assert out.getvalue() == body
    with pytest.raises((InvalidKeyError, DecryptionError)):
        msoffcrypto.OfficeFile(io.BytesIO(locked)).load_key(password="wrong", verify_password=True)
