"""The bot as a process that starts at once and hurries: for tests that end it often.

Importing aiogram takes seconds, so one process imports everything and each bot is a fork of it. It has no pace unless
one is given, as the sandbox it works for has no limits.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvloop

from bot.app import running
from bot.running import run_until_stopped
from bot.sending.pace import UNLIMITED, Pace
from bot.settings import load
from bot.watching import logs

Program = Callable[..., AbstractAsyncContextManager[object]]

END = 30.0  # seconds until a stop has ended; a guard


def serve(environment: Mapping[str, str], folder: Path, program: Program, pace: Pace) -> None:
    """Run a program until SIGTERM, in a folder that holds no .env; what it writes is added to bot.log there."""
    os.chdir(folder)
    log = os.open("bot.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    os.environ.update(environment)
    wanted = load()
    logs.configure(wanted.log_format)
    uvloop.run(run_until_stopped(program(wanted, pace=pace)))


@asynccontextmanager
async def hurried(
    environment: Mapping[str, str], folder: Path, *, program: Program = running, pace: Pace = UNLIMITED
) -> AsyncIterator[BaseProcess]:
    """Run a bot while the block runs; at its end it is killed at this very moment, as by a power cut, if it still runs."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["bot.app"])
    process = context.Process(target=serve, args=(environment, folder, program, pace))
    await asyncio.to_thread(process.start)
    try:
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()


async def stopped(process: BaseProcess) -> int | None:
    """Send SIGTERM and return the exit code; None when it has not ended in time."""
    process.terminate()
    await asyncio.to_thread(process.join, END)
    return process.exitcode
