"""`sertakan restore`: a backup becomes the data of an installation that has none."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import click

from bot.commands import fail_kindly, interruptible, settings
from bot.commands.copy import show

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.backups.restoring import Restored


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--resend", is_flag=True, help="Send what waited then. Only if no bot has run since the backup was made.")
def restore(file: Path, *, resend: bool) -> None:
    """Restore a backup into an empty database.

    SERTAKAN_DATABASE_URL names the database, which must be new or empty; SERTAKAN_KEYS and SERTAKAN_INDEX_KEY must be those of the backup. It is tried out first, and copied as a whole or not at all. What waited to be sent then is not sent, since it most likely was; with --resend it is.
    """
    from storage.backups import BackupError
    from storage.copying import CopyError

    chosen = settings()
    with interruptible():
        restored = fail_kindly(lambda: asyncio.run(_restored(chosen, file, resend=resend)), BackupError, CopyError)
    show(restored.sums)
    click.echo(f"Restored: everything as it was at {restored.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    if (halted := restored.halted) is not None:
        click.echo(
            f"Not sent any more, since they may have been: {halted.letters} letters and {halted.recipients} messages of"
            f" broadcasts and reminders; {halted.broadcasts} broadcasts were ended."
        )
    click.echo("Whatever happened later is not in it: docs/operating.md says what to look after.")


async def _restored(chosen: Settings, file: Path, *, resend: bool) -> Restored:
    from datetime import UTC, datetime

    from storage.backups.restoring import restore
    from storage.database import Database

    now = datetime.now(UTC)
    vault, today = chosen.vault(), now.astimezone(chosen.timezone).date()
    target = await Database.open(chosen.database_url.get_secret_value(), vault)
    try:
        return await restore(file, target, vault, within=_room(chosen), now=now, today=today, resend=resend)
    finally:
        await target.close()


def _room(chosen: Settings) -> Path:
    """Return the folder for the temporary file: with the backups, else with the data, else wherever such files go."""
    from sqlalchemy.engine import make_url

    url = make_url(chosen.database_url.get_secret_value())
    if chosen.backup_dir is None and url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).parent
    return chosen.backup_dir or Path(gettempdir())
