"""Uploads: expected, put on the desk, claimed one at a time, moved once, emptied at the end; on both databases."""

from datetime import datetime, timedelta

from sqlalchemy import select

from storage import uploads
from storage.database import Database
from storage.tables import uploads as rows
from storage.uploads import Stage

ANI, BUDI = 7_000_000_001, 7_000_000_002
LEASE = timedelta(minutes=5)
SECRET = b"3319020505909001"


async def test_what_is_expected_is_the_newest_and_only_ones_own(database: Database, now: datetime) -> None:
    """The next file of a person is for what they said last, for a day, and for nobody else."""
    async with database.write() as tx:
        await uploads.expect(tx, ANI, "neighbours", {"first": 1}, now)
        await uploads.expect(tx, ANI, "return", {"second": 2}, now)
        found = await uploads.expected(tx, ANI, now)
        assert found is not None
        assert (found.purpose, found.wish) == ("return", {"second": 2})
        assert await uploads.expected(tx, BUDI, now) is None
        assert await uploads.expected(tx, ANI, now + timedelta(hours=24)) is None
        assert await uploads.forget_expected(tx, ANI)
        assert not await uploads.forget_expected(tx, ANI)


async def test_work_is_claimed_once_until_its_lease_ends(database: Database, now: datetime) -> None:
    """What is in hand is not given out again before its lease is over, or everything starts anew."""
    async with database.write() as tx:
        upload = await uploads.put(tx, ANI, "neighbours", {}, now, body=SECRET)
        claimed = await uploads.claim(tx, now, LEASE)
        assert claimed is not None
        assert (claimed.id, claimed.body) == (upload, SECRET)
        assert await uploads.claim(tx, now, LEASE) is None
        assert await uploads.next_due(tx) == now + LEASE
        assert await uploads.claim(tx, now + LEASE, LEASE) is not None
        await uploads.recover(tx, now)
        assert await uploads.claim(tx, now, LEASE) is not None


async def test_it_moves_once_and_ends_empty(database: Database, now: datetime) -> None:
    """A stage is left once, the person's stage is no work, and at the end neither wish nor body is left."""
    async with database.write() as tx:
        upload = await uploads.put(tx, ANI, "neighbours", {"file": "x"}, now, body=SECRET)
        assert await uploads.move(tx, upload, Stage.READING, Stage.ASKING, now, {"good": 3})
        assert not await uploads.move(tx, upload, Stage.READING, Stage.ASKING, now)
        assert await uploads.claim(tx, now, LEASE) is None
        assert await uploads.move(tx, upload, Stage.ASKING, Stage.ENTERING, now)
        assert await uploads.move(tx, upload, Stage.ENTERING, Stage.DONE, now)
        row = (await tx.connection.execute(select(rows))).one()
        assert (row.wish, row.body, row.result) == (None, None, {"good": 3})


async def test_it_is_sealed_and_erased_in_time(database: Database, now: datetime) -> None:
    """No list lies open in the database, and after a day without a decision none lies there at all."""
    async with database.write() as tx:
        upload = await uploads.put(tx, ANI, "neighbours", {}, now, body=SECRET)
        await uploads.move(tx, upload, Stage.READING, Stage.ASKING, now)
        assert SECRET not in await tx.connection.scalar(select(rows.c.body))
        await uploads.sweep(tx, now + timedelta(hours=23))
        assert await tx.connection.scalar(select(rows.c.body)) is not None
        await uploads.sweep(tx, now + timedelta(hours=24))
        found = await uploads.get(tx, upload)
        assert found is not None
        assert (found.stage, found.body, found.wish) == (Stage.OVER, None, {})
        await uploads.sweep(tx, now + timedelta(hours=48))
        assert await uploads.get(tx, upload) is None
