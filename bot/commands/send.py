"""`sertakan send`: a process that only sends."""

from __future__ import annotations

import click

from bot.commands import settings
from bot.commands.serving import keep_going


@click.command()
def send() -> None:
    """Send letters and broadcasts in a process that does only that.

    It needs PostgreSQL and the same .env. Any number of them may run: nobody is written to twice, and together they keep to one pace. It neither takes messages in nor makes the rounds. Ctrl-C or SIGTERM stops it cleanly.
    """
    chosen = settings()  # before all that sending needs is loaded

    from bot.sending.post import sending

    keep_going(sending(chosen))
