"""Numbers as people write them: "26.000", "5 miliar", "Rp5.000.000,-", "2,5 jt"."""

from __future__ import annotations

import re
from decimal import Decimal

from conversations.rules import digits

UNITS = {
    "ribu": 3, "rb": 3, "k": 3,
    "juta": 6, "jt": 6,
    "miliar": 9, "milyar": 9, "m": 9,
    "triliun": 12, "t": 12,
}  # fmt: skip
_LONGEST = 40
_SAID = re.compile(
    r"(?:rp\.?)? *(?P<number>\d[\d., ]*?)(?P<tail>,-|[.,]00)? *(?P<unit>[a-z]+)?(?: *(?:rupiah|orang|jiwa|bulan))?\.?"
)
_GROUPED = re.compile(r"\d{1,3}(?P<mark>[., ])\d{3}(?:(?P=mark)\d{3})*")
_BROKEN = re.compile(r"\d+[.,]\d+")
_COUNTED = {"rupiah", "orang", "jiwa", "bulan"}


def read(text: str) -> int | None:
    """Return the whole number a text means; None where it could mean several, or none.

    Dots, commas and blanks part thousands; before a unit a single one of them is a decimal mark, and "1.500 juta",
    which could be either, is not understood.
    """
    found = _SAID.fullmatch(digits.plain(text).casefold().strip()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    number, unit = found["number"].strip(), found["unit"]
    if unit is None or unit in _COUNTED:
        return _whole(number)
    if unit not in UNITS or found["tail"] or _GROUPED.fullmatch(number):
        return None
    if not number.isdigit() and not _BROKEN.fullmatch(number):
        return None
    value = Decimal(number.replace(",", ".")).scaleb(UNITS[unit])
    return int(value) if value == value.to_integral_value() else None


def _whole(number: str) -> int | None:
    if number.isdigit() or _GROUPED.fullmatch(number):
        return int(re.sub(r"[., ]", "", number))
    return None
