"""Running: what the commands `run` and `send` do."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import AbstractAsyncContextManager


async def run_until_stopped(program: AbstractAsyncContextManager[object]) -> None:
    """Run a program until SIGTERM or SIGINT, then finish what is in hand; a signal before it is ready ends it at once."""
    stopped, ready = asyncio.Event(), asyncio.Event()
    loop, serving = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        if not ready.is_set() and not stopped.is_set() and serving is not None:
            serving.cancel()
        stopped.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        async with program:
            # Areas, texts and tables stay for good: looking through them for garbage would stop everything for half a second.
            gc.collect()
            gc.freeze()
            ready.set()
            await stopped.wait()
    except asyncio.CancelledError:
        if not stopped.is_set():
            raise
