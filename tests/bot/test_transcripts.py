"""Golden transcripts: each file holds a conversation, and playing its people's lines again gives the same chat.

After a change of words or screens, `python tests/bot/test_transcripts.py` writes the files anew; read the difference.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.demo import stage
from bot.pacer import UNLIMITED
from bot.transcript import StageClock, Transcript

FILES = sorted((Path(__file__).parent.parent / "transcripts").glob("*.txt"))


async def played(script: str) -> str:
    """Play a transcript on a stage of its own, on 20 November 2026."""
    clock = StageClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    with TemporaryDirectory() as folder:
        async with stage(Path(folder), clock=clock, pace=UNLIMITED, limits=None) as (sandbox, app, admin):
            return await Transcript(sandbox, app, admin, clock).play(script)


@pytest.mark.parametrize("recorded", [pytest.param(file.read_text(encoding="utf-8"), id=file.stem) for file in FILES])
async def test_the_chat_is_as_recorded(recorded: str) -> None:
    """What each person reads, turn by turn, over real HTTP, is what the transcript says."""
    assert await played(recorded) == recorded


if __name__ == "__main__":
    for each in FILES:
        each.write_text(asyncio.run(played(each.read_text(encoding="utf-8"))), encoding="utf-8")
