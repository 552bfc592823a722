"""Sessions: one per person and flow, replaced on every save, gone when dropped."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from storage import sessions
from storage.database import Database
from storage.sessions import Stored
from storage.tables import sessions as table
from storage.vault import SealBrokenError


async def test_save_and_load(database: Database, now: datetime) -> None:
    """A session comes back as saved; saving again replaces it and counts."""
    later = now + timedelta(days=2)
    async with database.write() as tx:
        assert await sessions.load(tx, 1, "registration") is None
        await sessions.save(tx, 1, "registration", {"at": "nik", "answers": {}}, now)
        await sessions.save(tx, 1, "registration", {"at": "name", "answers": {"nik": "x"}}, later)
        stored = await sessions.load(tx, 1, "registration")
        assert stored == Stored(1, "registration", {"at": "name", "answers": {"nik": "x"}}, 2, later)
        assert "name" not in repr(stored)


async def test_latest(database: Database, now: datetime) -> None:
    """The session touched last is the one a message belongs to."""
    async with database.write() as tx:
        assert await sessions.latest(tx, 1) is None
        await sessions.save(tx, 1, "registration", {}, now)
        await sessions.save(tx, 1, "language", {}, now + timedelta(seconds=1))
        await sessions.save(tx, 2, "registration", {}, now + timedelta(seconds=2))
        assert (stored := await sessions.latest(tx, 1)) is not None
        assert stored.flow == "language"


async def test_drop(database: Database, now: datetime) -> None:
    """Dropping one flow leaves the person's others, and other people's of the same name."""
    async with database.write() as tx:
        for person, flow in ((1, "a"), (1, "b"), (2, "a")):
            await sessions.save(tx, person, flow, {}, now)
        await sessions.drop(tx, 1, "a")
        assert await sessions.count(tx) == 2
        assert await sessions.load(tx, 1, "a") is None
        assert await sessions.load(tx, 2, "a") is not None


async def test_a_session_cannot_be_moved(database: Database, now: datetime) -> None:
    """A body copied into somebody else's row does not open."""
    async with database.write() as tx:
        await sessions.save(tx, 1, "a", {"nik": "x"}, now)
        await sessions.save(tx, 2, "a", {}, now)
        body = await tx.connection.scalar(select(table.c.body).where(table.c.person == 1))
        await tx.connection.execute(update(table).where(table.c.person == 2).values(body=body))
        with pytest.raises(SealBrokenError):
            await sessions.load(tx, 2, "a")


async def test_sweep(database: Database, now: datetime) -> None:
    """Conversations left alone since a moment go; those touched since stay."""
    async with database.write() as tx:
        await sessions.save(tx, 1, "a", {}, now)
        await sessions.save(tx, 2, "a", {}, now)
        await sessions.save(tx, 1, "a", {}, now + timedelta(days=1))
        assert await sessions.sweep(tx, now + timedelta(days=1)) == 1
        assert await sessions.load(tx, 1, "a") is not None
