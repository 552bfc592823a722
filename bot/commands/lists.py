"""`sertakan list`: the social register and the participants, imported as blind indexes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from bot.commands import fail_kindly, settings

NAMES = ("social_register", "participants")


@click.group("list")
def lists() -> None:
    """Lists of NIK: the social register and existing participants.

    Only keyed hashes are stored. The bot can tell a reviewer that a registration is on a list; nobody can read a list.
    """


@lists.command("import")
@click.argument("name", type=click.Choice(NAMES))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--add", is_flag=True, help="Add to the list. Without it, the file replaces the list.")
def import_(name: str, file: Path, *, add: bool) -> None:
    """Import a CSV file with a column "NIK". It is safe to repeat, also while the bot runs."""
    from bot.list_files import ListFileError, import_list

    chosen = settings()
    outcome = fail_kindly(lambda: asyncio.run(import_list(chosen, name, file, add=add)), ListFileError)
    click.echo(f"{name}: {outcome.read} NIK read, {outcome.dropped} older ones taken off the list.")
    if outcome.wrong:
        some = ", ".join(map(str, outcome.lines)) + (" …" if outcome.wrong > len(outcome.lines) else "")
        click.echo(f"{outcome.wrong} lines hold no NIK of 16 digits: line {some}")
    if not outcome.read:
        raise click.ClickException("The file holds no NIK; the list stays as it was.")


@lists.command()
def show() -> None:
    """Print how many NIK are on each list, and when it was imported."""
    from bot.list_files import described

    chosen = settings()
    found = {one.name: one for one in fail_kindly(lambda: asyncio.run(described(chosen)))}
    for name in NAMES:
        if name in found:
            click.echo(f"{name}: {found[name].count} NIK, imported {found[name].imported_at:%Y-%m-%d %H:%M} UTC")
        else:
            click.echo(f"{name}: not imported")
