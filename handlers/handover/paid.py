"""Contributions paid on: a list from the branch that says until when, for those who are or were covered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from conversations.kinds.line import read_date
from conversations.verdicts import Bad, Good, Known, Verdict
from conversations.words import Text, _
from handlers import notices
from handlers.handover import answers
from handlers.visit import Visit
from sheets.reading import Row, Sheet
from storage import registrations
from storage.registrations import MovedError, NotAllowedError, Registration, State

COVERED = {State.ACTIVE, State.LAPSED}

NOBODY = _("Nobody with this number or NIK is or was covered here.")
NO_DATE = _("It does not say until when is paid. Please write it as 31-12-2026.")


async def check(visit: Visit, sheet: Sheet) -> list[Verdict]:
    """Say of each row what recording it would do; changes nothing."""
    return [await _verdict(visit, row) for row in sheet.rows]


async def _verdict(visit: Visit, row: Row) -> Verdict:
    until = read_date(row.cells.get("paid_until", ""))
    registration = await _found(visit, row)
    if isinstance(registration, Text):
        return Bad(row.line, (registration,))
    if until is None:
        return Bad(row.line, (NO_DATE,))
    if registration.paid_until is not None and until <= registration.paid_until:
        return Known(row.line, registration.number)
    return Good(row.line, {"number": registration.number, "paid_until": until.isoformat()})


async def _found(visit: Visit, row: Row) -> Registration | Text:
    number, nik = answers.identity(row.cells, row.damaged)
    if number is None and nik is None:
        return answers.DAMAGED if "nik" in row.damaged else answers.NOBODY
    found = None if number is None else await registrations.get(visit.tx, number)
    if found is None and nik is not None:
        found = await registrations.covered_with(visit.tx, nik)
    return found if found is not None and found.state in COVERED else NOBODY


async def enter(visit: Visit, rows: Sequence[Good]) -> int:
    """Record what was paid, tell the people, and return for how many."""
    entered = 0
    await registrations.lock_all(visit.tx, [row.entry["number"] for row in rows])
    for row in rows:
        before = await registrations.get(visit.tx, row.entry["number"])
        if before is None or before.kpj is None or before.cover_from is None:
            continue
        try:
            after = await registrations.activate(
                visit.tx,
                before.number,
                kpj=before.kpj,
                cover_from=before.cover_from,
                paid_until=date.fromisoformat(row.entry["paid_until"]),
                actor=visit.id or None,
                now=visit.now,
            )
        except (MovedError, NotAllowedError):
            continue
        await notices.tell(visit, after)
        entered += 1
    return entered
