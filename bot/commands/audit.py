"""`sertakan audit`: whether anything was changed behind the bot's back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from bot.commands import fail_kindly, settings

if TYPE_CHECKING:
    from bot.settings import Settings

WORDS: Mapping[str, str] = {
    "history": "its history is broken: an entry was changed, added or taken out",
    "state": "its state is not the one its history ends in",
    "row": "it was changed, or the place it holds, without an entry in its history",
    "document": "its document is missing or does not open",
    "nik": "its NIK index does not belong to its document",
    "no place": "it was approved under a programme, and no place is counted for it",
    "wrong place": "it holds a place that it should not have",
    "deleted": "there is its history, but no registration",
    "programme": "its terms, quota or shares were changed by hand",
    "counters": "what it counts as promised is not the sum of its places",
}


@click.group()
def audit() -> None:
    """Check that nothing was changed by hand.

    Every change that the bot makes is an entry in a history whose key only the settings know.
    """


@audit.command()
def verify() -> None:
    """Hold every registration against its history.

    Programmes are held against the places they gave. It prints numbers and codes, never personal data, and ends with code 1 when something is wrong. The bot may go on running.
    """
    chosen = settings()
    if fail_kindly(lambda: asyncio.run(_verified(chosen))):
        sys.exit(1)


async def _verified(chosen: Settings) -> int:
    """Print what is wrong, and what was looked at; return how much is wrong."""
    from time import monotonic

    from bot.upkeep import opened
    from storage.audit import Audit

    began, wrong = monotonic(), 0
    async with opened(chosen) as database, database.read() as tx:
        look = Audit(tx)
        async for finding in look.findings():
            wrong += 1
            click.echo(f"✗ {finding.subject}: {WORDS[finding.what]}.")
    click.echo(
        f"{'✗' if wrong else '✓'} {look.registrations} registrations with {look.entries} entries and {look.programmes} "
        f"programmes checked in {monotonic() - began:.1f} seconds: {wrong or 'nothing'} wrong."
    )
    return wrong
