"""Files that people send by mistake or with intent: each a function that returns its bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from xlsxwriter import Workbook

from sheets.writing import protected

NIK = "3319020505909{:03}"
BLANKS = 200 * 2**20


def book(fill: Callable[[Workbook], None]) -> bytes:
    """An XLSX file, filled by `fill`."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as made:
        fill(made)
    return out.getvalue()


def rows(count: int, columns: int = 2) -> bytes:
    """So many ordinary rows of so many columns."""

    def fill(made: Workbook) -> None:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["NIK", "Nama", *(f"Kolom {number}" for number in range(columns - 2))])
        for line in range(1, count + 1):
            sheet.write_row(line, 0, [NIK.format(line % 1000), "Ani", *["x"] * (columns - 2)])

    return book(fill)


def corners() -> bytes:
    """Two cells in opposite corners: five kilobytes that ask a parser for all the memory there is."""

    def fill(made: Workbook) -> None:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "NIK")
        sheet.write(1_048_575, 16_383, "x")

    return book(fill)


def _with_sheet(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(rows(1))) as plain, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for part in plain.infolist():
            bad.writestr(part.filename, content if "sheet1" in part.filename else plain.read(part.filename))
    return out.getvalue()


def zip_bomb() -> bytes:
    """A part that grows a thousandfold."""
    return _with_sheet(b"<worksheet>" + b" " * BLANKS)


def lying_bomb() -> bytes:
    """The same, with a size written in it that is a lie."""
    true = (len(b"<worksheet>") + BLANKS).to_bytes(4, "little")
    return zip_bomb().replace(true, (1000).to_bytes(4, "little"))


def entities() -> bytes:
    """Entities that name each other ten times over, nine deep."""
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{names}]>'
    cell = '<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&e9;</v></c></row></sheetData></worksheet>'
    return _with_sheet((head + cell).encode())


def many_parts() -> bytes:
    """A workbook with thousands of parts."""
    out = io.BytesIO(rows(1))
    with zipfile.ZipFile(out, "a") as bad:
        for number in range(2000):
            bad.writestr(f"xl/media/{number}", b"")
    return out.getvalue()


def locked() -> bytes:
    """A workbook behind a password."""
    return protected(rows(1), "rahasia")


def macros() -> bytes:
    """An ordinary workbook with a macro beside it."""
    out = io.BytesIO(rows(1))
    with zipfile.ZipFile(out, "a") as bad:
        bad.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 Sub AutoOpen()")
    return out.getvalue()


def old_workbook() -> bytes:
    """The beginning of a workbook of the kind before 2007."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def other_archive() -> bytes:
    """A ZIP archive that is no workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("catatan.txt", "NIK")
    return out.getvalue()
