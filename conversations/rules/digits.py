"""Finds numbers in what people write: any script's digits, and whatever stands between them."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN = r"[ .,\-·•()]*"
"""What people put between the digits of one number; a line break or a slash starts another."""


def plain(text: str) -> str:
    """`text` with full-width, Arabic, Javanese and other digits as 0-9, dashes and blanks in one form.

    Invisible characters that come along when copying, such as the zero-width space, are dropped.
    """
    if text.isascii():
        return text.replace("\t", " ")
    return "".join(map(_plain, unicodedata.normalize("NFKC", text)))


def runs(text: str, characters: str = "0-9") -> list[str]:
    """The numbers in a plain text, each without what stood between its digits.

    `characters` is a regular expression's character class; letters may be added to it to find mistyped digits.
    """
    found = re.findall(rf"[{characters}](?:{_BETWEEN}[{characters}])*", text)
    return [re.sub(_BETWEEN, "", run) for run in found]


def _plain(character: str) -> str:
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    match unicodedata.category(character):
        case "Cf":
            return ""
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case _:
            return " " if character == "\t" else character
