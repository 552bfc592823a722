"""Handing over at the machine: proposing, writing the files out, and taking BPJS's answers in, beside a running bot.

The rule of two people holds here too. Whoever works at the machine proposes; an admin confirms in the chat; only then
are files written.
"""

from __future__ import annotations

from bot import telegram_types  # noqa: F401  # before anything imports aiogram

# isort: split

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from bot.settings import Settings
from bot.upkeep import office, opened
from conversations.verdicts import Bad, Counts, Good, Verdict
from conversations.words import Lines
from handlers.errands import errand
from handlers.handover import making, paid, returning
from handlers.handover.screens import call_second
from handlers.notices import UNDO
from handlers.rights import admins
from handlers.visit import Visit
from locales import words
from sheets.apart import read_apart
from sheets.reading import Sheet
from sheets.writing import csv_text
from storage import handovers, registrations
from storage.database import Database
from storage.handovers import Handover
from storage.registrations import Ready

TOGETHER = 100  # answers recorded in one transaction
PAID = ("number", "paid_until")  # the order of lines without a header

Check = Callable[[Visit, Sheet], Awaitable[list[Verdict]]]
Enter = Callable[[Visit, Sequence[Good]], Awaitable[int]]


class NotNowError(Exception):
    """It cannot be done (yet); the text says why and what to do."""


class Standing(NamedTuple):
    """What waits to be handed over, and the hand-overs there are, newest first."""

    ready: list[Ready]
    handovers: list[Handover]


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a hand-over, how many registrations they hold, and the checksum of the workbook."""

    files: list[Path]
    count: int
    checksum: str


async def standing(settings: Settings) -> Standing:
    """Return what waits, and what was handed over."""
    async with opened(settings) as database, database.read() as tx:
        ready = await registrations.ready(tx, office(settings).clock() - UNDO)
        return Standing(ready, await handovers.in_state(tx, "asked", "confirmed", "handed", "ready"))


async def propose(settings: Settings, programme: str | None) -> Handover:
    """Propose a hand-over and call the admins; raises NotNowError when nothing waits or nobody could confirm."""
    here = office(settings)
    async with opened(settings) as database, database.write() as tx, errand(tx, here) as visit:
        ready = await registrations.ready(tx, visit.now - UNDO)
        people = next((one.people for one in ready if one.programme == programme), 0)
        others = sorted(await admins(visit, here.area))
        if not people:
            raise NotNowError("Nothing is approved there that waits to be handed over.")
        if not others:
            raise NotNowError("There is no admin who could confirm: name one in SERTAKAN_ADMINS.")
        asked = await handovers.propose(tx, programme, mapping=here.mapping.name, count=people, by=None, now=visit.now)
        if asked.state == "asked":
            await call_second(visit, asked, others)
        return asked


async def write_out(settings: Settings, number: int, folder: Path, *, as_csv: bool) -> Written:
    """Write a confirmed hand-over's files, readable by their owner only; raises NotNowError, OSError."""
    here = office(settings)
    async with opened(settings) as database:
        handover = await _confirmed(database, number)
        if handover.state == "confirmed":
            await making.take(database, here, handover)
            handover = await _confirmed(database, number)
        async with database.read() as tx:
            rows = await making.rows_of(tx, here, handover)
        body = making.plain(here, rows)
        if handover.state == "handed":
            await making.finish(database, here, handover, body)
        async with database.write() as tx:
            await handovers.note(tx, number, "file written at the machine", None, here.clock())
    contents = {"xlsx": body}
    if as_csv:
        contents["csv"] = csv_text([column.header for column in here.mapping.columns], rows)
    files = [_write(folder / f"serah-{number}.{ending}", content) for ending, content in contents.items()]
    return Written(files, len(rows), sha256(body).hexdigest())


async def _confirmed(database: Database, number: int) -> Handover:
    async with database.read() as tx:
        handover = await handovers.get(tx, number)
    if handover is None:
        raise NotNowError(f"There is no hand-over {number}.")
    if handover.state == "asked":
        raise NotNowError(f"Hand-over {number} waits for an admin, who confirms it in the chat: /serahkan.")
    if handover.state in {"cancelled", "expired"}:
        raise NotNowError(f"Hand-over {number} was not confirmed. Please propose it again.")
    return handover


def _write(path: Path, content: bytes) -> Path:
    """Write a file that only its owner can read, also in place of one that others could."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123  # with a mode
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
    return path


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file's rows; `faults` are the lines that have to be put right, with the reason."""

    counts: Counts
    entered: int
    faults: list[tuple[int, str]]


async def take_back(settings: Settings, file: Path, handover: int) -> Taken:
    """Record BPJS's answers to a hand-over; raises NotNowError, SheetError, OSError."""
    async with opened(settings) as database:
        await _confirmed(database, handover)
    return await _take(
        settings,
        file,
        returning.PASTED,
        lambda visit, sheet: returning.check(visit, handover, sheet),
        lambda visit, rows: returning.enter(visit, handover, rows),
    )


async def take_paid(settings: Settings, file: Path) -> Taken:
    """Record until when contributions are paid; raises SheetError, OSError."""
    return await _take(settings, file, PAID, paid.check, paid.enter)


async def _take(settings: Settings, file: Path, pasted: Sequence[str], check: Check, enter: Enter) -> Taken:
    """Read a file apart, say what is wrong with its rows, and enter the good ones a hundred at a time."""
    here, reader = office(settings), words("en")
    sheet = await read_apart(file.read_bytes(), pasted)  # noqa: ASYNC240  # nothing else runs meanwhile
    async with opened(settings) as database:
        async with database.read() as tx, errand(tx, here) as visit:
            verdicts = await check(visit, sheet)
        good = [one for one in verdicts if isinstance(one, Good)]
        entered = 0
        for start in range(0, len(good), TOGETHER):
            async with database.write() as tx, errand(tx, here) as visit:
                entered += await enter(visit, good[start : start + TOGETHER])
    faults = [(one.line, reader.plain(Lines(one.reasons, " "))) for one in verdicts if isinstance(one, Bad)]
    return Taken(Counts.of(verdicts), entered, faults)
