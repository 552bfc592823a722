"""Indonesian mobile numbers: read as people type them, kept as E.164, shown as people know them.

Only a number that starts with +62 and is of a mobile operator is taken: `phonenumbers` alone would also accept
landlines and numbers of other countries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

from conversations.rules import digits

_LEAST = 7
"""Fewer digits than this are a house number or a year, not a phone number."""
_NIK = 16
_SHORTEST, _LONGEST = 9, 12
"""Digits of an Indonesian mobile number after +62, as `phonenumbers` 9.0 has them."""
_NEXT_NUMBER = re.compile(r"\s+(?=(?:\+?62[\s.\-]*0?|0)[\s.\-]*8)")
_RUN = re.compile(r"\+?[\s(]*[0-9](?:[ .,\-·•()]*\+?[0-9])*")


class PhoneRefusal(Enum):
    """Why a text is not taken as a mobile number."""

    SEVERAL = "several"
    IS_NIK = "is_nik"
    LANDLINE = "landline"
    FOREIGN = "foreign"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"


_TELLING = (
    PhoneRefusal.IS_NIK,
    PhoneRefusal.LANDLINE,
    PhoneRefusal.FOREIGN,
    PhoneRefusal.TOO_LONG,
    PhoneRefusal.TOO_SHORT,
    PhoneRefusal.UNREADABLE,
    PhoneRefusal.SEVERAL,
)
"""Which refusal is told when a text holds several numbers, none of them a mobile one: the most helpful first."""


@dataclass(frozen=True, slots=True)
class Mobile:
    """An Indonesian mobile number as +6281234567890."""

    e164: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """No mobile number, and why."""

    reason: PhoneRefusal


PhoneRead = Mobile | Refused


@lru_cache(maxsize=1)  # as with the NIK
def read(text: str) -> PhoneRead:
    """Find the one mobile number in what a person wrote, or say why there is none.

    Understands 0812-3456-7890, 62812…, +62 0812…, 812…, 0062…, 00162…, full-width digits, and words around them.
    """
    found = [result for run in _RUN.findall(digits.plain(text)) for result in _read_run(run)]
    mobiles = {result for result in found if isinstance(result, Mobile)}
    if len(mobiles) > 1:
        return Refused(PhoneRefusal.SEVERAL)
    if mobiles:
        return mobiles.pop()
    refused = [result for result in found if isinstance(result, Refused)]
    return min(refused, key=lambda result: _TELLING.index(result.reason), default=Refused(PhoneRefusal.UNREADABLE))


def mask(e164: str) -> str:
    """The number as it may be shown to others: "0812-••••-•890"; what is no Indonesian number is hidden entirely."""
    if not re.fullmatch(r"\+62[0-9]{8,}", e164):
        return "••••-••••-••••"
    local = f"0{e164[3:]}"
    return _grouped(local[:4] + "•" * (len(local) - 7) + local[-3:])


def _read_run(run: str) -> list[PhoneRead]:
    """The numbers in one run of digits: one as a rule, several where two mobile numbers stand side by side."""
    whole = _classify(run)
    pieces = _NEXT_NUMBER.split(run)
    if isinstance(whole, Mobile) or len(pieces) == 1:
        return [whole]
    apart = [_classify(piece) for piece in pieces]
    return apart if any(isinstance(result, Mobile) for result in apart) else [whole]


def _classify(run: str) -> PhoneRead:
    """What one run of digits is."""
    typed = re.sub("[^0-9]", "", run)
    abroad = run.startswith("+")
    if len(typed) == _NIK and not abroad and not typed.startswith("0"):
        return Refused(PhoneRefusal.IS_NIK)
    if len(typed) < _LEAST:
        return Refused(PhoneRefusal.TOO_SHORT if typed.startswith(("08", "62", "8")) else PhoneRefusal.UNREADABLE)
    if prefix := re.match("001(?=62)|00", typed):
        typed, abroad = typed[prefix.end() :], True
    local = typed.removeprefix("62").lstrip("0")
    result = _indonesian(local)
    foreign = not typed.startswith(("62", "0")) and (abroad or not isinstance(result, Mobile)) and _valid(f"+{typed}")
    return Refused(PhoneRefusal.FOREIGN) if foreign else result


def _indonesian(local: str) -> PhoneRead:
    """What a number without +62 and without leading 0 is."""
    try:
        number = phonenumbers.parse(f"+62{local}")
    except phonenumbers.NumberParseException:
        return Refused(PhoneRefusal.UNREADABLE)
    if phonenumbers.is_valid_number(number):
        if phonenumbers.number_type(number) == PhoneNumberType.MOBILE:
            return Mobile(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        return Refused(PhoneRefusal.LANDLINE)
    if not local.startswith("8"):
        too_long = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.TOO_LONG
        return Refused(PhoneRefusal.TOO_LONG if too_long else PhoneRefusal.UNREADABLE)
    if len(local) < _SHORTEST:
        return Refused(PhoneRefusal.TOO_SHORT)
    return Refused(PhoneRefusal.TOO_LONG if len(local) > _LONGEST else PhoneRefusal.UNREADABLE)


def _valid(e164: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False


def _grouped(local: str) -> str:
    return "-".join(part for part in (local[:4], local[4:8], local[8:]) if part)
