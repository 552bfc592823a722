"""The sealed form of a backup: compressed, then encrypted piece by piece, so that it is never in memory as a whole.

A file begins with a line that names the form, the length of the header (4 bytes), and the header, which is JSON: when
it was made, the revision of the schema, and a key of its own that the vault has sealed. Pieces of 64 KiB follow, each
encrypted under that key by AES-256-GCM. Its nonce is its number (11 bytes) and whether it is the last (1 byte), and the
hash of all that stands before the pieces is associated data. So nothing can be changed, left out, put elsewhere, added
or taken from another file without being noticed; this is the construction STREAM (Hoang, Reyhanitabar, Rogaway and
Vizár, 2015).
"""

from __future__ import annotations

import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.backups import BackupError
from storage.vault import SealBrokenError, Vault, seal_mark

FORM = b"sertakan backup 1\n"
PIECE = 65_536  # bytes of compressed data in one piece
TAG = 16
LONGEST_HEADER = 4096
LEVEL = 1  # most of what is stored is encrypted, and does not become smaller by trying harder
_LENGTH = 4

DAMAGED = "The backup is damaged: it was changed, or it ends too early. Use another one."


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself: when it was made, and the revision of the schema in it."""

    made_at: datetime
    revision: str


def seal(plain: Iterable[bytes], header: Header, vault: Vault) -> Iterator[bytes]:
    """Give the bytes of a backup file."""
    key = os.urandom(32)
    made_at = header.made_at.isoformat()
    sealed = b64encode(vault.seal(key, _place(made_at))).decode()
    told = json.dumps({"made_at": made_at, "revision": header.revision, "key": sealed}).encode()
    beginning = FORM + len(told).to_bytes(_LENGTH) + told
    yield beginning
    cipher, bound = AESGCM(key), sha256(beginning).digest()
    for number, (piece, last) in enumerate(_pieces(_compressed(plain))):
        yield cipher.encrypt(_nonce(number, last=last), piece, bound)


def unseal(file: BinaryIO, vault: Vault) -> tuple[Header, Iterator[bytes]]:
    """Read the header of a backup, and give what is in it piece by piece, each known to be genuine.

    Raises BackupError, also while the pieces are gone through: only after the last one it is known to be whole.
    """
    form, length = file.read(len(FORM)), file.read(_LENGTH)
    if form != FORM or int.from_bytes(length) > LONGEST_HEADER:
        raise BackupError("This is no backup of Sertakan, or one of a newer version.")
    told = file.read(int.from_bytes(length))
    header, key = _read(told, vault)
    return header, _decompressed(_opened(file, AESGCM(key), sha256(form + length + told).digest()))


def _read(told: bytes, vault: Vault) -> tuple[Header, bytes]:
    try:
        said = json.loads(told)
        header = Header(datetime.fromisoformat(said["made_at"]), str(said["revision"]))
        sealed = b64decode(said["key"], validate=True)
        made_at = str(said["made_at"])
    except (ValueError, KeyError, TypeError):
        raise BackupError(DAMAGED) from None
    if not any(sealed.startswith(seal_mark(name)) for name in vault.names):
        raise BackupError("SERTAKAN_KEYS do not name the key of the backup: use the .env that was in force then.")
    try:
        return header, vault.open(sealed, _place(made_at))
    except SealBrokenError:
        raise BackupError(
            "SERTAKAN_KEYS do not open the backup: use the .env that was in force then. If these are the ones, the"
            " backup is damaged."
        ) from None


def _opened(file: BinaryIO, cipher: AESGCM, bound: bytes) -> Iterator[bytes]:
    number, piece = 0, file.read(PIECE + TAG)
    last = False
    while not last:
        following = file.read(PIECE + TAG)
        last = not following
        try:
            yield cipher.decrypt(_nonce(number, last=last), piece, bound)
        except (InvalidTag, ValueError):
            raise BackupError(DAMAGED) from None
        number, piece = number + 1, following


def _pieces(parts: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut into pieces of one length, and say of each whether it is the last."""
    kept = bytearray()
    for part in parts:
        kept += part
        while len(kept) > PIECE:
            yield bytes(kept[:PIECE]), False
            del kept[:PIECE]
    yield bytes(kept), True


def _compressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


def _decompressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.decompressobj()
    for part in parts:
        waiting = part
        while waiting:  # however well it was packed, no more than a few pieces come out at once
            yield packer.decompress(waiting, 16 * PIECE)
            waiting = packer.unconsumed_tail
    yield packer.flush()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def _place(made_at: str) -> str:
    return f"backups.key:{made_at}"
