"""Canaries: made-up personal data and secrets, looked for wherever they must never be."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST = 6  # characters; anything shorter turns up by chance


def forms(canary: str) -> set[bytes]:
    """Return how a text may look in a file: plain, escaped, in base64 at each alignment, in hexadecimal, in UTF-16."""
    plain = canary.encode()
    found = {plain, quote(canary).encode(), quote_plus(canary).encode(), plain.hex().encode()}
    found |= {canary.encode("utf-16-le"), canary.encode("utf-16-be"), canary.encode("unicode_escape")}
    for shift in range(3):
        # The characters at both ends depend on what stands beside the text.
        found.add(b64encode(b"\0" * shift + plain)[4 if shift else 0 :][: len(plain) // 3 * 4 - 4])
    return {form for form in found if len(form) >= SHORTEST}


def variants(canary: str) -> set[str]:
    """Return a canary as it was typed and, where it is a number, as it may be stored."""
    digits = re.sub(r"\D", "", canary)
    if len(digits) < len(re.sub(r"[\W_]", "", canary)) or len(digits) < SHORTEST:
        return {canary}
    local = re.sub(r"^(62|0)", "", digits)
    return {canary, digits} if len(digits) == 16 else {canary, digits, f"62{local}", f"0{local}", local}


def leaks(canaries: Iterable[str], texts: Iterable[bytes]) -> list[str]:
    """Return the canaries that are in one of the texts, in any form."""
    hay = b"\n".join(texts)
    return [each for each in canaries if any(form in hay for one in variants(each) for form in forms(one))]


def files(folder: Path) -> Iterator[bytes]:
    """Read every file below a folder."""
    return (path.read_bytes() for path in folder.rglob("*") if path.is_file())
