"""Reading a list of NIK from a CSV file of any length, in bounded memory: a batch at a time, into blind indexes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

from bot.settings import Settings
from conversations.rules import digits
from conversations.rules.nik import LENGTH
from storage import lists
from storage.database import Database
from storage.lists import Listed

BATCH = 2000  # NIK in one transaction, so that a running bot waits a tenth of a second at most
NAMED = 10  # wrong lines that are told by number; all are counted
LONGEST = 4096  # characters of a line; a longer one is no list of NIK


class ListFileError(Exception):
    """The file is no list; the sentence says why, and nothing of what stands in it."""


@dataclass
class Outcome:
    """What became of a file: how many NIK are on the list from it, and which lines held none."""

    read: int = 0
    wrong: int = 0
    lines: list[int] = field(default_factory=list)
    dropped: int = 0

    def missed(self, line: int) -> None:
        """Count a line without a NIK."""
        self.wrong += 1
        if len(self.lines) < NAMED:
            self.lines.append(line)


def niks(path: Path, outcome: Outcome) -> Iterator[str]:
    """Give the NIK of a CSV file with a column "NIK", or of one with a NIK in each line; raises ListFileError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(file, outcome)
    except UnicodeDecodeError:
        raise ListFileError("The file is not text in UTF-8. Please save it as CSV UTF-8.") from None
    except csv.Error:
        raise ListFileError("The file does not read like CSV.") from None


def _rows(file: TextIO, outcome: Outcome) -> Iterator[str]:
    first = file.readline(LONGEST)
    delimiter = max(",;\t|", key=first.count)
    head = [cell.strip().strip('"').casefold() for cell in first.split(delimiter)]
    column = head.index("nik") if "nik" in head else None
    if column is None and (len(head) > 1 or _nik(first) is None):
        raise ListFileError('No column is called "NIK": the first line must name the columns.')
    if column is None:
        yield _nik(first) or ""
        outcome.read += 1
    place = column or 0
    for number, row in enumerate(csv.reader(_short(file), delimiter=delimiter), start=2):
        found = _nik(row[place]) if len(row) > place else None
        if found is not None:
            outcome.read += 1
            yield found
        elif any(cell.strip() for cell in row):
            outcome.missed(number)


def _short(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST):
        if len(line) == LONGEST:
            raise ListFileError("A line is longer than any list's. Is this a CSV file?")
        yield line


def _nik(cell: str) -> str | None:
    number = "".join(sign for sign in digits.plain(cell) if sign not in " .-'\"\t\r\n=")
    return number if len(number) == LENGTH and number.isdecimal() and number.isascii() else None


async def import_list(settings: Settings, name: str, path: Path, *, add: bool) -> Outcome:
    """Put a file's NIK on a list; unless `add`, what was on it before and is not in the file comes off at the end.

    So the list is never empty in between, and a file that breaks off half-way takes nothing away. Raises ListFileError.
    """
    began, outcome = datetime.now(UTC), Outcome()
    database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    try:
        rest = niks(path, outcome)
        while batch := list(islice(rest, BATCH)):
            async with database.write() as tx:
                await lists.add(tx, name, sorted(set(batch)), began)
        if not add and outcome.read:
            async with database.write() as tx:
                outcome.dropped = await lists.drop_older(tx, name, began)
    finally:
        await database.close()
    return outcome


async def described(settings: Settings) -> list[Listed]:
    """Describe the lists of an installation."""
    database = await Database.open(settings.database_url.get_secret_value(), settings.vault())
    try:
        async with database.read() as tx:
            return await lists.all_(tx)
    finally:
        await database.close()
