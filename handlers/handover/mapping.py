"""The mapping: which columns the file for BPJS has, what stands in each, and how. No official layout is public."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from handlers.handover.facts import FACTS, Subject
from sheets.writing import Cell, Column

DEFAULT = "mapping.toml"
KNOWN = {"header", "field", "value", "format", "required", "width"}
DATE = re.compile(r"[dmy]{1,4}([-/. ][dmy]{1,4}){0,2}")
IDENTITIES = {"number", "nik"}  # the answer of BPJS has to name one of them


class MappingError(ValueError):
    """A mapping cannot be used; each of `sentences` says what is wrong in it."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Place:
    """A column: its head, and the field or the fixed words that stand in it."""

    column: Column
    field: str | None
    value: str
    required: bool

    def cell(self, subject: Subject) -> Cell:
        """Return what stands in this column for somebody; a date or a number is written out where text is asked for."""
        found = self.value if self.field is None else FACTS[self.field].of(subject)
        if self.column.kind != "text" or isinstance(found, str | None):
            return found
        return found.strftime("%d-%m-%Y") if isinstance(found, date) else str(found)


@dataclass(frozen=True, slots=True)
class Mapping:
    """All columns, in their order; `name` is kept with each hand-over."""

    name: str
    places: tuple[Place, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns as a sheet has them."""
        return tuple(place.column for place in self.places)

    def row(self, subject: Subject) -> list[Cell]:
        """Return somebody's row."""
        return [place.cell(subject) for place in self.places]

    def lacks(self, subject: Subject) -> list[str]:
        """Return the fields that are demanded, by the mapping or the programme, and that are not known of somebody."""
        demanded = {place.field for place in self.places if place.required and place.field is not None}
        if subject.programme is not None:
            demanded |= {name for name in subject.programme.terms.fields if name in FACTS}
        return sorted(name for name in demanded if FACTS[name].of(subject) in {None, ""})


@cache
def default() -> Mapping:
    """Return the mapping that ships: everything the best-documented form asks for."""
    return read("default", files(__package__).joinpath(DEFAULT).read_text(encoding="utf-8"))


def load(path: Path | None) -> Mapping:
    """Return the operator's own mapping, or the one that ships; raises MappingError."""
    if path is None:
        return default()
    try:
        return read(path.name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise MappingError(
            [f"{path.name} cannot be read: it should be a text file (UTF-8) that belongs to you."]
        ) from None


def read(name: str, text: str) -> Mapping:
    """Read a mapping; raises MappingError that names everything wrong at once."""
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise MappingError([f"{name} is no TOML file: {wrong}."]) from None
    columns = body.get("columns")
    if not isinstance(columns, list) or not columns or not all(isinstance(one, dict) for one in columns):
        raise MappingError([f"{name} has no columns: each begins with a line [[columns]]."])
    faults = [f"Column {number} {fault}." for number, one in enumerate(columns, 1) for fault in _faults(one)]
    headers = [one.get("header") for one in columns]
    faults += [
        f'Two columns are called "{header}".' for header in sorted({str(h) for h in headers if headers.count(h) > 1})
    ]
    if not IDENTITIES & {one.get("field") for one in columns}:
        faults.append('One column must hold the field "number" or "nik": the answer is matched by it.')
    if faults:
        raise MappingError(faults)
    return Mapping(name, tuple(_place(one) for one in columns))


def _faults(one: Table[str, Any]) -> list[str]:
    """Say what is wrong with one column."""
    field, form = one.get("field"), one.get("format", "text")
    found = [f'has "{key}", which means nothing here' for key in sorted(one.keys() - KNOWN)]
    if not isinstance(one.get("header"), str) or not one["header"].strip():
        found.append("has no header")
    if ("field" in one) == ("value" in one):
        found.append("needs either a field or a value")
    elif field is None and not isinstance(one["value"], str):
        found.append("has a value that is no text")
    elif field is not None and field not in FACTS:
        found.append(f'has the field "{field}", which is not one of: {", ".join(FACTS)}')
    elif not isinstance(form, str) or _kind(form) is None:
        found.append('has a format that is neither "text", "number" nor a date such as "dd-mm-yyyy"')
    elif field is not None and _kind(form) not in {"text", FACTS[field].kind}:
        found.append(f'has the format "{form}", but the field "{field}" is a {FACTS[field].kind}')
    if not isinstance(one.get("required", False), bool):
        found.append("has required, which should be true or false")
    if not isinstance(one.get("width", 1), int) or not 1 <= one.get("width", 1) <= 200:  # noqa: PLR2004  # as spreadsheets allow
        found.append("has a width that is not between 1 and 200")
    return found


def _kind(form: str) -> str | None:
    if form in {"text", "number"}:
        return form
    return "date" if DATE.fullmatch(form) else None


def _place(one: Table[str, Any]) -> Place:
    header, width = one["header"].strip(), one.get("width", 18)
    match _kind(one.get("format", "text")):
        case "number":
            column = Column(header, width, "number")
        case "date":
            column = Column(header, width, "date", one["format"])
        case _:
            column = Column(header, width)
    return Place(column, one.get("field"), one.get("value", ""), one.get("required", False))
