"""People: met once, remembered, and counted by the day."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from storage import people
from storage.database import Database
from storage.people import Person
from storage.tables import people as table

LONG_ID = 7_000_000_000  # longer than 32 bits, as Telegram's are


async def test_meeting(database: Database, now: datetime) -> None:
    """Whoever writes first is entered, and on later days is the same person."""
    async with database.write() as tx:
        new = await people.meet(tx, LONG_ID, now)
        assert new == Person(LONG_ID, None, now, None, 0, None)
        assert await people.meet(tx, LONG_ID, now + timedelta(days=3)) == new


async def test_language(database: Database, now: datetime) -> None:
    """The language chosen stays."""
    async with database.write() as tx:
        await people.meet(tx, 1, now)
        await people.speaks(tx, 1, "jv")
        assert (await people.meet(tx, 1, now)).language == "jv"


async def test_tries_are_counted_by_day(database: Database, now: datetime) -> None:
    """The count begins anew each day, and a stranger has none."""
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    async with database.write() as tx:
        await people.meet(tx, 1, now)
        assert [await people.count_try(tx, 1, day) for day in (monday, monday, monday, tuesday)] == [1, 2, 3, 1]
        assert await people.count_try(tx, 2, monday) == 0
        person = await people.meet(tx, 1, now)
        assert (person.tries, person.tries_on) == (1, tuesday)


async def test_unreachable_since(database: Database, now: datetime) -> None:
    """The first failure counts, until a message arrives again."""
    async with database.write() as tx:
        await people.meet(tx, 1, now)
        await people.reachable(tx, 1, yes=False, now=now)
        await people.reachable(tx, 1, yes=False, now=now + timedelta(hours=1))
        assert (await people.meet(tx, 1, now)).unreachable_at == now
        await people.reachable(tx, 1, yes=True, now=now)
        assert (await people.meet(tx, 1, now)).unreachable_at is None


async def test_names(database: Database, now: datetime) -> None:
    """The name of somebody who acts for others is kept sealed and comes back."""
    async with database.write() as tx:
        await people.meet(tx, 1, now)
        assert await people.name(tx, 1) is None
        await people.named(tx, 1, "Bu Contoh")
        assert await people.name(tx, 1) == "Bu Contoh"
        assert await people.name(tx, 2) is None
        sealed = await tx.connection.scalar(select(table.c.name))
        assert sealed is not None
        assert b"Contoh" not in sealed
