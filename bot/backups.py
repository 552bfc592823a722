"""Backups by themselves: one a day, made by `sertakan backup` as a process of its own, so that nobody waits for it.

Whether one is due is told by the files that are there: after a stop it is late, never skipped.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import structlog

from bot.settings import Settings
from bot.watching import metrics
from bot.watching.logs import where
from handlers.backups import tell_failed
from handlers.errands import errand
from handlers.office import Office
from storage import backups
from storage.database import Database

log = structlog.get_logger("backups")

EVERY = 30.0  # seconds between two looks at the clock
AGAIN = 3600.0  # seconds until it is tried again after a failure
PATIENCE = 5.0  # seconds in which one that is ended may clear up
COMMAND = (sys.executable, "-m", "bot", "backup")


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups of an installation in a folder, one a day from the hour `at` on, made by a command."""

    database: Database
    office: Office
    folder: Path
    at: time
    command: Sequence[str] = COMMAND

    async def look(self) -> bool:
        """Make the backup that is due, if one is; after a failure, which admins are told of, return False."""
        why = await self._failure() if self._is_due() else None
        if why is None:
            return True
        log.error("no backup could be made", why=why)
        metrics.record_backup(self.office.clock(), ok=False)
        async with self.database.write() as tx, errand(tx, self.office) as visit:
            await tell_failed(visit, backups.latest(self.folder))
        return False

    def _is_due(self) -> bool:
        local = self.office.clock().astimezone(self.office.zone)
        due = datetime.combine(local.date(), self.at, self.office.zone)
        if due > local:
            due = datetime.combine(local.date() - timedelta(days=1), self.at, self.office.zone)
        made = backups.latest(self.folder)
        return made is None or made < due

    async def _failure(self) -> str | None:
        """Run the command, and return the last thing it said if it failed; a stop of the bot ends it."""
        process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _nothing, said = await process.communicate()
        finally:
            if process.returncode is None:
                await _ended(process)
        if process.returncode == 0:
            log.info("a backup was made")
            return None
        return (said.decode(errors="replace").strip() or f"code {process.returncode}").splitlines()[-1]


async def _ended(process: asyncio.subprocess.Process) -> None:
    """End a backup that is being made: it clears up behind itself, unless that takes long; then the next one does."""
    with suppress(ProcessLookupError):
        process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        if process.returncode is None:
            process.kill()
    await process.wait()


async def run(settings: Settings, database: Database, office: Office) -> None:
    """Make backups until cancelled; none where the settings name no folder."""
    if settings.backup_dir is None:
        return
    mine = Backups(database, office, settings.backup_dir, time.fromisoformat(settings.backup_at))
    while True:
        try:
            well = await mine.look()
        except Exception as error:  # noqa: BLE001  # it is tried again in an hour
            log.warning("looking after the backups failed", error=where(error))
            well = False
        await asyncio.sleep(EVERY if well else AGAIN)
