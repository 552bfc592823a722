"""Administrative areas: names behind the codes of Kepmendagri, and a forgiving search for a village.

A code is written with dots: "33" province, "33.19" regency or city, "33.19.03" district, "33.19.03.2001" village.
A scope is such a code too and means everything under it; the empty scope means all of Indonesia.
Source: data/areas, see data/NOTICE.md.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from functools import cache

from conversations.rules.tables import rows

_LONGEST = 80
"""Characters of a search that are looked at; no name is longer."""
_SHOWN = 8
"""As many results as fit on a small screen under one question."""
_ALIKE = 0.75
"""From this similarity on, two spellings may be the same name."""

_WORD = 3
"""Shorter beginnings fit too many names."""

_TITLES = re.compile(r"\b(?:ds|desa|kel|kelurahan|kec|kecamatan|kab|kabupaten|kota|gampong|nagari)\b\.?\s*(?=\w)")
_CUT = re.compile(r"[,;/\n]|\b(?:kec|kecamatan)\b\.?")
_KELURAHAN, _DESA = "1", "2"
"""First digit of a village's number: 1 an urban village, 2 a rural one (Kepmendagri 300.2.2-2138/2025)."""


class Level(IntEnum):
    """How deep an area lies; the value is the number of parts in its code."""

    PROVINCE = 1
    REGENCY = 2
    DISTRICT = 3
    VILLAGE = 4


@dataclass(frozen=True, slots=True, order=True)
class Area:
    """One area: its code with dots and its bare name, such as "Jati Kulon"."""

    code: str
    name: str

    @property
    def level(self) -> Level:
        """How deep this area lies."""
        return Level(self.code.count(".") + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """The areas a bot knows: all down to the districts, and the villages of one province."""

    scope: str
    _names: Mapping[str, str]
    _codes: tuple[str, ...]

    @staticmethod
    @cache
    def load(scope: str = "33.19") -> Areas:
        """Read all provinces, regencies and districts, and the villages of the province that holds `scope`.

        Raises ValueError when `scope` is no known code; the empty scope reads no villages.
        """
        tables = ["areas/provinces", "areas/regencies", "areas/districts"]
        if province := scope.partition(".")[0]:
            tables.append(f"areas/villages/{province}")
        try:
            names = {row["code"]: row["name"] for table in tables for row in rows(table)}
        except FileNotFoundError:
            raise ValueError(f"unknown area code: {scope}") from None
        if scope and scope not in names:
            raise ValueError(f"unknown area code: {scope}")
        return Areas(scope, names, tuple(sorted(names)))

    def known(self, code: str) -> bool:
        """Whether `code` stands in the official list, as far as it was loaded."""
        return code in self._names

    def name(self, code: str) -> str:
        """The bare name, such as "Jati Kulon" or "Kabupaten Kudus"; KeyError when the code is unknown."""
        return self._names[code]

    def describe(self, code: str) -> str:
        """The name in full, as in "Desa Jati Kulon, Kec. Jati, Kab. Kudus".

        The province is named for a regency only. A code that is no longer in the list is described by what it lay in:
        areas are renamed and divided while registrations wait.
        """
        level = Area(code, "").level
        above = {Level.VILLAGE: Level.REGENCY, Level.DISTRICT: Level.REGENCY}.get(level, Level.PROVINCE)
        parts = code.split(".")
        codes = [".".join(parts[:length]) for length in range(level, above - 1, -1)]
        return ", ".join(self._titled(each) for each in codes if self.known(each)) or code

    def districts(self, scope: str) -> tuple[Area, ...]:
        """The districts in `scope`, in the order of their codes."""
        return tuple(area for area in self._under(scope) if area.level is Level.DISTRICT)

    def regencies(self, scope: str) -> tuple[Area, ...]:
        """The regencies and cities in `scope`, in the order of their codes."""
        return tuple(area for area in self._under(scope) if area.level is Level.REGENCY)

    def villages(self, district: str) -> tuple[Area, ...]:
        """The villages of one district (or any wider scope), by name."""
        found = (area for area in self._under(district) if area.level is Level.VILLAGE)
        return tuple(sorted(found, key=lambda area: (area.name, area.code)))

    def find(self, text: str, scope: str, *, fits: Callable[[Area], bool] | None = None) -> list[Area]:
        """Areas in `scope` that fit and whose name is like `text`, best first, at most eight.

        Districts and villages fit unless `fits` says otherwise; it is asked before the best are taken.

        Case, spaces, "ds." or "desa" and small slips do not matter; what follows a comma or "kec." narrows the
        district: "jatikulon, kec jati".
        """
        wanted, *around = [key for part in _CUT.split(_plain(text[:_LONGEST])) if (key := _key(part))] or [""]
        if not wanted:
            return []
        scored = [
            (_likeness(wanted, _key(_plain(area.name))) + self._nearby(area, around), area)
            for area in self._under(scope)
            if (area.level >= Level.DISTRICT if fits is None else fits(area))
        ]
        best = sorted((item for item in scored if item[0] >= _ALIKE), key=lambda item: (-item[0], item[1].code))
        return [area for _, area in best[:_SHOWN]]

    def named(self, text: str, scope: str) -> list[Area]:
        """The villages in `scope` of exactly this name; what follows a comma or "kec." tells apart those that share one.

        A village's code is taken too.
        """
        wanted, *around = [key for part in _CUT.split(_plain(text[:_LONGEST])) if (key := _key(part))] or [""]
        found = [
            area
            for area in self._under(scope)
            if area.level is Level.VILLAGE and (_key(_plain(area.name)) == wanted or area.code == text.strip())
        ]
        near = [area for area in found if self._nearby(area, around) > 0]
        return near if around else found

    def _nearby(self, area: Area, around: list[str]) -> float:
        """A small bonus for a village whose district or regency is named beside it."""
        parts = area.code.split(".")
        above = [_key(_plain(self._names[".".join(parts[:length])])) for length in (2, 3) if length < len(parts)]
        return 0.2 * sum(any(_likeness(name, other) >= _ALIKE for other in above) for name in around)

    def _under(self, scope: str) -> Iterator[Area]:
        for code in self._codes[bisect_left(self._codes, scope) :]:
            if not within(code, scope):
                return
            yield Area(code, self._names[code])

    def _titled(self, code: str) -> str:
        name = self._names[code]
        match Area(code, name).level:
            case Level.DISTRICT:
                return f"Kec. {name}"
            case Level.VILLAGE:
                kind = {_KELURAHAN: "Kelurahan ", _DESA: "Desa "}.get(code.rpartition(".")[2][0], "")
                return kind + name
            case _:
                return name.replace("Kabupaten ", "Kab. ", 1)


def within(code: str, scope: str) -> bool:
    """Whether the area `code` is `scope` or lies in it; everything lies in the empty scope."""
    return not scope or code == scope or code.startswith(f"{scope}.")


def _plain(text: str) -> str:
    """Lower case and compatible letters only, so that full-width or styled letters are read too."""
    return unicodedata.normalize("NFKC", text).casefold()


def _key(text: str) -> str:
    """What is left of a name for comparing: letters and digits, without titles such as "desa"."""
    return re.sub(r"[\W_]+", "", _TITLES.sub("", text))


def _likeness(wanted: str, name: str) -> float:
    """How much two keys are alike, from 0 to 1: 1 is equal, then beginnings, then slips of the finger."""
    if wanted == name:
        return 1.0
    if len(wanted) >= _WORD and name.startswith(wanted):
        return 0.9 + 0.05 * len(wanted) / len(name)
    if len(wanted) >= _WORD and wanted in name:
        return 0.87
    slips = SequenceMatcher(None, wanted, name)
    return 0.9 * slips.ratio() if slips.real_quick_ratio() >= _ALIKE <= slips.quick_ratio() else 0.0
