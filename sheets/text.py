"""Reads tables from text: CSV as spreadsheets save it, and lines somebody pasted."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from sheets.reading import MOST_COLUMNS, MOST_ROWS, Sheet, SheetError, table

_SEPARATORS = "#;|\t,"  # the rarer in ordinary text, the earlier
_LOOKED_AT = 20  # lines by which the separator is told
_SWALLOWED = re.compile(r"[\r\n][^\r\n]*\d{15}")
_PDF = b"%PDF"
_STRANGE = 0.02  # share of control characters from which it is no text


def read(body: bytes, pasted: Sequence[str]) -> Sheet:
    """Read a text; raises SheetError."""
    text = _decoded(body).lstrip("\ufeff")
    lines = text.splitlines()
    separator = _separator([line for line in lines if line.strip()][:_LOOKED_AT])
    if lines and lines[0].casefold().startswith("sep="):
        text, separator = "\n" + text.split("\n", 1)[-1], lines[0][4:5] or separator
    rows = _rows(text, separator, csv.QUOTE_NONE if separator in "#|" else csv.QUOTE_MINIMAL)
    if any(_SWALLOWED.search(cell) for row in rows for cell in row):
        rows = _rows(text, separator, csv.QUOTE_NONE)  # a stray quotation mark would hide the rows after it
    return table(rows, pasted)


def _rows(text: str, separator: str, quoting: int) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting):  # type: ignore[arg-type]
            if len(row) > MOST_COLUMNS:
                raise SheetError("too_many_columns")
            rows.append(row)
            if len(rows) > 2 * MOST_ROWS:
                raise SheetError("too_many_rows")
    except csv.Error:
        raise SheetError("damaged") from None
    return rows


def _separator(lines: Sequence[str]) -> str:
    """Return the sign that stands in most lines equally often."""

    def even(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        return sum(count > 0 for count in counts), min((count for count in counts if count), default=0)

    present = [sign for sign in _SEPARATORS if any(sign in line for line in lines)]
    return max(present, key=even, default=",")


def _decoded(body: bytes) -> str:
    """Decode UTF-8, UTF-16 or Windows' own; what is no text at all is none of ours."""
    if body.startswith(_PDF):
        raise SheetError("unknown")
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"} or body[:200:2].count(0) > len(body[:200:2]) // 2:
        encoding = "utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-16-be"
        text = body.decode(encoding, errors="replace")
    elif body[1:200:2].count(0) > len(body[1:200:2]) // 2:
        text = body.decode("utf-16-le", errors="replace")
    else:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = body.decode("cp1252", errors="replace")
    strange = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\r\n\v\f") + text.count("\ufffd")
    if strange > max(_STRANGE * len(text), 20):
        raise SheetError("unknown")
    return text.replace("\0", "")
