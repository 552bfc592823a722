"""`sertakan copy`: an installation moves from one database to another."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import click

from bot.commands import fail_kindly, settings

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.copying import Sum

TARGET = "SERTAKAN_COPY_TO"


@click.command()
def copy() -> None:
    """Copy everything into another, empty database.

    From SQLite to PostgreSQL, or back. The target's address is read from SERTAKAN_COPY_TO or asked for, since others could read a password on a command line. Stop the bot first. Every row is compared afterwards; a copy that is broken off leaves nothing, and can be repeated.
    """
    from storage.copying import CopyError

    chosen = settings()
    target = os.environ.get(TARGET) or click.prompt(
        "The address of the empty database (it is not shown)", hide_input=sys.stdin.isatty()
    )
    show(fail_kindly(lambda: asyncio.run(_copied(chosen, target.strip())), CopyError))
    click.echo(
        "Now set SERTAKAN_DATABASE_URL to the new address, and start the bot. The old data were left as they are."
    )


def show(sums: dict[str, Sum]) -> None:
    """Print how many rows each table has."""
    width = max(map(len, sums))
    for name, one in sorted(sums.items()):
        if one.rows:
            click.echo(f"✓ {name:{width}} {one.rows:>12,} verified")
    click.echo(f"✓ {sum(not one.rows for one in sums.values())} tables without a row")


async def _copied(chosen: Settings, to: str) -> dict[str, Sum]:
    from bot.upkeep import opened
    from storage import copying
    from storage.database import Database

    async with opened(chosen) as source:
        target = await Database.open(to, chosen.vault())
        try:
            await copying.prepare(target)
            async with source.alone() as rows, target.alone() as tx:
                return await copying.copy(rows, tx)
        finally:
            await target.close()
