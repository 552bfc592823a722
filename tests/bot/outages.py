"""Outages for tests: a running bot's health page, its log, and what keeps it from its database."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from bot_process import BotProcess, settings, started

from bot.sandbox.client import Sandbox

GUARD = 30.0  # seconds; far beyond the usual


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
    """A bot in a process of its own, and the address of its health pages."""

    def __init__(self, process: BotProcess, port: int) -> None:
        self.process, self.url = process, f"http://127.0.0.1:{port}"

    async def page(self, path: str = "/readyz") -> tuple[int, str]:
        """Return status and words of a health page."""
        async with aiohttp.ClientSession() as http, http.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def is_ready(self) -> bool:
        """Tell whether it says that it is ready."""
        return (await self.page())[0] == 200

    async def is_not_ready(self) -> bool:
        """Tell whether it says that it is not."""
        return not await self.is_ready()

    @property
    def log(self) -> list[dict[str, Any]]:
        """What it has logged."""
        return [json.loads(line) for line in self.process.lines if line.startswith("{")]

    def logged(self, level: str) -> list[dict[str, Any]]:
        """What it has logged at this level."""
        return [line for line in self.log if line["level"] == level]


@asynccontextmanager
async def watched(sandbox: Sandbox, database_url: str, folder: Path, **others: str) -> AsyncIterator[Watched]:
    """Run a bot as in production while the block runs, killed at its end unless it has ended."""
    port = free_port()
    environment = settings(sandbox, database_url, LISTEN=f"127.0.0.1:{port}", **others)
    async with started(environment, folder) as process:
        await process.ready()
        yield Watched(process, port)
