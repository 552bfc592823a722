"""The desk: files that people send in, each read for a purpose. `bot.desk` does the work; here stands what it means.

A purpose is a `Reader`, registered with `@reads`. Its file comes in three steps: the person says what it will be for
(`storage.uploads.expect`), sends it (`received`), and after the desk has read it says whether it is to be entered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from aiogram import Router
from aiogram.types import CallbackQuery, Document

from conversations.verdicts import Bad, Counts, Good, Verdict
from conversations.words import Lines, Text, Value, _, paragraphs
from handlers.visit import Key, Visit, button, pressed_button, pressed_on
from sheets.reading import LARGEST, MOST_COLUMNS, MOST_ROWS, Sheet
from sheets.writing import Column, Table, workbook
from storage import files, uploads
from storage.uploads import Stage, Upload

router = Router(name="desk")

AT_ONCE = 10  # lists of one person that may be open
FEW = 3  # rows whose reasons are told in the chat too
ID = re.compile(r"[0-9]{1,18}")
BAR = 10  # signs of the progress bar
ROW, WANTED = _("Row"), _("To be put right")


class Reader(Protocol):
    """What is done with the files of one purpose.

    `pasted` are the fields of lines without a header, in order; `columns` those of the file that returns the rows to be
    put right, by field, each with its header.
    """

    @property
    def pasted(self) -> Sequence[str]: ...  # noqa: D102  # said above
    @property
    def columns(self) -> Mapping[str, Text]: ...  # noqa: D102  # likewise

    async def may(self, visit: Visit, upload: Upload) -> bool:
        """Tell whether the sender may do this, now; asked before every step."""
        ...

    async def check(self, visit: Visit, upload: Upload, sheet: Sheet) -> list[Verdict]:
        """Say what can be done with each row; changes nothing. Raises nothing for what stands in a row."""
        ...

    async def enter(self, visit: Visit, upload: Upload, rows: Sequence[Good]) -> int:
        """Enter rows and return how many were new; they may be the same again after a restart."""
        ...

    def asks(self, counts: Counts) -> Value:
        """Return what was found, in words."""
        ...

    def agrees(self, counts: Counts) -> Text:
        """Return the label of the button that enters the good rows."""
        ...

    async def entered(self, visit: Visit, upload: Upload, sheet: Sheet, verdicts: Sequence[Verdict]) -> None:
        """Say that all is entered, and tell others whom it concerns; the verdicts are of afterwards."""
        ...


READERS: dict[str, Reader] = {}


def reads(purpose: str, reader: Reader) -> None:
    """Say who reads the files of this purpose; it stands beside the screens it belongs to."""
    READERS[purpose] = reader


REFUSALS: dict[str, Text] = {
    "empty": _("The file is empty."),
    "too_large": _("The file is larger than {most} MB. Please send it in parts.", most=LARGEST // 2**20),
    "too_many_rows": _("The file has more than {most} rows. Please send it in parts.", most=MOST_ROWS),
    "too_many_columns": _("The file has more than {most} columns. Please use the template: /contoh.", most=MOST_COLUMNS),
    "bomb": _("This file cannot be read safely. Please copy the rows into the template, /contoh, and send that."),
    "encrypted": _("The file is locked with a password. Please save it without one and send it again."),
    "old_workbook": _("This is a workbook of the old kind. Please save it as XLSX or CSV and send it again."),
    "unknown": _("This is no table that I can read. Please send XLSX or CSV; /contoh gives a template."),
    "damaged": _("The file is damaged. Please save it once more and send it again."),
    "no_header": _("I do not find the row with the names of the columns. /contoh gives a template that fits."),
    "hidden": _("The table is on a hidden sheet. Please show that sheet, save, and send it again."),
    "no_rows": _("There are no rows in it."),
    "lost": _("The file could not be fetched from Telegram. Please send it once more."),
    "denied": _("You may no longer do this here. Nothing more was entered."),
    "fault": _("Sorry, something went wrong here. Please send the file once more."),
}  # fmt: skip


async def received(visit: Visit, document: Document, message: int) -> bool:
    """Put a file onto the desk where one is expected, and tell whether it was."""
    wanted = await uploads.expected(visit.tx, visit.id, visit.now)
    if wanted is None:
        return False
    if (document.file_size or 0) > LARGEST:
        visit.forget(message)
        visit.say(REFUSALS["too_large"])
        return True
    wish = {**wanted.wish, "file": document.file_id, "message": message, "language": visit.words.language}
    await _put(visit, wanted, wish, None)
    return True


async def pasted(visit: Visit, text: str, message: int) -> bool:
    """Put pasted lines onto the desk where a file is expected, and tell whether they were."""
    wanted = await uploads.expected(visit.tx, visit.id, visit.now)
    if wanted is None or not _like_rows(text):
        return False
    visit.forget(message)
    await _put(visit, wanted, {**wanted.wish, "language": visit.words.language}, text.encode())
    return True


def _like_rows(text: str) -> bool:
    """Tell whether a text is meant as rows: signs between columns, and a number as long as those of a registration."""
    return any(
        sum(character.isdigit() for character in line) >= 6 and any(sign in line for sign in "#;|\t,")  # noqa: PLR2004  # no shorter number identifies anybody
        for line in text.splitlines()
    ) or (text.count("\n") > 0 and any(character.isdigit() for character in text))


async def _put(visit: Visit, wanted: Upload, wish: dict[str, Any], body: bytes | None) -> None:
    if await uploads.open_ones(visit.tx, visit.id) >= AT_ONCE:
        visit.say(_("Please decide on the lists you have sent first; then send this one again."))
        return
    upload = await uploads.put(visit.tx, visit.id, wanted.purpose, wish, visit.now, body=body)
    visit.say(_("📥 Received. I am reading it."), slot=f"upload:{upload}")


def read(visit: Visit, upload: Upload, sheet: Sheet, verdicts: Sequence[Verdict]) -> None:
    """Say what was found, with the rows to be put right as a file, and ask whether the good ones are to be entered."""
    reader, counts = READERS[upload.purpose], Counts.of(verdicts)
    bad = [one for one in verdicts if isinstance(one, Bad)]
    notes = [
        _("Only the sheet “{name}” was read.", name=sheet.name) if "several" in sheet.notes else "",
        _("A hidden sheet was not read.") if "hidden" in sheet.notes else "",
    ]
    keys = [[Key(reader.agrees(counts), button("desk", "enter", str(upload.id)))]] if counts.good else []
    keys += [[Key(_("Cancel"), button("desk", "cancel", str(upload.id)))]] if counts.good else []
    visit.say(paragraphs(reader.asks(counts), _reasons(bad), Lines(notes)), keys, slot=upload.slot)


def _reasons(bad: Sequence[Bad]) -> Value:
    """Return the reasons of a few rows; of many, the file tells them."""
    lines: list[Value] = [
        _("Row {line}: {reasons}", line=one.line, reasons=Lines(one.reasons, " ")) for one in bad[:FEW]
    ]
    more = len(bad) - FEW
    return Lines([*lines, _("… and {more} more, in the file.", more=more) if more > 0 else ""])


async def returned(visit: Visit, upload: Upload, sheet: Sheet, verdicts: Sequence[Verdict]) -> None:
    """Send back the rows that have to be put right, each with its reasons: to be changed there and sent again."""
    why = {one.line: one.reasons for one in verdicts if isinstance(one, Bad)}
    if not why:
        return
    columns, words = READERS[upload.purpose].columns, visit.words
    heads = [Column(words.plain(header), 24) for header in columns.values()]
    rows = [
        [*(row.cells.get(name, "") for name in columns), str(row.line), words.plain(Lines(why[row.line], " "))]
        for row in sheet.rows
        if row.line in why
    ]
    table = Table(words.plain(WANTED), [*heads, Column(words.plain(ROW), 8), Column(words.plain(WANTED), 60)], rows)
    await send(
        visit,
        "perbaikan.xlsx",
        workbook([table]),
        _("These rows have to be put right. Change them here and send the file again."),
    )


async def send(visit: Visit, name: str, body: bytes, caption: Value) -> None:
    """Send the person a file, which is kept sealed until it is sent, for a day at most."""
    ticket = await files.keep(visit.tx, visit.id, name, body, visit.now)
    payload = {"chat_id": visit.id, "document": {"file": ticket}, "caption": visit.words(caption), "parse_mode": "HTML"}
    visit.post("sendDocument", payload)


def progress(visit: Visit, upload: Upload, entered: int, of: int) -> None:
    """Show how far the entering is."""
    visit.say(_("{bar} {entered} of {of}", bar=bar(entered, of), entered=entered, of=of), slot=upload.slot)


def bar(part: int, of: int) -> str:
    """Draw how much of the whole is done."""
    full = BAR * part // max(of, 1)
    return "▓" * full + "░" * (BAR - full)


def refuse(visit: Visit, upload: Upload, code: str) -> None:
    """Say why a file was not read."""
    visit.say(REFUSALS.get(code, REFUSALS["fault"]), slot=upload.slot)


@router.callback_query(pressed_on("desk"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Enter what was read, or leave it; only its sender, once."""
    action, subject = pressed_button(callback.data)
    upload = await uploads.get(visit.tx, int(subject), locked=True) if ID.fullmatch(subject) else None
    if upload is None or upload.person != visit.id or upload.stage is not Stage.ASKING:
        visit.refuse("desk", _("This list has been dealt with, or its time is over."))
        visit.lay_aside()
        return
    if action == "enter" and await READERS[upload.purpose].may(visit, upload):
        await uploads.move(visit.tx, upload.id, Stage.ASKING, Stage.ENTERING, visit.now)
        progress(visit, upload, 0, int(upload.result.get("good", 0)))
    elif action == "enter":
        await uploads.move(visit.tx, upload.id, Stage.ASKING, Stage.REFUSED, visit.now)
        visit.refuse("desk", REFUSALS["denied"])
        visit.lay_aside()
    elif action == "cancel":
        await uploads.move(visit.tx, upload.id, Stage.ASKING, Stage.CANCELLED, visit.now)
        visit.show(_("Stopped. Nothing was entered, and the list is erased here."))
