"""How many people live in each village: written in the programme's file, or in a CSV file `desa,penduduk` beside it."""

from __future__ import annotations

import csv
from pathlib import Path

from bot.programme_files.cells import MistakeError, numbers
from conversations.rules.areas import Areas, within


def people_by_village(value: object, folder: Path, area: str | None, areas: Areas) -> dict[str, int]:
    """Return people by village code, each a village of the programme's area; raises MistakeError."""
    if area is None:
        return {}  # the mistake is named at the area
    named = isinstance(value, str) and "=" not in value
    found = _file(folder / str(value), area, areas) if named else numbers(value)
    villages = {one.code for one in areas.villages(area)}
    if wrong := [code for code in found if code not in villages]:
        raise MistakeError(f"about villages of {area}, and {', '.join(wrong)[:80]} is none")
    if sum(found.values()) < 1:
        raise MistakeError("about villages in which somebody lives")
    return found


def _file(path: Path, area: str, areas: Areas) -> dict[str, int]:
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise MistakeError(f"a table or a CSV file, and {path.name} cannot be read") from None
    found: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        village, people = (row.get("desa") or "").strip(), (row.get("penduduk") or "").strip()
        codes = [village] if village[:2].isdigit() else _named(village, area, areas)
        if len(codes) != 1 or codes[0] in found or not people.isascii() or not people.isdigit():
            raise MistakeError(
                f"a CSV file with the columns desa (a village's code, or its name where only one has it) and penduduk; "
                f"row {number} of {path.name} does not fit"
            )
        found[codes[0]] = int(people)
    return found


def _named(name: str, area: str, areas: Areas) -> list[str]:
    wanted = name.casefold()
    return [one.code for one in areas.villages(area) if one.name.casefold() == wanted and within(one.code, area)]
