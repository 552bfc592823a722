"""The ledger of a broadcast as a table for spreadsheets: one line for each message, without names and Telegram ids."""

from __future__ import annotations

from conversations.words import Lines, Value, _
from handlers.broadcasts import report, wording
from handlers.office import Office
from locales import Words, words
from sheets.writing import csv_rows, csv_text
from storage import broadcasts
from storage.broadcasts import Line
from storage.database import Database

PAGE = 500  # recipients that are read at once
HEADERS = (_("Registration"), _("Place"), _("Outcome"), _("Reason"), _("Time"), _("What they did"))


async def table(database: Database, office: Office, number: int, language: str) -> bytes:
    """Return the table as CSV, every cell text; raises LookupError for a broadcast that never was.

    It is read page by page, each in a transaction of its own: a reader that stays long keeps the log from being emptied.
    """
    async with database.read() as tx:
        broadcast = await broadcasts.get(tx, number)
    if broadcast is None:
        raise LookupError("There is no such broadcast.")
    reader, until, last = words(language), report.until(broadcast, office.clock()), 0
    body = bytearray(csv_text([reader.plain(header) for header in HEADERS], []))
    while True:
        async with database.read() as tx:
            page = await broadcasts.lines(tx, number, last, PAGE, until)
        body += csv_rows(_cells(reader, office, line) for line in page)
        if len(page) < PAGE:
            return bytes(body)
        last = page[-1].id


def _cells(reader: Words, office: Office, line: Line) -> list[str]:
    areas = office.areas
    return [
        line.registration or "",
        areas.name(line.area) if areas.known(line.area) else "",
        reader.plain(wording.STATES[line.state]),
        "" if line.reason is None else reader.plain(wording.why(line.state, line.reason)),
        "" if line.at is None else f"{line.at.astimezone(office.zone):%Y-%m-%d %H:%M}",
        reader.plain(Lines(_did(line), ", ")),
    ]


def _did(line: Line) -> list[Value]:
    """Say what somebody did after the message."""
    pressed = report.ACTIONS.get(line.action or "")
    done: list[Value] = [] if pressed is None else [pressed]
    done += [_("sent a registration")] if line.finished else []
    done += [_("paid")] if line.paid and line.action != "paid" else []
    return done
