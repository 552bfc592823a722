"""`sertakan hook`: Telegram calls the bot, or is polled by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from bot.commands import fail_kindly, settings

if TYPE_CHECKING:
    from aiogram import Bot

    from bot.settings import Settings


@click.group()
def hook() -> None:
    """Set the web hook at Telegram, look at it, or take it away.

    Only these commands change it. What waits at Telegram is kept in any case.
    """


@hook.command("set")
@click.option(
    "--at-once",
    type=click.IntRange(1, 100),
    default=40,
    show_default=True,
    help="How many messages Telegram may bring at the same time.",
)
def put(at_once: int) -> None:
    """Let Telegram call SERTAKAN_HOOK_URL from now on.

    It calls with SERTAKAN_HOOK_SECRET. Afterwards Telegram is asked whether it is so.
    """
    chosen = settings()
    if not chosen.hook_url:
        raise click.ClickException("SERTAKAN_HOOK_URL is missing: it should be the public https address before /hook.")

    from bot.intake.hook import put as put_hook

    _done(chosen, lambda bot: put_hook(bot, chosen, at_once))


@hook.command()
def status() -> None:
    """Show how the web hook stands at Telegram.

    The exit code is 1 when messages cannot come as the settings want it.
    """
    _done(settings(), None)


@hook.command()
def drop() -> None:
    """Take the web hook away, to go back to polling.

    SERTAKAN_HOOK_URL has to be unset where the bot runs; then it polls.
    """
    from bot.intake.hook import drop as drop_hook

    _done(settings(), drop_hook, wanted=False)


def _done(chosen: Settings, change: Callable[[Bot], Awaitable[None]] | None, *, wanted: bool = True) -> None:
    """Make a change, if any, then show how the web hook stands and what is wrong with that."""
    from bot import api
    from bot.intake.hook import address, lines, look
    from bot.intake.polling import BotApiError, WrongTokenError
    from handlers.office import utc_now

    async def work() -> tuple[list[str], list[str]]:
        async with api.reached(chosen) as bot:
            if change is not None:
                await change(bot)
            return lines(await look(bot), address(chosen) if wanted else None, utc_now())

    told, wrong = fail_kindly(lambda: asyncio.run(work()), BotApiError, WrongTokenError)
    for line in told:
        click.echo(line)
    for line in wrong:
        click.echo(f"Wrong: {line}", err=True)
    if wrong:
        raise SystemExit(1)
