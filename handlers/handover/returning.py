"""What comes back from BPJS: each row checked against its hand-over, then recorded, and the people told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from conversations import paying
from conversations.verdicts import Bad, Counts, Good, Known, Verdict
from conversations.words import Lines, Number, Text, Value, _
from handlers import desk, notices, programmes, rights
from handlers.handover import answers
from handlers.handover.answers import Answer
from handlers.visit import Visit
from sheets.reading import Sheet
from storage import handovers, registrations, uploads
from storage.handovers import Handover
from storage.registrations import Handed, MovedError, NotAllowedError, Registration, State
from storage.uploads import Upload

PASTED = ("number", "kpj", "cover_from")  # the order of lines without a header
WAITS = {State.HANDED_OVER, State.NOT_MATCHED}
COVERED = {State.ACTIVE, State.LAPSED}

ELSEWHERE = _("It is not in this hand-over.")
OTHER_KPJ = _("Another KPJ number is recorded for it already. Please check with the branch.")
CLOSED = _("It is closed already.")
IS_COVERED = _("It is covered already, so it can no longer be refused here.")
OWN = _("It is your own, or you entered it. Another admin has to enter this answer.")


async def expect_answer(visit: Visit, handover: Handover) -> None:
    """Wait for the branch's file, or for pasted lines."""
    await uploads.expect(visit.tx, visit.id, "return", {"handover": handover.id}, visit.now)
    visit.leave()  # the password's button stays where it is
    visit.say(
        _(
            "<b>Answer of BPJS to hand-over {number}.</b>\nPlease send the branch's file (XLSX or CSV) with the registration "
            "number or NIK, the KPJ, and the date from which cover holds; or why not.\nOr paste lines: "
            "<code>number;KPJ;01-12-2026</code>",
            number=handover.id,
        )
    )


async def check(visit: Visit, handover: int, sheet: Sheet) -> list[Verdict]:
    """Say of each row what recording it would do; changes nothing."""
    read = [(row.line, answers.read(row.cells, row.damaged)) for row in sheet.rows]
    found = await _found(visit, handover, [one for _line, one in read if isinstance(one, Answer)])
    return [
        Bad(line, (one,))
        if isinstance(one, Text)
        else _verdict(visit, line, one, found.get(one.number or "") or found.get(one.nik or ""))
        for line, one in read
    ]


async def _found(visit: Visit, handover: int, given: Sequence[Answer]) -> dict[str, Handed]:
    """Return the registrations of a hand-over that answers name, by number and by NIK."""
    numbers = {one.number for one in given if one.number is not None}
    niks = {one.nik for one in given if one.nik is not None}
    found: dict[str, Handed] = {}
    async for one in registrations.handed_among(visit.tx, handover, numbers, niks):
        found[one.registration.number] = one
    named = await registrations.handed_with(visit.tx, handover, niks)
    return found | {nik: found[number] for nik, number in named.items() if number in found}


def _verdict(visit: Visit, line: int, answer: Answer, found: Handed | None) -> Verdict:
    if found is None:
        return Bad(line, (ELSEWHERE,))
    registration = found.registration
    entry = _entry(answer, found)
    if _recorded(registration, answer, entry):
        return Known(line, registration.number)
    wrong = _wrong(visit, answer, registration)
    return Good(line, entry) if wrong is None else Bad(line, (wrong,))


def _recorded(registration: Registration, answer: Answer, entry: dict[str, Any]) -> bool:
    """Tell whether this answer was recorded before."""
    match answer.outcome:
        case "active":
            return registration.state in COVERED and registration.kpj == answer.kpj and _no_longer(registration, entry)
        case "not_matched":
            return registration.state == State.NOT_MATCHED and registration.wanted == registrations.CONSOLIDATION
        case "rejected":
            return registration.state == State.REJECTED


def _no_longer(registration: Registration, entry: Mapping[str, Any]) -> bool:
    """Tell whether an answer names the cover that is recorded, and nothing paid beyond it: an old file sent again."""
    if registration.cover_from is None or entry["cover_from"] != registration.cover_from.isoformat():
        return False
    until, recorded = entry["paid_until"], registration.paid_until
    return until is None or (recorded is not None and until <= recorded.isoformat())


def _wrong(visit: Visit, answer: Answer, registration: Registration) -> Text | None:
    """Return why an answer cannot be recorded."""
    state = registration.state
    if state not in WAITS | COVERED:
        return CLOSED
    if answer.outcome == "active":
        return OTHER_KPJ if registration.kpj not in {None, answer.kpj} else None
    if state in COVERED:
        return IS_COVERED
    own = visit.id in {registration.person, registration.registered_by}
    return OWN if answer.outcome == "rejected" and own else None


def _entry(answer: Answer, found: Handed) -> dict[str, Any]:
    """Return what is to be recorded; of cover, from when and until when."""
    start, until = answer.cover_from, answer.paid_until
    if start is not None and until is None:
        until = _expected_until(found, start)
    return {
        "number": found.registration.number,
        "outcome": answer.outcome,
        "kpj": answer.kpj,
        "cover_from": None if start is None else start.isoformat(),
        "paid_until": None if until is None else until.isoformat(),
        "reason": answer.reason,
    }


def _expected_until(found: Handed, start: date) -> date | None:
    """Return until when is recorded as paid where BPJS does not say: as before, else for the months that were planned."""
    registration = found.registration
    if start == registration.cover_from and registration.paid_until is not None:
        return registration.paid_until
    months = found.months or paying.months_chosen(registration.document or {})
    return None if months is None else answers.until(start, months)


async def enter(visit: Visit, handover: int, rows: Sequence[Good]) -> int:
    """Record answers and tell the people; what has changed since it was checked is left, and shows at the next look."""
    freed: set[str] = set()
    entered = 0
    actor = visit.id or None
    await registrations.lock_all(visit.tx, [row.entry["number"] for row in rows])
    for row in rows:
        try:
            after = await record(visit, row.entry, actor)
        except (MovedError, NotAllowedError):
            continue
        await registrations.answered(visit.tx, handover, after.number, row.entry["outcome"])
        await notices.tell(visit, after)
        if after.state == State.REJECTED and after.programme is not None:
            freed.add(after.programme)
        entered += 1
    for code in sorted(freed):
        await programmes.promote(visit, code)
    return entered


async def record(visit: Visit, entry: Mapping[str, Any], actor: int | None) -> Registration:
    """Record one answer; raises MovedError, NotAllowedError."""
    number, tx, now = entry["number"], visit.tx, visit.now
    match entry["outcome"]:
        case "active":
            until = entry["paid_until"]
            return await registrations.activate(
                tx,
                number,
                kpj=entry["kpj"],
                cover_from=date.fromisoformat(entry["cover_from"]),
                paid_until=None if until is None else date.fromisoformat(until),
                actor=actor,
                now=now,
            )
        case "not_matched":
            return await registrations.unmatched(tx, number, actor=actor, now=now)
        case _:
            before = await registrations.get(tx, number)
            if before is None:
                raise LookupError(number)
            frm, reason = before.state, f"={entry['reason']}"
            return await registrations.move(tx, number, State.REJECTED, actor=actor, reason=reason, now=now, frm=frm)


class Returns:
    """Reads the branch's files on the desk."""

    pasted: Sequence[str] = PASTED
    columns: dict[str, Text] = {  # noqa: RUF012  # never changed
        "number": _("Registration number"),
        "nik": _("NIK"),
        "kpj": _("KPJ number"),
        "cover_from": _("Covered from"),
        "paid_until": _("Paid until"),
        "status": _("Status"),
        "reason": _("Reason"),
    }

    async def may(self, visit: Visit, upload: Upload) -> bool:
        """Tell whether the sender is an admin, and the hand-over one that waits for answers."""
        handover = await handovers.get(visit.tx, int(upload.wish["handover"]))
        return (
            handover is not None
            and handover.state == "ready"
            and visit.id in await rights.admins(visit, visit.office.area)
        )

    async def check(self, visit: Visit, upload: Upload, sheet: Sheet) -> list[Verdict]:
        """Say what recording each row would do."""
        return await check(visit, int(upload.wish["handover"]), sheet)

    async def enter(self, visit: Visit, upload: Upload, rows: Sequence[Good]) -> int:
        """Record answers."""
        return await enter(visit, int(upload.wish["handover"]), rows)

    def asks(self, counts: Counts) -> Value:
        """Say what was found."""
        return Lines(
            [
                _("<b>Answer of BPJS.</b> New: {count}.", count=Number(counts.good)),
                _("Recorded already: {count}.", count=Number(counts.known)) if counts.known else "",
                _("To be put right: {count}.", count=Number(counts.bad)) if counts.bad else "",
                _("Once recorded, the workers are told.") if counts.good else "",
            ]
        )

    def agrees(self, counts: Counts) -> Text:
        """Label the button that records them."""
        return _("✅ Record {count} answers", count=Number(counts.good))

    async def entered(self, visit: Visit, upload: Upload, _sheet: Sheet, _verdicts: Sequence[Verdict]) -> None:
        """Say that it is done, and what the hand-over still waits for."""
        number = int(upload.wish["handover"])
        await handovers.note(visit.tx, number, "answer recorded", visit.id, visit.now)
        left = (await handovers.outcomes(visit.tx, number)).get("", 0)
        said = (
            _("✅ Recorded. Hand-over {number} still waits for {count} answers.", number=number, count=Number(left))
            if left
            else _("✅ Recorded. Hand-over {number} is answered in full.", number=number)
        )
        visit.say(said, slot=upload.slot)


desk.reads("return", Returns())
