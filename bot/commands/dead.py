"""`sertakan dead`: what was given up is looked at, replayed or dropped, without anybody reading it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import click

from bot.commands import fail_kindly, settings

HOURS = 3600


class Mark(click.ParamType[str]):
    """What names a dead letter: in-12 is an update, out-5 a letter."""

    name = "mark"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take in-NUMBER or out-NUMBER."""
        if not isinstance(value, str) or not re.fullmatch(r"(in|out)-\d{1,18}", value, re.ASCII):
            self.fail("a dead letter is named like in-12 or out-5; `sertakan dead list` shows them.", param, ctx)
        return value


marks_named = click.argument("marks", nargs=-1, type=Mark())
every = click.option("--all", "every", is_flag=True, help="All of them, or all with --reason.")
why = click.option("--reason", help="With --all: only those given up for this reason, as `list` shows it.")


@click.group()
def dead() -> None:
    """Dead letters: updates that could not be handled, letters that Telegram refused.

    Their bodies stay sealed and are never printed. Letters go after two days; updates stay until somebody decides.
    """


@dead.command("list")
def list_() -> None:
    """Print what was given up: its mark, what it is, why, how old, after how many tries."""
    _print(None)


@dead.command()
@click.argument("mark", type=Mark())
def show(mark: str) -> None:
    """Print one of them, without its body."""
    _print(mark)


def _print(mark: str | None) -> None:
    from bot import dead_letters
    from bot.watching.logs import redact
    from handlers.office import utc_now

    chosen = settings()
    now = utc_now()
    found = [one for one in fail_kindly(lambda: asyncio.run(dead_letters.all_(chosen))) if mark in {None, one.mark}]
    for one in found:
        hours = (now - one.died_at).total_seconds() / HOURS
        blanked = "" if one.whole else ", text gone"
        reason = redact(one.reason) or "?"
        click.echo(f"{one.mark}: {one.what}, {reason}, {hours:.1f} h ago, {one.attempts} failed tries before{blanked}")
    if not found:
        click.echo("There is no dead letter." if mark is None else f"There is no dead letter {mark}.")


@dead.command()
@marks_named
@every
@why
def replay(marks: Sequence[str], *, every: bool, reason: str | None) -> None:
    """Put them back to work, once each, before what waits in the same chat.

    Somebody whose update died was told to send it again: what they sent since has happened already.
    """
    from bot import dead_letters

    _one_way(marks, every=every, reason=reason)
    chosen = settings()
    named = None if every else marks
    done = fail_kindly(lambda: asyncio.run(dead_letters.replay(chosen, named, reason)))
    for mark, not_again in done.items():
        click.echo(f"{mark}: {'goes again' if not_again is None else not_again}.")
    if not done:
        click.echo("There is nothing to replay.")


@dead.command()
@marks_named
@every
@why
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(marks: Sequence[str], *, every: bool, reason: str | None, yes: bool) -> None:
    """Erase their bodies and count them no more."""
    from bot import dead_letters

    _one_way(marks, every=every, reason=reason)
    chosen = settings()
    named = list(marks)
    if every:
        found = fail_kindly(lambda: asyncio.run(dead_letters.all_(chosen)))
        named = [one.mark for one in found if reason in {None, one.reason}]
    if not yes:
        click.confirm(f"Erase {len(named)} dead letters for good?", abort=True)
    gone = fail_kindly(lambda: asyncio.run(dead_letters.drop(chosen, named)))
    click.echo(f"Erased: {len(gone)} of {len(named)}.")


def _one_way(marks: Sequence[str], *, every: bool, reason: str | None) -> None:
    if bool(marks) == every or (reason is not None and not every):
        raise click.UsageError("Name dead letters, or say --all, with or without --reason.")
