"""`sertakan programme`: programmes from files, their figures, and closing one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands import fail_kindly, settings

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.programmes import Programme


@click.group()
def programme() -> None:
    """Enter programmes from a file, list them, close one.

    A programme says who pays for whom, for how long, and how many places there are. Admins also write them in the chat.
    """


@programme.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def import_(file: Path, *, dry_run: bool) -> None:
    """Enter or change the programmes of a TOML or CSV file.

    Nothing is entered unless all of it is right; whatever is wrong is named at once. It may be repeated: a programme is known by its code, and what it has promised stays.
    """
    from bot.programme_files import ProgrammeFileError, read
    from conversations.rules.areas import Areas

    chosen = settings()
    try:
        wanted = read(file, Areas.load(chosen.area))
        changes = fail_kindly(lambda: asyncio.run(_entered(chosen, wanted, dry_run=dry_run)), ProgrammeFileError)
    except (ProgrammeFileError, OSError) as wrong:
        raise click.ClickException(f"{wrong}\nNothing was entered.") from None
    for line in changes:
        click.echo(line)
    click.echo("Nothing was entered: this was a dry run." if dry_run else "Entered.")


@programme.command("list")
def list_() -> None:
    """Print all programmes, with what is promised of what there is."""
    chosen = settings()
    for line in fail_kindly(lambda: asyncio.run(_listed(chosen))) or ["There is no programme yet."]:
        click.echo(line)


@programme.command()
@click.argument("code")
def close(code: str) -> None:
    """Close a programme: it takes nobody else, and whoever has a place keeps it."""
    chosen = settings()
    if not fail_kindly(lambda: asyncio.run(_closed(chosen, code))):
        raise click.ClickException(f"There is no programme {code}; `sertakan programme list` shows them.")
    click.echo(f"{code} is closed.")


async def _entered(chosen: Settings, wanted: Sequence[Programme], *, dry_run: bool) -> list[str]:
    """Save all programmes or none, and return what changes; raises ProgrammeFileError."""
    from bot.programme_files.entry import enter
    from bot.upkeep import opened
    from handlers.office import utc_now

    async with opened(chosen) as database:
        return await enter(database, wanted, utc_now(), dry_run=dry_run)


async def _listed(chosen: Settings) -> list[str]:
    from bot.programme_files.entry import line
    from bot.upkeep import opened
    from storage import programmes, registrations

    async with opened(chosen) as database, database.read() as tx:
        return [line(one, await registrations.waiting_count(tx, one.code)) for one in await programmes.all_(tx)]


async def _closed(chosen: Settings, code: str) -> bool:
    from dataclasses import replace

    from bot.upkeep import opened
    from handlers.office import utc_now
    from storage import programmes

    async with opened(chosen) as database, database.write() as tx:
        await programmes.lock(tx, code)
        found = await programmes.get(tx, code)
        if found is not None:
            await programmes.save(tx, replace(found, state=programmes.CLOSED), by=None, now=utc_now())
        return found is not None
