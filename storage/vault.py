"""Encryption of personal data, and the blind indexes by which it can still be found.

A sealed value is AES-256-GCM: one byte with the length of the key's id, the id, a 12-byte random nonce, the
ciphertext with its tag. The place (table, column and row) is associated data, so a value copied elsewhere does not
open. A blind index is HMAC-SHA256 under its own key: equal values are equal indexes, and nothing more is told.
"""

import base64
import binascii
import hmac
import json
import os
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Subject = Literal["nik", "phone", "token", "words"]

_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")


class KeyFormatError(ValueError):
    """The settings' keys cannot be used; the text says which and why, and never repeats a key."""


class SealBrokenError(Exception):
    """A sealed value was changed, belongs to another place, or its key is not among ours."""


class Vault:
    """Seals and opens values: the first key encrypts, every key decrypts, `index_key` makes the blind indexes."""

    __slots__ = ("_chain_key", "_ciphers", "_current", "_index_key")

    def __init__(self, keys: Sequence[tuple[str, bytes]], index_key: bytes) -> None:
        if not keys:
            raise KeyFormatError("KEYS is empty: at least one key is needed, written as 1:<base64 of 32 bytes>.")
        for name, key in keys:
            if not _KEY_ID.fullmatch(name):
                raise KeyFormatError("A key's id in KEYS must be 1 to 16 letters, digits, dashes or underscores.")
            if len(key) != _KEY_BYTES:
                raise KeyFormatError(f"Key {name} in KEYS has {len(key)} bytes; it must have {_KEY_BYTES}.")
        if len({name for name, _ in keys}) != len(keys):
            raise KeyFormatError("Two keys in KEYS have the same id.")
        if len(index_key) != _KEY_BYTES:
            raise KeyFormatError(f"INDEX_KEY has {len(index_key)} bytes; it must have {_KEY_BYTES}.")
        self._ciphers = {name: AESGCM(key) for name, key in keys}
        self._current = keys[0][0]
        self._index_key = index_key
        self._chain_key = hmac.digest(index_key, b"history chain", sha256)

    @classmethod
    def parse(cls, keys: str, index_key: str) -> "Vault":
        """Read the settings KEYS (`1:<base64>,2:<base64>`) and INDEX_KEY (base64); raises KeyFormatError."""
        entries = [entry.strip() for entry in keys.split(",") if entry.strip()]
        return cls([_entry(place, entry) for place, entry in enumerate(entries, 1)], _key(index_key, "INDEX_KEY"))

    def __repr__(self) -> str:
        return "<Vault>"

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt under the first key for this place, `table.column:row`."""
        name, nonce = self._current.encode(), os.urandom(_NONCE_BYTES)
        return bytes([len(name)]) + name + nonce + self._ciphers[self._current].encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what was sealed for this place; raises SealBrokenError."""
        start = 1 + sealed[0] if sealed else 1
        cipher = self._ciphers.get(sealed[1:start].decode("ascii", "replace"))
        nonce, body = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        if cipher is None or len(nonce) < _NONCE_BYTES:
            raise SealBrokenError(f"The key of {place.partition(':')[0]} is unknown, or the value is damaged.")
        try:
            return cipher.decrypt(nonce, body, place.encode())
        except InvalidTag:
            raise SealBrokenError(
                f"A value of {place.partition(':')[0]} does not open: changed or misplaced."
            ) from None

    def seal_json(self, value: Mapping[str, object], place: str) -> bytes:
        """Seal an object as compact JSON."""
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), place)

    def open_json(self, sealed: bytes, place: str) -> dict[str, Any]:
        """Open an object sealed by `seal_json`; raises SealBrokenError."""
        value: dict[str, Any] = json.loads(self.open(sealed, place))
        return value

    def blind(self, subject: Subject, value: str) -> bytes:
        """Index a normalised value (32 bytes); the subject keeps equal texts of different kinds apart."""
        return hmac.digest(self._index_key, f"{subject}\0{value}".encode(), sha256)

    def link(self, previous: bytes, entry: bytes) -> bytes:
        """Chain a history entry to the one before it (32 bytes), under a key made from the index key."""
        return hmac.digest(self._chain_key, previous + entry, sha256)


def fresh_keys() -> tuple[str, str]:
    """Generate the values of KEYS and INDEX_KEY for a new installation."""
    return "1:" + base64.b64encode(os.urandom(_KEY_BYTES)).decode(), base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def _entry(place: int, text: str) -> tuple[str, bytes]:
    name, colon, key = text.partition(":")
    if not colon:
        raise KeyFormatError(f"Entry {place} of KEYS has no id; it must read like 1:<base64 of 32 bytes>.")
    return name.strip(), _key(key, f"Entry {place} of KEYS")


def _key(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise KeyFormatError(f"{what} is not base64.") from None
