"""Words for work that the list does not have: counted, sealed, and told only once they are nobody's own."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from storage import history, registrations, words
from storage.database import Database
from storage.registrations import Application, State
from storage.tables import unmatched_words


async def test_words_of_one_person_stay_unseen(
    database: Database, now: datetime, apply: Callable[..., Application]
) -> None:
    """What one applicant wrote is counted but not listed; from the second on it is, without ever standing readable."""
    for person, count in ((1, 0), (2, 1)):
        async with database.write() as tx:
            nik = f"331902250590900{person}"
            await registrations.submit(tx, apply(person=person, nik=nik, unmatched="tukang sumur"), now)
            assert await words.unsolved_count(tx) == count
    async with database.read() as tx:
        [listed] = await words.unsolved(tx)
        assert (listed.words, listed.count) == ("tukang sumur", 2)
        assert await words.find(tx, listed.mark) == listed
        assert await words.find(tx, "00" * 8) is None
        sealed = await tx.connection.scalar(select(unmatched_words.c.words))
        assert b"sumur" not in (sealed or b"")


async def test_solved_words_leave_the_list(database: Database, now: datetime) -> None:
    """Words that were given an occupation are known from then on; hidden ones are neither listed nor known."""
    async with database.write() as tx:
        for one in ("tukang sumur", "pak slamet"):
            for nik in ("3319022505909001", "3319022505909002"):
                await words.count(tx, one, nik, now)
        await words.solve(tx, "tukang sumur", "builder", now)
        await words.solve(tx, "pak slamet", words.HIDDEN, now)
        await words.count(tx, "pak slamet", "3319022505909003", now)
        assert await words.unsolved(tx) == []
        assert await words.solved(tx) == {"tukang sumur": "builder"}


async def test_one_person_who_sends_twice_is_one_person(
    database: Database, now: datetime, apply: Callable[..., Application]
) -> None:
    """Words sent, corrected, withdrawn and sent again by one person stay that person's own."""
    form = apply(unmatched="tukang sumur")
    async with database.write() as tx:
        first = await registrations.submit(tx, form, now)
        await registrations.correct(tx, first.number, form, actor=1001, now=now)
        await registrations.move(tx, first.number, State.WITHDRAWN, actor=1001, reason=None, now=now, frm=State.QUEUED)
        await registrations.submit(tx, form, now)
        assert await words.unsolved_count(tx) == 0


async def test_words_that_are_understood_reach_who_waits(
    database: Database, now: datetime, apply: Callable[..., Application]
) -> None:
    """Who waits with these words gets the work, in columns, form and history; other words, and who is decided, do not."""
    numbers = []
    async with database.write() as tx:
        for person, own in ((1, "tukang sumur"), (2, "dukun bayi"), (3, "tukang sumur")):
            nik = f"331902250590900{person}"
            document = {"nik": nik, "occupation": {"code": "other", "words": own}}
            form = apply(person=person, nik=nik, phone=None, occupation="other", transport=False, document=document)
            numbers.append((await registrations.submit(tx, form, now)).number)
        await registrations.move(tx, numbers[2], State.APPROVED, actor=500, reason=None, now=now, frm=State.QUEUED)
        means = "tukang sumur".__eq__
        assert await registrations.understand(tx, "builder", transport=False, means=means, actor=7, now=now) == 1
        found = [await registrations.get(tx, number) for number in numbers]
        assert [one.occupation for one in found if one is not None] == ["builder", "other", "other"]
        assert found[0] is not None
        assert (found[0].document or {})["occupation"] == {"code": "builder", "words": "tukang sumur"}
        assert all([await history.verify(tx, number) for number in numbers])
