"""Sheets out: XLSX and CSV in which every cell is only what it says, and a lock with a password.

Nothing here touches the disk: what is written holds personal data, and a temporary file would outlive it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from msoffcrypto.format.ooxml import OOXMLFile
from xlsxwriter import Workbook
from xlsxwriter.format import Format

Cell = str | int | date | None

WRITTEN = datetime(2026, 1, 1)  # noqa: DTZ001  # the format has no zone; a fixed moment, so that equal tables are equal bytes
LONGEST = 32_767  # characters in a cell, the most that spreadsheets take
EXACT = 11  # digits up to which spreadsheets show a number as it was typed
DANGEROUS = "=+-@\t\r\n＝＋－＠"  # a cell that begins so may be run
PLAIN_TEXT, WHOLE_NUMBER = "@", "0"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, its width in characters, and how its cells are kept.

    "text" keeps every sign, which an identity or telephone number needs; `date_format` is the spreadsheet's own way of
    writing one.
    """

    header: str
    width: int = 18
    kind: Literal["text", "number", "date"] = "text"
    date_format: str = "dd-mm-yyyy"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of a workbook: its name (at most 31 characters), its columns, and its rows."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


def workbook(tables: Iterable[Table]) -> bytes:
    """Return an XLSX file; equal tables give equal bytes, and no cell is a formula or a link."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": WRITTEN})
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for table in tables:
            _write(book, head, table)
    return out.getvalue()


def _write(book: Workbook, head: Format, table: Table) -> None:
    sheet = book.add_worksheet(table.name)
    sheet.freeze_panes(1, 0)
    formats = [book.add_format({"num_format": _number_format(column)}) for column in table.columns]
    for place, (column, form) in enumerate(zip(table.columns, formats, strict=True)):
        sheet.set_column(place, place, column.width, form)  # the whole column, so that what is typed later stays text
        sheet.write_string(0, place, column.header, head)
    for line, row in enumerate(table.rows, 1):
        for place, (cell, form) in enumerate(zip(row, formats, strict=True)):
            match cell:
                case None | "":
                    continue
                case str():
                    sheet.write_string(line, place, cell[:LONGEST], form)
                case int():
                    sheet.write_number(line, place, cell, form)
                case date():
                    sheet.write_datetime(line, place, cell, form)


def _number_format(column: Column) -> str:
    match column.kind:
        case "text":
            return PLAIN_TEXT
        case "number":
            return WHOLE_NUMBER
        case "date":
            return column.date_format


def csv_text(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a CSV file: UTF-8 with a mark, commas, every cell in quotation marks, dates as 2026-11-20.

    A spreadsheet would run a cell that begins with one of = + - @, and round a number of 16 digits or drop its first 0.
    Such a cell gets an apostrophe in front, which keeps it text; so does one that has an apostrophe there already, so
    that taking one away gives back exactly what was written.
    """
    return codecs.BOM_UTF8 + csv_rows([headers]) + csv_rows(rows)


def csv_rows(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return rows as they stand in such a file, for one that is written part by part."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([_harmless(_text(cell)) for cell in row] for row in rows)
    return out.getvalue().encode()


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def _harmless(text: str) -> str:
    acts = any(start and start in DANGEROUS for start in (text[:1], text.lstrip()[:1]))
    rounded = text.isdigit() and (len(text) > EXACT or text.startswith("0"))
    return f"'{text}" if acts or rounded or text.startswith("'") else text


def protected(xlsx: bytes, password: str) -> bytes:
    """Lock an XLSX file as Excel and LibreOffice do (agile encryption, AES-256): only the password opens it."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(xlsx)).encrypt(password, out)
    return out.getvalue()
