"""`sertakan backup`: everything in one sealed file, beside a running bot."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import fail_kindly, interruptible, settings
from bot.commands.copy import show

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.backups.making import Backup

POLITE = 10  # how far it stands back behind the bot, which answers people meanwhile


@click.command()
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help="The folder; else SERTAKAN_BACKUP_DIR.")
def backup(to: Path | None) -> None:
    """Make a backup, and try it out.

    One file, sealed with SERTAKAN_KEYS: without a copy of the .env nobody can use it, you neither. It is restored into a temporary database and compared row by row before it gets its name. The bot may go on running. In SERTAKAN_BACKUP_DIR only the newest SERTAKAN_BACKUP_KEEP are kept.
    """
    from storage import backups
    from storage.backups import BackupError
    from storage.copying import CopyError

    chosen = settings()
    folder = to or chosen.backup_dir
    if folder is None:
        raise click.ClickException("Say where: `sertakan backup --to FOLDER`, or set SERTAKAN_BACKUP_DIR.")
    os.nice(POLITE)
    with interruptible():
        made = fail_kindly(lambda: asyncio.run(_made(chosen, folder)), BackupError, CopyError)
    show(made.sums)
    click.echo(f"✓ {made.path}: {made.size:,} bytes; restored on trial, every row equal, whole, and the keys fit.")
    if to is None and (gone := backups.thin_out(folder, chosen.backup_keep)):
        click.echo(f"{gone} older ones were removed.")


async def _made(chosen: Settings, folder: Path) -> Backup:
    from datetime import UTC, datetime

    from bot.upkeep import opened
    from storage.backups.making import make

    async with opened(chosen) as database:
        return await make(database, chosen.vault(), folder, datetime.now(UTC))
