"""The drawer: what is put in comes out again, also before it is put back, and each conversation stands alone."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from storage import sessions
from storage.database import Database
from storage.drawer import Drawer
from storage.sessions import Stored
from storage.tables import sessions as table
from storage.vault import SealBrokenError


async def test_put_back(database: Database, now: datetime) -> None:
    """What was saved and dropped in the drawer is so in the database once it is put back, and not before."""
    later = now + timedelta(minutes=1)
    async with database.write() as tx:
        for person, flow in ((1, "a"), (1, "b"), (2, "a"), (3, "a")):
            await sessions.save(tx, person, flow, {"n": person}, now)
        drawer = await Drawer.of(tx, [1, 2, 4])
        drawer.save(1, "a", {"n": 10}, later)
        drawer.save(4, "new", {"n": 40}, later)
        drawer.drop(1, "b")
        drawer.drop(2, "never")
        assert (await sessions.load(tx, 1, "a")) == Stored(1, "a", {"n": 1}, 1, now)
        await drawer.put_back()
        assert (await sessions.load(tx, 1, "a")) == Stored(1, "a", {"n": 10}, 2, later)
        assert (await sessions.load(tx, 4, "new")) == Stored(4, "new", {"n": 40}, 1, later)
        assert await sessions.load(tx, 1, "b") is None
        assert {row.person for row in await tx.connection.execute(select(table.c.person))} == {1, 2, 3, 4}


async def test_before_it_is_put_back(database: Database, now: datetime) -> None:
    """Within the drawer the last word holds: dropped is gone, saved again is there, and the one touched last is latest."""
    async with database.write() as tx:
        await sessions.save(tx, 1, "a", {}, now)
        await sessions.save(tx, 1, "b", {}, now)
        drawer = await Drawer.of(tx, [1, 2])
        assert (first := drawer.latest(1)) is not None
        assert first.flow == "a"
        drawer.save(1, "b", {"x": 1}, now + timedelta(seconds=1))
        assert drawer.latest(1) == drawer.load(1, "b") == Stored(1, "b", {"x": 1}, 2, now + timedelta(seconds=1))
        drawer.drop(1, "b")
        assert drawer.load(1, "b") is None
        drawer.save(1, "b", {"x": 2}, now)
        assert drawer.latest(2) is None
        await drawer.put_back()
        assert (stored := await sessions.load(tx, 1, "b")) is not None
        assert stored.body == {"x": 2}


async def test_one_that_does_not_open(database: Database, now: datetime) -> None:
    """A conversation that was tampered with fails when it is opened, and no other does."""
    async with database.write() as tx:
        await sessions.save(tx, 1, "a", {}, now)
        await sessions.save(tx, 2, "a", {}, now)
        stolen = select(table.c.body).where(table.c.person == 2).scalar_subquery()
        await tx.connection.execute(update(table).where(table.c.person == 1).values(body=stolen))
        drawer = await Drawer.of(tx, [1, 2])
        assert drawer.load(2, "a") is not None
        with pytest.raises(SealBrokenError):
            drawer.load(1, "a")
