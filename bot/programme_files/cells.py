"""The cells of one programme in a file, whatever they are written in: text from CSV, values from TOML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from conversations.rules import occupations
from conversations.rules.areas import Areas, within
from conversations.rules.programmes import ANY

_YES, _NO = {"true", "ya", "yes", "1"}, {"false", "tidak", "no", "0"}


class MistakeError(Exception):
    """A cell cannot be used; the text says what it should be."""


class Cells:
    """Reads cells by name, and gathers every mistake instead of stopping at the first."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        self.asked: list[str] = []
        self.mistakes: list[str] = []

    def unknown(self) -> list[str]:
        """List the names nobody asked for."""
        return [key for key in self.row if key not in self.asked]

    def read(self, key: str, reader: Callable[[Any], object], default: object = None) -> Any:  # noqa: ANN401  # None only beside a mistake
        """Read one cell; a missing one is `default`, and where there is none, a mistake."""
        self.asked.append(key)
        if key not in self.row:
            if default is None:
                self.mistakes.append(f"{key} is missing.")
            return default
        try:
            return reader(self.row[key])
        except MistakeError as wrong:
            self.mistakes.append(f"{key} should be {wrong}.")
            return default

    def matching(self, key: str, pattern: str, what: str) -> Any:  # noqa: ANN401  # likewise
        """Read a text of this form."""

        def reader(value: object) -> str:
            if isinstance(value, str) and re.fullmatch(pattern, value.strip()):
                return value.strip()
            raise MistakeError(what)

        return self.read(key, reader)

    def one_of(self, key: str, *options: str, needed: bool = True) -> Any:  # noqa: ANN401  # likewise
        """Read one of these words."""

        def reader(value: object) -> str:
            if value in options:
                return str(value)
            raise MistakeError(f"one of {', '.join(options)}")

        return self.read(key, reader, None if needed else "")

    def some_of(self, key: str, *options: str) -> tuple[str, ...]:
        """Read several of these words."""

        def reader(value: object) -> tuple[str, ...]:
            found = _listed(value)
            if wrong := [one for one in found if one not in options]:
                raise MistakeError(f"some of {', '.join(options)}, not {', '.join(wrong)[:80]}")
            return found

        found: tuple[str, ...] = self.read(key, reader, ())
        return found

    def jobs(self, key: str) -> tuple[str, ...]:
        """Read codes of occupations."""

        def reader(value: object) -> tuple[str, ...]:
            found = _listed(value)
            if wrong := [one for one in found if occupations.get(one) is None]:
                raise MistakeError(f"codes from the list of occupations, which has no {', '.join(wrong)[:80]}")
            return found

        found: tuple[str, ...] = self.read(key, reader, ())
        return found

    def number(self, key: str, least: int, most: int, *, needed: bool = True) -> int | None:
        """Read a whole number; None where it is not needed and not there."""
        if not needed and key not in self.row:
            self.asked.append(key)
            return None

        def reader(value: object) -> int:
            number = _whole(value)
            if number is None or not least <= number <= most:
                raise MistakeError(f"a whole number from {least} to {most}, without dots")
            return number

        found: int | None = self.read(key, reader)
        return found

    def month(self, key: str) -> Any:  # noqa: ANN401  # likewise
        """Read a month as its first day."""

        def reader(value: object) -> date:
            text = value.isoformat()[:7] if isinstance(value, date) else str(value).strip()
            if re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
                return date.fromisoformat(f"{text}-01")
            raise MistakeError("a month such as 2026-12")

        return self.read(key, reader)

    def flag(self, key: str) -> bool:
        """Read yes or no; what is not said is no."""

        def reader(value: object) -> bool:
            text = str(value).strip().casefold()
            if text in _YES | _NO:
                return text in _YES
            raise MistakeError("true or false")

        return bool(self.read(key, reader, default=False))


def area(value: object, areas: Areas) -> str:
    """Read the code of an area that this bot serves; raises MistakeError."""
    if not isinstance(value, str) or not areas.known(value):
        raise MistakeError("an area code in quotation marks, such as 33.19 or 33.19.03")
    if not (within(value, areas.scope) or within(areas.scope, value)):
        raise MistakeError(f"within {areas.scope}, the area that this bot serves (SERTAKAN_AREA)")
    return value


def numbers(value: object) -> dict[str, int]:
    """Read people by village code, a table or "33.19.03.2001=40;…"; raises MistakeError."""
    counts = {code: _whole(people) for code, people in _pairs(value).items()}
    good = {code: people for code, people in counts.items() if people is not None and people >= 0}
    if len(good) < len(counts):
        raise MistakeError("a whole number of people for each village code")
    return good


def department_map(value: object) -> dict[str, str]:
    """Read departments by occupation, "*" for all others; raises MistakeError."""
    found = _pairs(value)
    if wrong := [code for code in found if code != ANY and occupations.get(code) is None]:
        raise MistakeError(f"departments by code of an occupation or {ANY}, not {', '.join(wrong)[:80]}")
    return {code: str(name) for code, name in found.items()}


def _listed(value: object) -> tuple[str, ...]:
    parts = value.split(";") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(one, str) for one in parts):
        raise MistakeError("a list of words")
    return tuple(dict.fromkeys(one.strip() for one in parts if one.strip()))


def _pairs(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    parts = [one.partition("=") for one in str(value).split(";") if one.strip()]
    if not all(equals and right.strip() for _left, equals, right in parts):
        raise MistakeError("pairs such as a=1;b=2")
    return {left.strip(): right.strip() for left, _equals, right in parts}


def _whole(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\d{1,15}", value.strip(), re.ASCII):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
