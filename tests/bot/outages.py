"""Outages for tests: a running bot's health page, its log, and what keeps it from its database."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import aiohttp
from bot_process import BotProcess, settings, started
from hurried import hurried

from bot.sandbox.client import Sandbox

GUARD = 60.0  # seconds; far beyond the usual


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until it holds; raises TimeoutError when it does not come about."""
    async with asyncio.timeout(GUARD):
        while not await holds():  # noqa: ASYNC110  # another process is what is waited for
            await asyncio.sleep(0.05)


class Watched:
    """A running bot: its health pages, and its log as it is `written`, a JSON line for each event."""

    def __init__(self, port: int, written: Callable[[], str]) -> None:
        self.url, self._written = f"http://127.0.0.1:{port}", written

    async def page(self, path: str = "/readyz") -> tuple[int, str]:
        """Return status and words of a health page."""
        async with aiohttp.ClientSession() as http, http.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def is_ready(self) -> bool:
        """Tell whether it says that it is ready."""
        try:
            return (await self.page())[0] == HTTPStatus.OK
        except aiohttp.ClientConnectionError:
            return False

    async def is_not_ready(self) -> bool:
        """Tell whether it says that it is not."""
        return not await self.is_ready()

    @property
    def log(self) -> list[dict[str, Any]]:
        """What it has logged."""
        return [json.loads(line) for line in self._written().splitlines() if line.startswith("{")]

    @property
    def troubles(self) -> list[dict[str, Any]]:
        """What it has logged of things that failed."""
        return [line for line in self.log if "error" in line]


@asynccontextmanager
async def watched(sandbox: Sandbox, database_url: str, folder: Path) -> AsyncIterator[tuple[Watched, BotProcess]]:
    """Run a bot as in production while the block runs, killed at its end unless it has ended."""
    port = free_port()
    async with started(settings(sandbox, database_url, LISTEN=f"127.0.0.1:{port}"), folder) as process:
        await process.ready()
        yield Watched(port, lambda: process.output), process


@asynccontextmanager
async def hurrying(sandbox: Sandbox, database_url: str, folder: Path) -> AsyncIterator[tuple[Watched, BaseProcess]]:
    """Run a bot without a pace while the block runs, likewise."""
    port = free_port()
    async with hurried(settings(sandbox, database_url, LISTEN=f"127.0.0.1:{port}"), folder) as process:
        bot = Watched(port, (folder / "bot.log").read_text)
        await until(bot.is_ready)
        yield bot, process
