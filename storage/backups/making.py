"""Making a backup: a copy in one unchanging view, sealed, and tried out. Only then it gets its name.

Whatever goes wrong before leaves the folder as it was.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import backups, copying
from storage.backups import BackupError
from storage.backups.sealing import Header, seal
from storage.backups.trial import opened, tried, write
from storage.backups.workroom import workroom
from storage.copying import Sum
from storage.database import Database
from storage.vault import Vault

_AT_ONCE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and tried out: where it is, its bytes, and what is in it."""

    path: Path
    size: int
    sums: dict[str, Sum]


async def make(database: Database, vault: Vault, folder: Path, now: datetime) -> Backup:
    """Make a backup of a database on which a bot may be at work; raises BackupError, CopyError and OSError.

    The folder needs room for the backup and for the database once more.
    """
    with workroom(folder) as room:
        plain, sealed, path = room / "copy.db", room / "sealed", folder / backups.name(now)
        async with opened(plain, vault) as target:
            await target.migrate()
            async with database.read() as source, target.write() as tx:
                sums = await copying.copy(source, tx)
            revision = await target.revision()
        await asyncio.to_thread(write, sealed, seal(_read(plain), Header(now, revision or ""), vault))
        plain.unlink()
        async with tried(sealed, vault, room) as (_header, trial), trial.read() as tx:
            if await copying.sums(tx) != sums:
                raise BackupError("The backup does not hold what it should, and was not kept. Please try again.")
        size = sealed.stat().st_size
        _put(sealed, path)
    return Backup(path, size, sums)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_AT_ONCE):
            yield part


def _put(sealed: Path, path: Path) -> None:
    """Give a finished file its name, so that a power cut leaves it whole or not at all."""
    sealed.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
