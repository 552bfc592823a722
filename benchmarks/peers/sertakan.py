"""The real bot, as `sertakan run` runs it, but without Telegram's limits: the imitated server has none."""

from __future__ import annotations

import asyncio
import signal

import uvloop

from bot import logs
from bot.app import running
from bot.pacer import UNLIMITED
from bot.settings import Settings, load


async def serve(settings: Settings) -> None:
    """Run until SIGTERM; says "ready" on standard output."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with running(settings, pace=UNLIMITED):
        print("ready", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    logs.configure(level=30)
    uvloop.run(serve(load(None)))
