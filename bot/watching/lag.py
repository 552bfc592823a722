"""The lag of the event loop: how much later than asked for it wakes up, because something keeps it busy."""

from __future__ import annotations

import asyncio
import time

from bot.watching import metrics

EVERY = 0.5  # seconds between two measurements


async def measure() -> None:
    """Measure until cancelled. The clock is not uvloop's, which stands still while the program is busy."""
    while True:
        begun = time.monotonic()
        await asyncio.sleep(EVERY)
        metrics.lagged(max(0.0, time.monotonic() - begun - EVERY))
