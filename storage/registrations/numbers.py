"""Registration numbers: seven signs such as K7M-4QXT that survive handwriting and a bad telephone line."""

import re
import secrets
import unicodedata

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B, U V. The 23 that are left are a prime number, so the weighted sum below notices
# every single wrong sign and every two neighbours swapped.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
_RANDOM_SIGNS = 6
_TYPED = re.compile(rf"(?<![0-9A-Z])([{ALPHABET}]{{3}})[\s._\-\u2010-\u2015\u2212]*([{ALPHABET}]{{4}})(?![0-9A-Z])")


def new_number() -> str:
    """Draw a number; 148 million exist, the caller makes sure that it is free."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_SIGNS))
    return _grouped(signs + _check_sign(signs))


def read_number(text: str) -> str | None:
    """Find a number in what a person typed (any case, spaces or dashes anywhere sensible); None when none is right."""
    for match in _TYPED.finditer(unicodedata.normalize("NFKC", text).upper()):
        signs = match[1] + match[2]
        if _check_sign(signs[:-1]) == signs[-1]:
            return _grouped(signs)
    return None


def _check_sign(signs: str) -> str:
    total = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(signs, 2))
    return ALPHABET[-total % len(ALPHABET)]


def _grouped(signs: str) -> str:
    return f"{signs[:3]}-{signs[3:]}"
