"""Running: what the command `run` does."""

from __future__ import annotations

import asyncio
import signal

from bot.app import running
from bot.pacer import UNHURRIED, Pace
from bot.settings import Settings


async def run_until_stopped(settings: Settings, pace: Pace = UNHURRIED) -> None:
    """Run the bot until SIGTERM or SIGINT, then finish what is in hand; a signal before it is ready ends it at once."""
    stopped, ready = asyncio.Event(), asyncio.Event()
    loop, serving = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        if not ready.is_set() and not stopped.is_set() and serving is not None:
            serving.cancel()
        stopped.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        async with running(settings, pace=pace):
            ready.set()
            await stopped.wait()
    except asyncio.CancelledError:
        if not stopped.is_set():
            raise
