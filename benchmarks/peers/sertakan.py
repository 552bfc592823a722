"""The real bot, as `sertakan run` runs it, but without Telegram's limits, as the imitated server has none.

With FASTER in the environment it keeps to them, so many times faster: FASTER=1 is what it does in earnest.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import uvloop

from bot.app import running
from bot.running import run_until_stopped
from bot.sending.pace import UNHURRIED, UNLIMITED, Pace
from bot.settings import Settings, load
from bot.watching import logs


def pace() -> Pace:
    """Return the pace that the environment asks for."""
    if "FASTER" not in os.environ:
        return UNLIMITED
    faster, usual = float(os.environ["FASTER"]), UNHURRIED
    overall, chatting = round(usual.overall * faster), round(usual.while_chatting * faster)
    return Pace(overall, chatting, usual.per_chat * faster, usual.burst)


@asynccontextmanager
async def told(program: AbstractAsyncContextManager[object]) -> AsyncIterator[None]:
    """Run a program while the block runs; says "ready" on standard output."""
    async with program:
        print("ready", flush=True)
        yield


def run(program: Callable[[Settings], AbstractAsyncContextManager[object]]) -> None:
    """Run a program until SIGTERM."""
    logs.configure(level=30)
    uvloop.run(run_until_stopped(told(program(load(None)))))


if __name__ == "__main__":
    run(lambda settings: running(settings, pace=pace()))
