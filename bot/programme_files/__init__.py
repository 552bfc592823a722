"""Programmes from a file, TOML or CSV: every mistake is named at once, and how to put it right."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bot.programme_files.cells import Cells, area, department_map, numbers
from bot.programme_files.population import people_by_village
from conversations.rules.areas import Areas, within
from conversations.rules.programmes import FIELDS, OLDEST, YOUNGEST, Terms
from conversations.rules.shares import divide
from storage.programmes import Programme

LONGEST = 5_000_000  # bytes of a file
CODE = re.compile(r"[a-z][a-z0-9-]{2,19}")  # never a NIK: it stands in buttons and in what is printed


class ProgrammeFileError(Exception):
    """The file cannot be imported; `mistakes` are sentences, each with its place."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def read(path: Path, areas: Areas) -> list[Programme]:
    """Read all programmes of a file for a bot that serves `areas.scope`; raises ProgrammeFileError, OSError."""
    body = path.read_bytes()
    if len(body) > LONGEST:
        raise ProgrammeFileError([f"{path.name} is larger than 5 MB: that is no list of programmes."])
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProgrammeFileError([f"{path.name} is no UTF-8 text: save it as UTF-8 and try again."]) from None
    rows = _toml(text) if path.suffix.lower() == ".toml" else _csv(text)
    mistakes: list[str] = []
    programmes = [
        found for where, row in rows if (found := _programme(where, row, path.parent, areas, mistakes)) is not None
    ]
    codes = [one.code for one in programmes]
    mistakes += [
        f"The code {code} is there {codes.count(code)} times: each programme needs its own."
        for code in dict.fromkeys(codes)
        if codes.count(code) > 1
    ]
    if mistakes:
        raise ProgrammeFileError(mistakes)
    return programmes


def _toml(text: str) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise ProgrammeFileError([f"This is not TOML: {wrong}."]) from None
    listed = document.pop("programme", None)
    if document or not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise ProgrammeFileError(["Each programme begins with a line [[programme]], and nothing stands outside them."])
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for place, one in enumerate(listed, 1):
        terms = one.pop("terms", {})
        if not isinstance(terms, dict):
            raise ProgrammeFileError([f"Programme {place}: terms is a table, [programme.terms]."])
        code = str(one.get("code", ""))
        named = f" ({code})" if CODE.fullmatch(code) else ""  # anything else may be no code at all
        rows.append((f"Programme {place}{named}", {**one, **terms}))
    return rows


def _csv(text: str) -> list[tuple[str, Mapping[str, Any]]]:
    head = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    try:
        header = [cell.strip() for cell in next(lines, [])]
        rows = [(lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells)]
    except csv.Error as wrong:
        raise ProgrammeFileError([f"This is not CSV: {wrong}."]) from None
    if "code" not in header or not rows:
        raise ProgrammeFileError(
            ["The first row names the columns, one of them code; each further row is a programme."]
        )
    wide = [
        f"Row {number} has more cells than there are columns." for number, cells in rows if len(cells) > len(header)
    ]
    if wide:
        raise ProgrammeFileError(wide)
    return [
        (f"Row {number}", {key: cell.strip() for key, cell in zip(header, cells, strict=False) if cell.strip()})
        for number, cells in rows
    ]


def _programme(where: str, row: Mapping[str, Any], folder: Path, areas: Areas, mistakes: list[str]) -> Programme | None:
    """Return the programme that a row describes, or None with its mistakes told."""
    cells = Cells(row)
    known: dict[str, Any] = {
        "code": cells.matching("code", CODE.pattern, "3 to 20 small letters, digits and dashes, a letter first"),
        "name": cells.matching("name", r"[^\x00-\x1f<>]{2,80}", "2 to 80 letters"),
        "payer": cells.one_of("payer", "apbd", "company", "sponsor", "self"),
        "area": cells.read("area", lambda value: area(value, areas)),
        "tier": cells.one_of("tier", "basic", "with_jht"),
        "months": cells.number("months", 1, 12),
        "first_month": cells.month("first_month"),
        "last_month": cells.month("last_month"),
        "people": cells.number("people", 1, 10_000_000, needed=False),
        "person_months": cells.number("person_months", 1, 120_000_000, needed=False),
        "budget": cells.number("budget", 1, 10**14, needed=False),
    }
    terms = Terms(
        occupations=cells.jobs("occupations"),
        youngest=cells.number("youngest", YOUNGEST, OLDEST, needed=False) or YOUNGEST,
        oldest=cells.number("oldest", YOUNGEST, OLDEST, needed=False) or OLDEST,
        breadwinner=cells.flag("breadwinner"),
        one_per_family=cells.flag("one_per_family"),
        social_register=cells.one_of("social_register", "in", "out", needed=False) or "",
        by_department=cells.flag("by_department"),
        departments=cells.read("departments", department_map, {}),
        fields=cells.some_of("fields", *FIELDS),
    )
    shares = cells.read("shares", numbers, {})
    population = cells.read("population", lambda value: people_by_village(value, folder, known["area"], areas), {})
    found = list(cells.mistakes)
    for key in cells.unknown():
        meant = get_close_matches(key, cells.asked, 1)
        found.append(f"{key} is not known{f'; did you mean {meant[0]}?' if meant else ': take it out.'}")
    if not found:
        found = _contradictions(known, terms, shares, population, areas)
    mistakes += [f"{where}: {mistake}" for mistake in found]
    if found:
        return None
    if population:
        shares = divide(known["people"], population)
    return Programme(**known, terms=terms.to_json(), shares=shares)


def _contradictions(
    known: Mapping[str, Any], terms: Terms, shares: Mapping[str, int], population: Mapping[str, int], areas: Areas
) -> list[str]:
    """Name what is right by itself and wrong together."""
    first, last, people = known["first_month"], known["last_month"], known["people"]
    span = (last.year - first.year) * 12 + last.month - first.month + 1
    away = [code for code in shares if not (areas.known(code) and within(code, known["area"]) and code.count(".") == 3)]  # noqa: PLR2004  # a village
    limits = (people, known["person_months"], known["budget"])
    found = {
        "last_month is before first_month: exchange them.": span < 1,
        f"months is {known['months']}, but there are only {span} from first_month to last_month.": (
            1 <= span < known["months"]
        ),
        "An APBD programme needs an end: give people, person_months or budget.": (
            known["payer"] == "apbd" and limits == (None, None, None)
        ),
        "youngest is above oldest: exchange them.": terms.youngest > terms.oldest,
        "departments are named, but by_department is not true: add it, or take them out.": (
            bool(terms.departments) and not terms.by_department
        ),
        f"shares names {', '.join(away)}, which is no village of {known['area']}.": bool(away),
        "shares and population are two ways to say the same: take one out.": bool(shares and population),
        "population divides the places over villages: give people.": bool(population) and people is None,
        f"shares make {sum(shares.values())} people together, but people is {people}: lower them.": (
            people is not None and sum(shares.values()) > people
        ),
    }
    return [sentence for sentence, holds in found.items() if holds]
