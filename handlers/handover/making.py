"""What follows a confirmation: the registrations are handed over, some hundred at a time, and the file is made.

It takes longer than a turn may, so it is a round. Each step leaves a state from which the next look goes on, so that
a stop between the confirmation and the file loses neither.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from hashlib import sha256

from conversations.rules.programmes import Programme
from conversations.words import Lines, Number, Value, _, paragraphs
from handlers import programmes, rights
from handlers.errands import errand
from handlers.handover.facts import Subject
from handlers.notices import UNDO
from handlers.office import Office
from handlers.rounds import apart
from handlers.visit import Key, Visit, button, inline
from locales import words
from sheets.writing import Cell, Table, protected, workbook
from storage import files, handovers, people, registrations
from storage import programmes as stored_programmes
from storage.database import Database
from storage.handovers import Handover
from storage.outbox import Letter, Priority
from storage.registrations import Handed
from storage.registrations.numbers import ALPHABET
from storage.transaction import Transaction

SHEET = "Serah terima"
TOGETHER = 500  # registrations handed over in one transaction, in which all others wait
NAMED = 20  # registrations that are left out are named up to so many
GROUPS, SIGNS = 4, 4  # of a password: 72 bits


@apart("handovers")
async def go_on(database: Database, office: Office) -> None:
    """Take every hand-over one step further that can go on by itself."""
    async with database.read() as tx:
        running = await handovers.in_state(tx, "asked", "confirmed", "handed")
    if any(one.state == "asked" and one.asked_at + handovers.PATIENCE <= office.clock() for one in running):
        await _expire(database, office)
    for one in running[::-1]:
        if one.state == "confirmed":
            await take(database, office, one)
        if one.state in {"confirmed", "handed"}:
            await make(database, office, one.id)


async def _expire(database: Database, office: Office) -> None:
    async with database.write() as tx, errand(tx, office) as visit:
        for one in await handovers.expire(tx, visit.now):
            if one.asked_by is not None:
                over = _(
                    "Hand-over {number} was not confirmed within a day, so it is closed. /serahkan begins anew.",
                    number=one.id,
                )
                await visit.write_to([one.asked_by], over)


async def take(database: Database, office: Office, handover: Handover) -> None:
    """Hand over what was ready when it was proposed; whoever lacks what is demanded is left out and named by number."""
    complete: list[str] = []
    lacking: list[str] = []
    async with database.read() as tx:
        ready = registrations.ready_ones(tx, handover.programme, handover.asked_at - UNDO)
        async for subject in _subjects(tx, office, handover, ready):
            number = subject.handed.registration.number
            (lacking if office.mapping.lacks(subject) else complete).append(number)
    for start in range(0, len(complete), TOGETHER):
        async with database.write() as tx:
            now = await handovers.get(tx, handover.id, locked=True)
            if now is None or now.state != "confirmed":
                return  # another process was here first
            await registrations.hand_over(
                tx,
                handover.id,
                complete[start : start + TOGETHER],
                until=handover.asked_at - UNDO,
                actor=handover.confirmed_by,
                now=office.clock(),
            )
    await _taken(database, office, handover, lacking)


async def _taken(database: Database, office: Office, handover: Handover, lacking: list[str]) -> None:
    """Close the list of a hand-over, however often the bot was stopped while it grew."""
    async with database.write() as tx, errand(tx, office) as visit:
        now = await handovers.get(tx, handover.id, locked=True)
        if now is None or now.state != "confirmed":
            return  # another process was here first
        count = sum((await handovers.outcomes(tx, handover.id)).values())
        if count:
            await handovers.taken(tx, handover.id, count, visit.now)
        else:
            await handovers.close(tx, handover.id, visit.now)
        if lacking or not count:
            await visit.write_to(_both(handover), _left_out(handover, count, lacking))


def _both(handover: Handover) -> list[int]:
    return [one for one in (handover.asked_by, handover.confirmed_by) if one is not None]


def _left_out(handover: Handover, count: int, lacking: list[str]) -> Value:
    more = len(lacking) - NAMED
    return paragraphs(
        ""
        if count
        else _("Hand-over {number}: nothing was left that could be handed over, so it is closed.", number=handover.id),
        Lines(
            [
                _(
                    "Hand-over {number}: left out since something that BPJS needs is missing: <b>{count}</b>.",
                    number=handover.id,
                    count=len(lacking),
                ),
                ", ".join(lacking[:NAMED]),
                _("and {count} more", count=Number(more)) if more > 0 else "",
            ]
        )
        if lacking
        else "",
    )


async def make(database: Database, office: Office, number: int) -> None:
    """Make the file of a hand-over whose registrations were moved."""
    async with database.read() as tx:
        handover = await handovers.get(tx, number)
        if handover is None or handover.state != "handed":
            return
        rows = await rows_of(tx, office, handover)
    await finish(database, office, handover, await asyncio.to_thread(plain, office, rows))


async def finish(database: Database, office: Office, handover: Handover, body: bytes) -> None:
    """Note that the workbook of a hand-over is made, and send it, locked, to whoever asked and nobody else."""
    password = handover.password or _password()
    locked = None if handover.asked_by is None else await asyncio.to_thread(protected, body, password)
    async with database.write() as tx, errand(tx, office) as visit:
        made = await handovers.made(tx, handover.id, sha256(body).hexdigest(), password, visit.now)
        if made is not None:
            await _deliver(visit, made, locked)


async def rows_of(tx: Transaction, office: Office, handover: Handover) -> list[list[Cell]]:
    """Return the rows of a hand-over; who has been erased since is not among them."""
    handed = registrations.handed_ones(tx, handover.id)
    each = _subjects(tx, office, handover, handed)
    return [office.mapping.row(subject) async for subject in each if subject.document.get("nik")]


def plain(office: Office, rows: list[list[Cell]]) -> bytes:
    """Return the workbook, not yet locked: it is what the checksum is of."""
    return workbook([Table(SHEET, office.mapping.columns, rows)])


async def _subjects(
    tx: Transaction, office: Office, handover: Handover, each: AsyncIterator[Handed]
) -> AsyncIterator[Subject]:
    programme: Programme | None = None
    if handover.programme is not None:
        stored = await stored_programmes.get(tx, handover.programme)
        programme = None if stored is None else programmes.read(stored)
    day = handover.asked_at.astimezone(office.zone).date()
    async for one in each:
        yield Subject(one, programme, office.areas, day)


def _password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _sign in range(SIGNS)) for _group in range(GROUPS))


async def _deliver(visit: Visit, handover: Handover, locked: bytes | None) -> None:
    """Send the locked file to whoever asked, if still an admin; the password stays behind a button."""
    told = [one for one in (handover.confirmed_by,) if one is not None and one != handover.asked_by]
    await visit.write_to(
        told,
        _(
            "📮 Hand-over {number} is done: <b>{count}</b> registrations.",
            number=handover.id,
            count=Number(handover.count),
        ),
    )
    if (
        handover.asked_by is None
        or locked is None
        or handover.asked_by not in await rights.admins(visit, visit.office.area)
    ):
        return
    asker = handover.asked_by
    reader = words((await people.meet(visit.tx, asker, visit.now)).language)
    ticket = await files.keep(visit.tx, asker, f"serah-{handover.id}.xlsx", locked, visit.now)
    caption = Lines(
        [
            _("📮 <b>Hand-over {number}</b>: {count} registrations.", number=handover.id, count=Number(handover.count)),
            _("The file is locked. Please open it on a computer of the office, and give it to the branch yourself."),
            _("Checksum: <code>{sum}</code>", sum=(handover.checksum or "")[:16]),
        ]
    )
    payload = {
        "chat_id": asker,
        "document": {"file": ticket},
        "caption": reader(caption),
        "parse_mode": "HTML",
        "reply_markup": inline(reader, keys(handover)),
    }
    visit.letters.append(Letter(asker, "sendDocument", payload, Priority.NOTICE))
    await handovers.note(visit.tx, handover.id, "file sent", asker, visit.now)


def keys(handover: Handover) -> list[list[Key]]:
    """Return what can be done with a hand-over whose file was made."""
    number = str(handover.id)
    return [
        [Key(_("🔑 Show the password"), button("handover", "password", number))],
        [Key(_("📥 Answer of BPJS"), button("handover", "return", number))],
    ]
