"""The bot as a process of its own, as it runs in production: started, watched, stopped and killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.client import Sandbox
from bot.settings import PREFIX, Settings
from storage.vault import Vault

KEY, INDEX_KEY = bytes(range(32)), bytes(range(32, 64))  # those of the fixture `vault`
RUN = ("-m", "bot", "run")
SOURCE = Path(__file__).parent.parent.parent  # the program that these tests belong to, whatever else is installed
START, END = 60.0, 30.0  # seconds until ready, and until a stop has ended; guards, far beyond the usual


def vault() -> Vault:
    """Return the vault that opens what a process has stored."""
    return Vault([("1", KEY)], INDEX_KEY)


def settings(sandbox: Sandbox, database_url: str, **others: str) -> dict[str, str]:
    """Return the environment of a bot in this sandbox; others are named without their prefix."""
    wanted = {
        "TOKEN": sandbox.token,
        "API_URL": sandbox.url,
        "DATABASE_URL": database_url,
        "KEYS": "1:" + b64encode(KEY).decode(),
        "INDEX_KEY": b64encode(INDEX_KEY).decode(),
        "OPERATOR": "Dinas Contoh",
        "OPERATOR_CONTACT": "Jl. Contoh No. 1",
        "AREA": "33.19",
        "LISTEN": "127.0.0.1:0",
        "LOG_FORMAT": "json",
        **others,
    }
    return {f"{PREFIX}{name}": value for name, value in wanted.items()}


def chosen(sandbox: Sandbox, database_url: str, **others: str) -> Settings:
    """Return the same settings for a bot in this process."""
    environment = settings(sandbox, database_url, **others)
    return Settings(_env_file=None, **{name.removeprefix(PREFIX).lower(): value for name, value in environment.items()})


class BotProcess:
    """A running process; `lines` is what it has written on standard output and error."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[str] = []
        self._ready = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, environment: Mapping[str, str], folder: Path, command: tuple[str, ...] = RUN) -> BotProcess:
        """Start a command in a folder that holds no .env."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), **environment},
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return cls(process)

    @property
    def output(self) -> str:
        """Everything written so far."""
        return "".join(self.lines)

    async def ready(self) -> None:
        """Wait until the process says that it is ready; raises AssertionError with its output if it ends instead."""
        async with asyncio.timeout(START):
            waiting = asyncio.create_task(self._ready.wait())
            await asyncio.wait({waiting, self._reading}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        assert self._ready.is_set(), self.output

    def signals(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def ends(self) -> int:
        """Wait for the end and return the exit code, negative for a signal."""
        async with asyncio.timeout(END):
            await self._reading
            return await self._process.wait()

    async def stops(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.signals(signal.SIGTERM)
        return await self.ends()

    async def dies(self) -> None:
        """Kill it as a power cut would, at this very moment, if it still runs."""
        if self._process.returncode is None:
            self._process.kill()
        await self.ends()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode(errors="replace"))
            if '"event": "ready"' in self.lines[-1] or "] ready" in self.lines[-1]:
                self._ready.set()


@asynccontextmanager
async def started(
    environment: Mapping[str, str], folder: Path, command: tuple[str, ...] = RUN
) -> AsyncIterator[BotProcess]:
    """Run a process while the block runs; it is killed at the end unless it has ended."""
    process = await BotProcess.start(environment, folder, command)
    try:
        yield process
    finally:
        await process.dies()
