"""A bell that wakes everybody who waits for it; ringing is plain synchronous code."""

from __future__ import annotations

import asyncio


class Bell:
    """Rung on every change of what it belongs to. A waiter looks, and waits for the next ring when nothing is there."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wake all who wait now."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def rung(self) -> None:
        """Return at the next ring."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)
