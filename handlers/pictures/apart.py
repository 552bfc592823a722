"""Draws a picture in a process of its own, so that what drawing takes, some 60 MB, never stays in the bot."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping

SECONDS = 90  # that a picture may take; it takes about one

# Isolated (-I): nothing from the folder the bot was started in is imported. What is drawn comes on standard input.
_PROGRAM = "import sys; sys.path[:0] = {path!r}; from handlers.pictures.drawing import serve; serve()"


async def draw_apart(name: str, facts: Mapping[str, str], language: str) -> bytes:
    """Draw as `handlers.pictures.drawing.draw` does; raises RuntimeError when it cannot be drawn, TimeoutError."""
    program = _PROGRAM.format(path=[path for path in sys.path if path])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", program, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}
    )
    try:
        async with asyncio.timeout(SECONDS):
            drawn, _nothing = await process.communicate(json.dumps([name, dict(facts), language]).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"the program that draws ended with {process.returncode}")
    return drawn
