"""`sertakan serve`: one of several processes that answer."""

from __future__ import annotations

import click

from bot.commands import settings
from bot.commands.serving import keep_going


@click.command()
def serve() -> None:
    """Take messages in and answer them in one of several processes.

    It needs PostgreSQL, the same .env, and a `sertakan send` beside it, since it sends nothing itself. Any number of them may run: with SERTAKAN_HOOK_URL they take messages at /hook on SERTAKAN_LISTEN behind a proxy, without it one of them polls and another takes over when that one ends. Ctrl-C or SIGTERM stops it cleanly.
    """
    chosen = settings()  # before all that answering needs is loaded

    from bot.front import serving

    keep_going(serving(chosen))
