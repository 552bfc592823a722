"""The NIK (16 digits on a KTP): what it says, and what looks wrong.

`PPRRDD` province, regency and district of the first registration; `DDMMYY` birth date, with 40 added to the day for
women; a serial number from 0001. There is no check digit: nothing here verifies a NIK, only Dukcapil can.
How severe a finding is stands in data/nik.toml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any

from conversations.rules import digits
from conversations.rules.areas import Areas
from conversations.rules.tables import document

LENGTH = 16
"""How many digits a NIK has."""

_LOOKALIKES = str.maketrans("OoQIil|SsBZz", "000111155822")
_WOMAN = 40


class NikRefusal(Enum):
    """Why a text is not taken as a NIK."""

    NO_DIGITS = "no_digits"
    WRONG_LENGTH = "wrong_length"
    SEVERAL = "several"
    REPEATED = "repeated"
    SEQUENCE = "sequence"
    SERIAL_ZERO = "serial_zero"
    UNKNOWN_PROVINCE = "unknown_province"


class NikWarning(Enum):
    """What looks odd in a NIK that is taken nevertheless."""

    UNKNOWN_REGENCY = "unknown_regency"
    UNKNOWN_DISTRICT = "unknown_district"
    IMPOSSIBLE_DATE = "impossible_date"
    CHILD = "child"
    MAYBE_FAMILY_CARD = "maybe_family_card"
    OVER_AGE = "over_age"


@dataclass(frozen=True, slots=True, repr=False)
class Nik:
    """What a NIK says; it has no repr, since every part of it is personal.

    `number` is 16 digits. `born` is None when the date is impossible. `area` is the deepest code that is known, such
    as "33.19.03", and `province`, `regency`, `district` are the names down to it.
    """

    number: str
    born: date | None
    female: bool
    area: str | None
    province: str | None
    regency: str | None
    district: str | None


@dataclass(frozen=True, slots=True)
class Understood:
    """A NIK that can be taken once the person confirms what it says."""

    nik: Nik
    warnings: tuple[NikWarning, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Suspect:
    """A NIK if letters that look like digits (O for 0, l for 1) are read so; only the person can say whether they are.

    `suggestion` is the 16 digits to be confirmed, `warnings` what `read` finds in them.
    """

    suggestion: str
    warnings: tuple[NikWarning, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """No NIK; `digits` says how many digits the number that came closest has."""

    reason: NikRefusal
    digits: int


NikRead = Understood | Suspect | Refused


@lru_cache(maxsize=1)  # a turn asks for the same NIK again and again; nobody's is kept longer than until the next
def read(text: str, today: date, areas: Areas, overruled: frozenset[NikRefusal] = frozenset()) -> NikRead:
    """Find the one NIK in what a person wrote, and say what it holds or why it is refused.

    Words around it, spaces, dots, dashes and full-width digits do not matter. `overruled` are refusals that an officer
    has lifted; those that `may_overrule` denies stay.
    """
    typed = digits.plain(text)
    found, longest = _candidates(typed)
    if not found:
        return _from_lookalikes(typed, longest, today, areas)
    if len(found) > 1:
        return Refused(NikRefusal.SEVERAL, sum(map(len, found)))
    [number] = found
    for reason in _refusals(number, areas):
        if not (reason in overruled and may_overrule(reason)):
            return Refused(reason, LENGTH)
    nik = _understand(number, today, areas)
    return Understood(nik, tuple(warning for warning in _warnings(nik, today) if _level(warning) == "warn"))


def mentioned(text: str) -> bool:
    """Whether a text holds sixteen digits that could be a NIK, so that it should not stay in a chat."""
    return bool(_candidates(digits.plain(text))[0])


def mask(number: str) -> str:
    """The NIK as it may be shown again: "3319 •••• •••• ••01"; anything but 16 digits is hidden entirely."""
    return f"{number[:4]} •••• •••• ••{number[-2:]}" if re.fullmatch(r"[0-9]{16}", number) else "•••• •••• •••• ••••"


def age(born: date, today: date) -> int:
    """Full years lived on `today`; someone born on 29 February has a birthday on 1 March in common years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def turns_65(born: date) -> date:
    """The first day on which a person is 65 and can no longer register."""
    year = born.year + _ages()["too_old_from"]
    try:
        return born.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 3, 1)


def may_overrule(reason: NikRefusal) -> bool:
    """Whether an officer may take a NIK that was refused for this reason."""
    return bool(_checks()[reason.value]["officer_may_overrule"])


def _candidates(typed: str) -> tuple[list[str], int]:
    """The different 16-digit numbers in a text, and the length of the longest number of any length.

    Sixteen digits in one piece win over sixteen with blanks between them, so that a list number or a postal code
    beside the NIK does no harm.
    """
    pieces = re.findall(r"(?<![0-9])[0-9]{16}(?![0-9])", typed)
    numbers = digits.runs(typed)
    found = pieces or [
        run[start : start + LENGTH] for run in numbers if len(run) % LENGTH == 0 for start in range(0, len(run), LENGTH)
    ]
    return list(dict.fromkeys(found)), max(map(len, numbers), default=0)


def _from_lookalikes(typed: str, longest: int, today: date, areas: Areas) -> Suspect | Refused:
    """Read letters that look like digits as such, where at least every second character is a digit."""
    words = " ".join(word if re.search("[0-9]", word) else "\n" for word in typed.split(" "))
    pieces = [run for run in digits.runs(words, "0-9OoQIil|SsBZz") if 2 * sum(map(str.isdigit, run)) >= len(run)]
    longest = max([longest, *map(len, pieces)])
    candidates = {piece.translate(_LOOKALIKES) for piece in pieces if len(piece) == LENGTH}
    if len(candidates) != 1:
        return Refused(NikRefusal.WRONG_LENGTH if longest else NikRefusal.NO_DIGITS, longest)
    match read(suggestion := candidates.pop(), today, areas):
        case Understood(warnings=warnings):
            return Suspect(suggestion, warnings)
        case Refused() as refused:
            return refused
        case Suspect():  # pragma: no cover - sixteen digits hold no letters
            raise AssertionError


def _refusals(number: str, areas: Areas) -> list[NikRefusal]:
    """What speaks against sixteen digits, in the order in which it is told."""
    found = {
        NikRefusal.REPEATED: len(set(number)) == 1,
        NikRefusal.SEQUENCE: number in document("nik")["reading"]["sequences"],
        NikRefusal.UNKNOWN_PROVINCE: not areas.known(number[:2]),
        NikRefusal.SERIAL_ZERO: number.endswith("0000"),
    }
    return [reason for reason, holds in found.items() if holds and _level(reason) == "refuse"]


def _understand(number: str, today: date, areas: Areas) -> Nik:
    day = int(number[6:8])
    codes = [number[:2], f"{number[:2]}.{number[2:4]}", f"{number[:2]}.{number[2:4]}.{number[4:6]}"]
    known = [code for code in codes if areas.known(code)]
    names = [areas.name(code) if code in known else None for code in codes]
    born = _born(day - _WOMAN if day > _WOMAN else day, int(number[8:10]), int(number[10:12]), today)
    return Nik(number, born, day > _WOMAN, known[-1] if known else None, *names)


def _born(day: int, month: int, year: int, today: date) -> date | None:
    """The birth date behind a two-digit year: this century unless the person would be younger than 15."""
    recent = _date(2000 + year, month, day)
    if recent and age(recent, today) >= _ages()["read_as_19yy_below"]:
        return recent
    return _date(1900 + year, month, day)


def _warnings(nik: Nik, today: date) -> list[NikWarning]:
    found = {
        NikWarning.UNKNOWN_REGENCY: nik.regency is None,
        NikWarning.UNKNOWN_DISTRICT: nik.regency is not None and nik.district is None,
        NikWarning.IMPOSSIBLE_DATE: nik.born is None,
        NikWarning.CHILD: nik.born is not None and age(nik.born, today) < _ages()["child_below"],
        NikWarning.MAYBE_FAMILY_CARD: _like_a_family_card(nik, today),
        NikWarning.OVER_AGE: nik.born is not None and turns_65(nik.born) <= today,
    }
    return [warning for warning, holds in found.items() if holds]


def _like_a_family_card(nik: Nik, today: date) -> bool:
    """Whether the date could be a family card's day of issue: in the recent past, and never with 40 added."""
    if nik.born is None or nik.female:
        return False
    issued = _date(2000 + nik.born.year % 100, nik.born.month, nik.born.day)
    return issued is not None and issued <= today and age(issued, today) < _ages()["child_below"]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ages() -> dict[str, int]:
    ages: dict[str, int] = document("nik")["ages"]
    return ages


def _checks() -> dict[str, Any]:
    checks: dict[str, Any] = document("nik")["checks"]
    return checks


def _level(check: NikRefusal | NikWarning) -> str:
    return str(_checks()[check.value]["level"])
