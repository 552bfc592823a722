"""Reads tables from XLSX workbooks, the stored values only: no formula is calculated and no macro is run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from sheets.reading import MOST_COLUMNS, MOST_ROWS, Cell, Sheet, SheetError, table

_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MOST_PARTS = 500
UNPACKED = 64 * 1024 * 1024  # bytes of all parts together
RATIO = 250  # times a large part may shrink; ordinary sheets shrink ten to fifty times
LARGE = 4 * 1024 * 1024  # bytes from which a part is large
_STEP = 1 << 20
_MOST_SHEETS = 50
_ROOM = 4  # times the rows we take, so that blank rows between do no harm


def recognised(body: bytes) -> bool:
    """Tell whether these bytes are a workbook of some kind."""
    return body.startswith((_ZIP, _OLE))


def read(body: bytes, pasted: Sequence[str]) -> Sheet:
    """Read the first visible sheet that has a table; raises SheetError."""
    if body.startswith(_OLE):
        raise SheetError("encrypted" if _ENCRYPTED in body else "old_workbook")
    _check(body)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(body)) as workbook:
            return _chosen(workbook, pasted)
    except (SheetError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001  # the parser is Rust: its panics are no Exception, and may quote the file
        raise SheetError("damaged") from None


def _check(body: bytes) -> None:
    """Refuse what is no workbook, or would grow too much; sizes are found out, since those written in it may lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            refused = _refused(archive.infolist())
            if refused is None:
                _unpack(archive)
    except Exception:  # noqa: BLE001  # zipfile raises many kinds for damaged archives
        refused = "damaged"
    if refused is not None:
        raise SheetError(refused)


def _refused(parts: Sequence[zipfile.ZipInfo]) -> str | None:
    """Say why an archive is not opened, by what its table of contents tells."""
    names = {part.filename for part in parts}
    if "EncryptedPackage" in names or any(part.flag_bits & 1 for part in parts):
        return "encrypted"
    if "xl/workbook.xml" not in names:
        return "unknown"
    if len(parts) > MOST_PARTS or len(names) != len(parts) or sum(part.file_size for part in parts) > UNPACKED:
        return "bomb"
    return "bomb" if any(part.file_size > max(LARGE, RATIO * part.compress_size) for part in parts) else None


def _unpack(archive: zipfile.ZipFile) -> None:
    """Unpack everything once, a little at a time: a part that is larger than it says raises an error."""
    for part in archive.infolist():
        with archive.open(part) as content:
            while content.read(_STEP):
                pass


def _chosen(workbook: CalamineWorkbook, pasted: Sequence[str]) -> Sheet:
    """Return the first visible table, and note the ones that were not read."""
    visible: list[Sheet] = []
    hidden: list[str] = []
    refused: list[SheetError] = []
    for meta in workbook.sheets_metadata[:_MOST_SHEETS]:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        try:
            found = _table(workbook.get_sheet_by_name(meta.name), pasted)
        except SheetError as error:
            refused += [error]
            continue
        if meta.visible == SheetVisibleEnum.Visible:
            visible.append(replace(found, name=meta.name))
        else:
            hidden.append(meta.name)
    if not visible:
        raise SheetError("hidden") if hidden else _foremost(refused)
    notes = [("several", len(visible) > 1), ("hidden", bool(hidden))]
    return replace(visible[0], notes=tuple(note for note, holds in notes if holds))


def _foremost(refused: Sequence[SheetError]) -> SheetError:
    """Return what to say of a workbook without a table: the most telling of its sheets' reasons."""
    codes = {error.code for error in refused}
    order = ("too_many_columns", "too_many_rows", "no_rows", "no_header")
    return SheetError(next((code for code in order if code in codes), "no_rows"))


def _table(sheet: CalamineSheet, pasted: Sequence[str]) -> Sheet:
    if sheet.total_width > MOST_COLUMNS:
        raise SheetError("too_many_columns")
    if sheet.total_height > _ROOM * MOST_ROWS:
        raise SheetError("too_many_rows")
    if sheet.height == 0:
        raise SheetError("no_rows")
    rows: list[list[Cell]] = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    merged = frozenset(
        (row + 1, column)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if (bottom - top) < MOST_ROWS and (right - left) < MOST_COLUMNS
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    )
    return table(rows, pasted, merged)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | float | int):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else ""
