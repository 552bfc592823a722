"""A full disk: what cannot be stored is not acknowledged, the log says what to do, and it goes on when there is room."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from bot_process import BotProcess
from outages import Watched, until, watched

from bot.sandbox.client import Sandbox

LITTLE = 4096  # bytes: as much of any file as can still be written


def fill(process: BotProcess) -> None:
    """Let no file of the process be written beyond its first page."""
    resource.prlimit(process._process.pid, resource.RLIMIT_FSIZE, (LITTLE, resource.RLIM_INFINITY))


def make_room(process: BotProcess) -> None:
    """Let files grow again."""
    resource.prlimit(process._process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@asynccontextmanager
async def full(folder: Path) -> AsyncIterator[tuple[Sandbox, Watched, BotProcess]]:
    """Run a bot whose disk has become full."""
    url = f"sqlite:///{folder / 'sertakan.db'}"
    async with Sandbox.start(limits=None) as sandbox, watched(sandbox, url, folder) as (bot, process):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        await until(lambda: settled(folder))
        fill(process)
        await ani.says("/bahasa")
        await until(bot.is_not_ready)
        yield sandbox, bot, process


async def settled(folder: Path) -> bool:
    """Tell whether it is written down of every letter what became of it."""
    with closing(sqlite3.connect(f"file:{folder / 'sertakan.db'}?mode=ro", uri=True)) as file:
        states = {state for (state,) in file.execute("SELECT DISTINCT state FROM outbox")}
    return states == {"sent"}


def is_whole(folder: Path) -> bool:
    """Tell whether nothing in the database is damaged."""
    with closing(sqlite3.connect(folder / "sertakan.db")) as file:
        return bool(file.execute("PRAGMA integrity_check").fetchone() == ("ok",))


async def test_until_there_is_room(tmp_path: Path) -> None:
    """Nothing is acknowledged that is not stored; the log says once what to do; all is answered when there is room."""
    async with full(tmp_path) as (sandbox, bot, process):
        budi = sandbox.person("Budi")
        await budi.start()
        fetched = len(sandbox.calls)
        while sum(call.method == "getUpdates" for call in list(sandbox.calls)[fetched:]) < 2:
            await sandbox.api.bell.rung()
        assert len(sandbox.world.updates) == 2
        make_room(process)
        await until(bot.is_ready)
        await budi.hears("Bolehkah")
        (ani,) = [chat for chat in sandbox.world.chats.values() if chat.user.name == "Ani"]
        said = [message.content.get("text", "") for message in ani.messages.values() if message.sender == "bot"]
        assert any("bahasa apa" in text for text in said)
        assert bot.troubles
        assert all("make room" in line["error"] for line in bot.troubles)
        assert len(bot.troubles) == len({line["event"] for line in bot.troubles})
        assert await process.stops() == 0
    assert is_whole(tmp_path)


async def test_stopped_while_it_is_full(tmp_path: Path) -> None:
    """A stop ends it as any other does; what came meanwhile is still at Telegram, and the database is whole."""
    async with full(tmp_path) as (sandbox, _bot, process):
        assert await process.stops() == 0, process.output
        assert len(sandbox.world.updates) == 1
    assert is_whole(tmp_path)
