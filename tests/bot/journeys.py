"""Plays recorded conversations in a process of its own, which in the end crashes: all it leaves can be looked through.

python tests/bot/journeys.py <log format> <folder> <transcript> …
"""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.demo import AREA, stage
from bot.sending.pace import UNLIMITED
from bot.transcript import StageClock, Transcript
from bot.watching import logs

CANARY = "3319030505909876 Kenari Kuningan 081234509876"  # what the crash and the poison carry


async def play(script: str, folder: Path, files: Path) -> None:
    """Play one conversation, then poison; the database is copied as it is while the bot runs."""
    area = re.match(r"@at (\S+)", script)
    clock = StageClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    async with stage(folder, clock=clock, pace=UNLIMITED, limits=None, area=area[1] if area else AREA) as (
        sandbox,
        app,
        admin,
    ):
        await Transcript(sandbox, app, admin, clock, files).play(script)
        sandbox.world.updates.add("message", {"text": CANARY})
        await app.settled(sandbox.world.updates.count)
        shutil.copytree(folder, folder.with_suffix(".alive"))


async def crash() -> None:
    """Fail in every way that writes to a log or to standard error."""
    failed = asyncio.create_task(_fails())
    await asyncio.wait({failed})
    logging.getLogger("library").error("failed", exc_info=failed.exception())
    forgotten = asyncio.create_task(_fails())
    await asyncio.wait({forgotten})
    del forgotten
    raise RuntimeError(CANARY)


async def _fails() -> None:
    raise ValueError(CANARY)


async def main(folder: Path, transcripts: list[Path]) -> None:
    """Play all, then crash."""
    for transcript in transcripts:
        (folder / transcript.stem).mkdir()
        await play(transcript.read_text(encoding="utf-8"), folder / transcript.stem, transcript.parent / "files")
    await crash()


if __name__ == "__main__":
    style: Literal["json", "console"] = "json" if sys.argv[1] == "json" else "console"
    logs.configure(style, logging.DEBUG)
    asyncio.run(main(Path(sys.argv[2]), [Path(each) for each in sys.argv[3:]]))
