"""Trying a backup out: it is restored into a temporary file, which must be whole and fit the keys."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, text

from storage import schema
from storage.backups import BackupError
from storage.backups.sealing import Header, unseal
from storage.database import Database
from storage.vault import Vault


@asynccontextmanager
async def tried(backup: Path, vault: Vault, room: Path) -> AsyncIterator[tuple[Header, Database]]:
    """Give what a backup says of itself and the database in it, brought to the present schema; raises BackupError."""
    plain = room / "trial.db"
    header = await asyncio.to_thread(_unsealed, backup, plain, vault)
    async with opened(plain, vault) as database:
        if not schema.knows(await database.revision()):
            raise BackupError("The backup was made by a newer version of Sertakan: install that one first.")
        if not await database.schema_is_current():
            await database.migrate()
        async with database.read() as tx:
            if (await tx.connection.execute(text("PRAGMA integrity_check"))).scalars().all() != ["ok"]:
                raise BackupError("The database in the backup is damaged: use another backup.")
        if not await database.keys_fit():
            raise BackupError("SERTAKAN_INDEX_KEY is not that of the backup: use the .env that was in force then.")
        yield header, database


@asynccontextmanager
async def opened(plain: Path, vault: Vault) -> AsyncIterator[Database]:
    """Open an SQLite file, which is made where there is none."""
    database = await Database.open(str(URL.create("sqlite", database=str(plain))), vault)
    try:
        yield database
    finally:
        await database.close()


def write(path: Path, parts: Iterable[bytes]) -> None:
    """Write a new file that nobody else can read, and wait until the disk has it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def _unsealed(backup: Path, into: Path, vault: Vault) -> Header:
    with backup.open("rb") as sealed:
        header, parts = unseal(sealed, vault)
        write(into, parts)
    return header
