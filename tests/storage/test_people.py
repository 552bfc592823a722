"""People: met once, remembered, and counted by the day."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from storage import people
from storage.database import Database
from storage.people import Person
from storage.tables import people as table

HOUR = timedelta(hours=1)
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


async def test_consent_to_news(database: Database, now: datetime) -> None:
    """A yes is kept with its text and time, a no takes it back, and who is forgotten was never asked."""
    async with database.write() as tx:
        new = await people.meet(tx, 1, now)
        await people.agree_to_news(tx, 1, "2026-11-22", now)
        agreed = await people.meet(tx, 1, now)
        assert agreed == replace(new, news_at=now, news_version="2026-11-22", news_asked_at=now)
        await people.no_news(tx, 1, now + HOUR)
        assert await people.meet(tx, 1, now) == replace(new, news_asked_at=now + HOUR)
        await people.forget_news(tx, 1)
        assert await people.meet(tx, 1, now) == new


async def test_stopping(database: Database, now: datetime) -> None:
    """A stop counts from its first time, keeps what was agreed to, outlasts forgetting, and ends by another yes."""
    async with database.write() as tx:
        await people.meet(tx, 1, now)
        await people.agree_to_news(tx, 1, "2026-11-22", now)
        await people.stop(tx, 1, now + HOUR)
        await people.stop(tx, 1, now + 2 * HOUR)
        stopped = await people.meet(tx, 1, now)
        assert (stopped.stopped_at, stopped.news_at) == (now + HOUR, now)
        await people.resume(tx, 1)
        assert await people.meet(tx, 1, now) == replace(stopped, stopped_at=None)
        await people.stop(tx, 1, now)
        await people.forget_news(tx, 1)
        assert (await people.meet(tx, 1, now)).stopped_at == now
        await people.agree_to_news(tx, 1, "2026-11-22", now)
        assert (await people.meet(tx, 1, now)).stopped_at is None


async def test_a_yes_to_another_text(database: Database, now: datetime) -> None:
    """It counts for nobody any more; who can be asked is listed until asked, a page at a time."""
    versions = {1: "2026-11-21", 2: "2026-11-22", 3: "2026-11-23", 4: "2026-11-21", 5: "2026-11-21"}
    async with database.write() as tx:
        for person, version in versions.items():
            await people.meet(tx, person, now)
            await people.agree_to_news(tx, person, version, now)
        await people.meet(tx, 6, now)
        await people.stop(tx, 4, now)
        await people.reachable(tx, 5, yes=False, now=now)
        assert len(await people.outdate_news(tx, "2026-11-22", 1)) == 1
        assert sorted(await people.outdate_news(tx, "2026-11-22", 9)) == [1, 3]
        assert [(await people.meet(tx, one, now)).news_at is not None for one in range(1, 7)] == [
            one == 2 for one in range(1, 7)
        ]
        await people.no_news(tx, 1, now)
        await people.resume(tx, 4)
        assert sorted(await people.outdate_news(tx, "2026-11-22", 9)) == [3, 4]
