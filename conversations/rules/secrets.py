"""Recognises the codes and passwords that people are tricked into sending, so that the bot can warn and delete.

It looks at shapes only: a NIK, a phone number, an address, a date, an amount or a name is no secret. A question that
asks for a number lets its own reader look first, since a piece of a NIK is "a lone number" as well.
"""

from __future__ import annotations

import re

from conversations.rules import digits

_CODE = r"(?<![0-9])(?<![0-9][ \-])[0-9](?:[ \-]?[0-9]){3,7}(?![ \-]?[0-9])"
"""Four to eight digits, perhaps in groups, that are not a piece of a longer number."""

_LONE = re.compile(_CODE)
_DATE = re.compile(r"[0-9]{1,2}[ \-][0-9]{1,2}[ \-](?:19|20)?[0-9]{2}")

_OWNED = "otp|pin|verifikasi|rahasia|akses|masuk|login|aktivasi|konfirmasi|keamanan|sms|wa|whatsapp|telegram|saya|ini"
_NAME = rf"\b(?:otp|m-?pin|pin|token|cvv|cvc|kodenya|(?:kode|code|sandi|angka) (?:{_OWNED})|\w+ code|kode(?= ?[:=]))\b"
_NAME_AND_CODE = re.compile(rf"{_NAME}[^0-9]{{0,40}}{_CODE}|{_CODE}[^0-9]{{0,40}}{_NAME}")

_PASSWORD = re.compile(
    r"\b(?:password|passwd|pasword|pass|kata sandi|sandi)(?:ku|nya)?\b(?: (?:saya|aku|akun|email|wa|telegram))*"
    r"(?: ?(?:[:=]|adalah|yaitu|is\b) ?\S{3,}| (?=\S*[0-9])\S{4,})"
)


def looks_like_secret(text: str) -> bool:
    """Whether `text` is like a one-time code, a PIN or a password: "kode otp saya 123456", "1234", "password: …"."""
    said = " ".join(digits.plain(text).casefold().split())
    if _LONE.fullmatch(said):
        return not _DATE.fullmatch(said)
    return bool(_NAME_AND_CODE.search(said) or _PASSWORD.search(said))
