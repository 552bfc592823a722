"""What `run`, `serve` and `send` have in common: a program that goes on until it is stopped."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from bot.commands import fail_kindly


def keep_going(program: AbstractAsyncContextManager[object]) -> None:
    """Run a program until SIGTERM or Ctrl-C; what keeps it from running is told in a sentence."""
    import uvloop

    from bot.intake.polling import BotApiError, WrongTokenError
    from bot.running import run_until_stopped
    from handlers.handover.mapping import MappingError

    fail_kindly(lambda: uvloop.run(run_until_stopped(program)), BotApiError, MappingError, WrongTokenError)
