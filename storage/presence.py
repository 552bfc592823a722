"""Presence: which bots are at work on one PostgreSQL database. One that is killed is gone at once, as its connection is."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

_AT_WORK = int.from_bytes(b"at work!")
_alone = select(func.pg_try_advisory_lock(_AT_WORK))
_join = select(func.pg_advisory_lock_shared(_AT_WORK))
_let_join = select(func.pg_advisory_unlock(_AT_WORK))
_leave = select(func.pg_advisory_unlock_shared(_AT_WORK))


@contextlib.asynccontextmanager
async def present(engine: AsyncEngine, first: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Be at work while the block runs; `first` is called before it if no other is, and whoever comes meanwhile waits."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if await connection.scalar(_alone):
            await first()
            await connection.execute(_join)
            await connection.execute(_let_join)
        else:
            await connection.execute(_join)
        try:
            yield
        finally:
            with contextlib.suppress(DBAPIError):  # then it is gone already
                await connection.execute(_leave)
