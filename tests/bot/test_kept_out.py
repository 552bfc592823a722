"""What a running bot never loads: what draws charts and what parses workbooks live in processes that end."""

from __future__ import annotations

from pathlib import Path

from bot_process import started

HEAVY = ("matplotlib", "numpy", "python_calamine")
LOOK = f"import sys, bot.running, handlers.pictures; print([one for one in {HEAVY} if one in sys.modules])"


async def test_heavy_libraries_are_not_in_the_bot(tmp_path: Path) -> None:
    """With everything imported that a bot uses, neither matplotlib nor the parser of workbooks is in its memory."""
    async with started({}, tmp_path, ("-c", LOOK)) as process:
        assert await process.ends() == 0, process.output
    assert process.output == "[]\n"
