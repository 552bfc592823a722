"""Golden transcripts: each file holds a conversation, and playing its people's lines again gives the same chat.

After a change of words or screens, `python tests/bot/test_transcripts.py` writes the files anew,
or those it is given by name; read the difference.
"""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.demo import AREA, stage
from bot.sending.pace import UNLIMITED
from bot.transcript import StageClock, Transcript

FOLDER = Path(__file__).parent.parent / "transcripts"
AT = re.compile(r"@at (\S+)")
FILES = sorted(FOLDER.glob("*.txt"))


async def played(script: str) -> str:
    """Play a transcript on a stage of its own, on 20 November 2026; one that begins with `@at` says in which area."""
    area = AT.match(script)
    clock = StageClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    with TemporaryDirectory() as folder:
        async with stage(Path(folder), clock=clock, pace=UNLIMITED, limits=None, area=area[1] if area else AREA) as (
            sandbox,
            app,
            admin,
        ):
            return await Transcript(sandbox, app, admin, clock, FOLDER / "files").play(script)


@pytest.mark.parametrize("recorded", [pytest.param(file.read_text(encoding="utf-8"), id=file.stem) for file in FILES])
async def test_the_chat_is_as_recorded(recorded: str) -> None:
    """What each person reads, turn by turn, over real HTTP, is what the transcript says."""
    assert await played(recorded) == recorded


if __name__ == "__main__":
    for each in [FOLDER / f"{name}.txt" for name in sys.argv[1:]] or FILES:
        each.write_text(asyncio.run(played(each.read_text(encoding="utf-8"))), encoding="utf-8")
