"""The database, with its transactions timed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator

from bot.watching import metrics
from storage.database import Database
from storage.transaction import Transaction


class TimedDatabase(Database):
    """The same database; how long a transaction took, with the wait for its turn, is counted also when it fails."""

    @contextlib.asynccontextmanager
    async def write(self, *, brief: bool = False) -> AsyncIterator[Transaction]:
        """Write."""
        begun = time.perf_counter()
        try:
            async with super().write(brief=brief) as tx:
                yield tx
        finally:
            metrics.transaction("write", time.perf_counter() - begun)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Read."""
        begun = time.perf_counter()
        try:
            async with super().read() as tx:
                yield tx
        finally:
            metrics.transaction("read", time.perf_counter() - begun)
