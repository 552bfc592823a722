"""Restoring a backup into an installation that has no data: first tried out, then copied in as a whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from storage import copying
from storage.backups import aftermath
from storage.backups.aftermath import Halted
from storage.backups.trial import tried
from storage.backups.workroom import workroom
from storage.copying import Sum
from storage.database import Database
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, as of when, and what was not left to go on (None where everything was)."""

    made_at: datetime
    sums: dict[str, Sum]
    halted: Halted | None


async def restore(
    backup: Path, target: Database, vault: Vault, *, within: Path, now: datetime, today: date, resend: bool
) -> Restored:
    """Restore a backup into an empty database, with a temporary file in a folder.

    With `resend`, what waited when the backup was made is sent: right only if no bot has run since. Raises
    BackupError, CopyError, DatabaseError and OSError.
    """
    await copying.prepare(target)
    with workroom(within) as room:
        async with tried(backup, vault, room) as (header, trial), trial.read() as source, target.alone() as tx:
            sums = await copying.copy(source, tx)
            halted = None if resend else await aftermath.halt(tx, now, today)
    return Restored(header.made_at, sums, halted)
