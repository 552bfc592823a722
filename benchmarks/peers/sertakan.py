"""The real bot, as `sertakan run` runs it, but without Telegram's limits, as the imitated server has none.

With FASTER in the environment it keeps to them, so many times faster: FASTER=1 is what it does in earnest.
"""

from __future__ import annotations

import asyncio
import os
import signal

import uvloop

from bot import logs
from bot.app import running
from bot.pacer import UNHURRIED, UNLIMITED, Pace
from bot.settings import Settings, load


def hurried(faster: float) -> Pace:
    """Return the usual pace, so many times faster."""
    return Pace(
        round(UNHURRIED.overall * faster),
        round(UNHURRIED.while_chatting * faster),
        UNHURRIED.per_chat * faster,
        UNHURRIED.burst,
    )


async def serve(settings: Settings, pace: Pace) -> None:
    """Run until SIGTERM; says "ready" on standard output."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with running(settings, pace=pace):
        print("ready", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    logs.configure(level=30)
    uvloop.run(serve(load(None), hurried(float(os.environ["FASTER"])) if "FASTER" in os.environ else UNLIMITED))
