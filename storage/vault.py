"""Encryption of personal data, and the blind indexes by which it can still be found.

A sealed value is AES-256-GCM: one byte with the length of the key's id, the id, a 12-byte random nonce, the
ciphertext with its tag. The place (table, column and row) is associated data, so a value copied elsewhere does not
open. A blind index is HMAC-SHA256 under its own key: equal values are equal indexes, and nothing more is told.

There may be several keys of both kinds while they are exchanged: the first writes, all are read with. What an index key
has made begins with its mark, the length of the id and the id; that of key 1, the first of every installation, with none.
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

UNMARKED = "1"  # the index key whose indexes bear no mark
INDEX_BYTES = 32  # of an index or a link, beside its mark

_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")


class KeyFormatError(ValueError):
    """The settings' keys cannot be used; the text says which and why, and never repeats a key."""


class SealBrokenError(Exception):
    """A sealed value was changed, belongs to another place, or its key is not among ours."""


class Vault:
    """Seals, opens and indexes: of `keys` and of `index_keys` the first writes, and with each of them is read."""

    __slots__ = ("_chain_keys", "_ciphers", "_index_keys", "index_names", "names")

    def __init__(self, keys: Sequence[tuple[str, bytes]], index_keys: bytes | Sequence[tuple[str, bytes]]) -> None:
        indexing = [(UNMARKED, index_keys)] if isinstance(index_keys, bytes) else index_keys
        _check("KEYS", keys)
        _check("INDEX_KEY", indexing)
        self._ciphers = {name: AESGCM(key) for name, key in keys}
        self._index_keys = dict(indexing)
        self._chain_keys = {name: hmac.digest(key, b"history chain", sha256) for name, key in indexing}
        self.names, self.index_names = tuple(self._ciphers), tuple(self._index_keys)

    @classmethod
    def parse(cls, keys: str, index_key: str) -> "Vault":
        """Read the settings KEYS (`1:<base64>,2:<base64>`) and INDEX_KEY (likewise, or base64); raises KeyFormatError."""
        indexing = index_key if not index_key.strip() or ":" in index_key else f"{UNMARKED}:{index_key}"
        return cls(_entries("KEYS", keys), _entries("INDEX_KEY", indexing))

    def __repr__(self) -> str:
        return "<Vault>"

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt under the first key for this place, `table.column:row`."""
        nonce = os.urandom(_NONCE_BYTES)
        return seal_mark(self.names[0]) + nonce + self._ciphers[self.names[0]].encrypt(nonce, plain, place.encode())

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

    @property
    def turning(self) -> bool:
        """Whether there is more than one index key, so that equal values may have different indexes."""
        return len(self.index_names) > 1

    def blind(self, subject: Subject, value: str) -> bytes:
        """Index a normalised value under the first key; the subject keeps equal texts of different kinds apart."""
        return self._blind(self.index_names[0], subject, value)

    def blinds(self, subject: Subject, value: str) -> list[bytes]:
        """Return the indexes of a value under every key, the first key's first: whatever is looked for has one of them."""
        return [self._blind(name, subject, value) for name in self.index_names]

    def link(self, previous: bytes, entry: bytes) -> bytes:
        """Chain a history entry to the one before it, under a key made from the first index key."""
        return self._link(self.index_names[0], previous, entry)

    def linked(self, previous: bytes, entry: bytes, link: bytes) -> bool:
        """Tell whether an entry was chained to the one before it by this link, under any key."""
        return any(hmac.compare_digest(self._link(name, previous, entry), link) for name in self.index_names)

    def _blind(self, name: str, subject: Subject, value: str) -> bytes:
        return index_mark(name) + hmac.digest(self._index_keys[name], f"{subject}\0{value}".encode(), sha256)

    def _link(self, name: str, previous: bytes, entry: bytes) -> bytes:
        return index_mark(name) + hmac.digest(self._chain_keys[name], previous + entry, sha256)


def seal_mark(name: str) -> bytes:
    """Return how every value begins that was sealed with this key."""
    return bytes([len(name)]) + name.encode()


def index_mark(name: str) -> bytes:
    """Return how every index and link of this key begins; with `INDEX_BYTES` more it ends."""
    return b"" if name == UNMARKED else seal_mark(name)


def lock_number(index: bytes) -> int:
    """Return the 64-bit number by which an index is locked."""
    return int.from_bytes(index[-INDEX_BYTES:][:8], signed=True)


def fresh_keys() -> tuple[str, str]:
    """Generate the values of KEYS and INDEX_KEY for a new installation."""
    return f"1:{fresh_key()}", fresh_key()


def fresh_key() -> str:
    """Generate one key, in base64."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def _check(setting: str, keys: Sequence[tuple[str, bytes]]) -> None:
    if not keys:
        raise KeyFormatError(f"{setting} is empty: at least one key is needed, written as 1:<base64 of 32 bytes>.")
    for name, key in keys:
        if not _KEY_ID.fullmatch(name):
            raise KeyFormatError(f"A key's id in {setting} must be 1 to 16 letters, digits, dashes or underscores.")
        if len(key) != _KEY_BYTES:
            raise KeyFormatError(f"Key {name} in {setting} has {len(key)} bytes; it must have {_KEY_BYTES}.")
    if len({name for name, _ in keys}) != len(keys):
        raise KeyFormatError(f"Two keys in {setting} have the same id.")


def _entries(setting: str, text: str) -> list[tuple[str, bytes]]:
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    return [_entry(f"Entry {place} of {setting}", entry) for place, entry in enumerate(entries, 1)]


def _entry(what: str, text: str) -> tuple[str, bytes]:
    name, colon, key = text.partition(":")
    if not colon:
        raise KeyFormatError(f"{what} has no id; it must read like 1:<base64 of 32 bytes>.")
    return name.strip(), _key(key, what)


def _key(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise KeyFormatError(f"{what} is not base64.") from None
