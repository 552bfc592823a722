"""Reads a table out of a file or a pasted text, trusting nothing in it.

XLSX, CSV (comma, semicolon, tab) and lines such as `NIK#Nama#HP#Pekerjaan` become a `Sheet`: rows of text by field.
Nothing is calculated: of a formula the value counts that was stored with it. A long number that a spreadsheet has
spoiled is named as damaged, never guessed.

A hostile file can make any parser of workbooks ask for all memory there is (two cells in opposite corners are
enough), so whoever does not know where a file comes from reads it with `sheets.apart`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from sheets import columns

LARGEST = 5 * 1024 * 1024  # bytes
MOST_ROWS, MOST_COLUMNS = 5000, 200
LONGEST = 500  # characters of a cell that are kept
HEADER_WITHIN = 30  # rows from the top; above it stand titles
PASTED = ("nik", "name", "phone", "occupation", "village", "address", "relation")  # the order of lines without a header

_EXACT = 2**53  # up to here, a spreadsheet's numbers are whole
_NIK = 16
_NUMBER_SHORTENED = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_SPOILED_FROM = 3  # so many rounded numbers in a column are no accident

Cell = str | float | int | None


class SheetError(Exception):
    """A file cannot be read; `code` says why, and whoever shows it has the words.

    Codes: empty, too_large (bytes), too_many_rows, too_many_columns, bomb, encrypted, old_workbook, unknown, damaged,
    no_header, hidden, no_rows.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"The sheet cannot be read: {code}.")
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `line` is its number as the person sees it, `cells` the text by field, empty ones left out.

    `damaged` are fields whose number a spreadsheet has rounded or shortened, `merged` those whose cell is merged.
    """

    line: int
    cells: dict[str, str] = field(repr=False)
    damaged: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its rows, the fields it has in their order, its name in the workbook, and what else should be said.

    Notes: "several" (other sheets have rows too and were not read), "hidden" (a hidden sheet has rows).
    """

    rows: tuple[Row, ...]
    fields: tuple[str, ...]
    name: str = ""
    notes: tuple[str, ...] = ()


def read(body: bytes, pasted: Sequence[str] = PASTED) -> Sheet:
    """Read a file, or a text as bytes; raises SheetError. Lines without a header hold the fields `pasted`, in order."""
    from sheets import text, workbook  # noqa: PLC0415  # they build on what stands here

    if len(body) > LARGEST:
        raise SheetError("too_large")
    if not body.strip():
        raise SheetError("empty")
    return workbook.read(body, pasted) if workbook.recognised(body) else text.read(body, pasted)


def table(
    rows: Iterable[Sequence[Cell]], pasted: Sequence[str], merged: frozenset[tuple[int, int]] = frozenset()
) -> Sheet:
    """Make a sheet of raw rows, the first being line 1; raises SheetError. `merged` are cells by line and column."""
    above, fields = [], {}
    rest = iter(rows)
    for cells in rest:
        above.append(cells)
        if len(cells) > MOST_COLUMNS:
            raise SheetError("too_many_columns")
        fields = _header(cells)
        if fields or len(above) == HEADER_WITHIN:
            break
    start = len(above) + 1
    if not fields:
        fields, start, rest = _without_header(above, pasted), 1, chain(above, rest)
    found = [_row(line, cells, fields, merged) for line, cells in enumerate(rest, start)]
    kept = [row for row in found if row.cells]
    if not kept:
        raise SheetError("no_rows")
    if len(kept) > MOST_ROWS:
        raise SheetError("too_many_rows")
    return Sheet(tuple(_spoiled(kept)), tuple(fields.values()))


def _header(cells: Sequence[Cell]) -> dict[int, str]:
    """Return the fields by column where a row is a header: it names a NIK or a registration, and something beside it."""
    fields = columns.fields([clean(cell) for cell in cells])
    return fields if len(fields) > 1 and {"nik", "number"} & set(fields.values()) else {}


def _without_header(rows: Sequence[Sequence[Cell]], pasted: Sequence[str]) -> dict[int, str]:
    """Take the columns in the order of a pasted list, where the first row has what belongs in the first of them."""
    first = next((row for row in rows if any(clean(cell) for cell in row)), ())
    telling = first[:1] if pasted[0] in columns.DIGITS else first  # a registration's number has few digits
    digits = sum(character.isdigit() for cell in telling for character in clean(cell))
    if digits < _NIK // 2 or len(first) == 1:
        raise SheetError("no_header")
    return dict(enumerate(pasted))


def _row(line: int, cells: Sequence[Cell], fields: dict[int, str], merged: frozenset[tuple[int, int]]) -> Row:
    texts: dict[str, str] = {}
    damaged = []
    for place, name in fields.items():
        cell = cells[place] if place < len(cells) else None
        text = clean(cell)
        if text:
            texts[name] = text
            if name in columns.DIGITS and _damaged(cell, text):
                damaged.append(name)
    touched = [name for place, name in fields.items() if (line, place) in merged]
    return Row(line, texts, tuple(damaged), tuple(touched))


def _damaged(cell: Cell, text: str) -> bool:
    """Tell whether a spreadsheet has spoiled a long number: beyond fifteen digits it writes zeros, or a power of ten."""
    if _NUMBER_SHORTENED.fullmatch(text):
        return True
    return isinstance(cell, float | int) and len(text) >= _NIK and (text.endswith("0") or abs(cell) > _EXACT)


def _spoiled(rows: list[Row]) -> list[Row]:
    """Name the NIK that end in 0 where most of them do: the column was rounded before it was saved as text."""
    rounded = [row for row in rows if re.fullmatch(r"\d{15}0", row.cells.get("nik", ""))]
    whole = [row for row in rows if re.fullmatch(r"\d{16}", row.cells.get("nik", ""))]
    if len(rounded) < _SPOILED_FROM or 2 * len(rounded) <= len(whole):
        return rows
    lines = {row.line for row in rounded}
    return [
        Row(row.line, row.cells, tuple(dict.fromkeys([*row.damaged, "nik"])), row.merged) if row.line in lines else row
        for row in rows
    ]


def clean(cell: Cell) -> str:
    """Return a cell as one line of text, without what is invisible and without the apostrophe that marks a text."""
    if isinstance(cell, bool) or cell is None:
        return ""
    if isinstance(cell, float):
        cell = int(cell) if cell.is_integer() and abs(cell) < 10 * _EXACT else repr(cell)
    text = unicodedata.normalize("NFC", str(cell)[: 4 * LONGEST])
    spaced = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    visible = "".join(one for one in spaced if unicodedata.category(one) not in {"Cf", "Cs", "Co", "Cn"})
    return " ".join(visible.split()).lstrip("'‘’`").strip()[:LONGEST]
