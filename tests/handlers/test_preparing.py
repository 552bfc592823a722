"""Preparing: before anything is sent it is known who gets it, and of everybody else why not."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from audience import EVERYBODY, composed, joins, office_at
from sqlalchemy import update

from handlers import news
from handlers.broadcasts import preparing, rendering
from handlers.errands import errand
from storage import broadcasts, outbox, people, roles, sessions
from storage.broadcasts import Audience, Limits, Recipient, Stage
from storage.database import Database
from storage.tables import recipients, registrations
from storage.transaction import Transaction


async def listed(database: Database, number: int) -> list[Recipient]:
    """Return a broadcast's recipients."""
    async with database.read() as tx:
        return await broadcasts.list_after(tx, number, 0, 10_000)


def reasons(rows: list[Recipient]) -> Counter[tuple[str, str | None]]:
    """Count recipients by state and reason."""
    return Counter((row.state, row.reason) for row in rows)


async def crowd(tx: Transaction, now: datetime, size: int, **more: Any) -> None:
    """Let so many people register."""
    for number in range(size):
        await joins(tx, number, now, **more)


async def test_everybody_is_counted_with_the_reason(database: Database, now: datetime) -> None:
    """Who is blocked, never agreed, stopped, reads another language or lacks a value is left out by name of the reason."""
    office = office_at(now)
    async with database.write() as tx:
        await crowd(tx, now, 3)
        await joins(tx, 3, now, news=False)
        blocked, stopped, english = [await joins(tx, number, now) for number in (4, 5, 6)]
        await joins(tx, 7, now, tier="undecided")  # nobody can say what they pay
        assert None not in {blocked.person, stopped.person, english.person}
        await people.reachable(tx, blocked.person, yes=False, now=now)
        await people.stop(tx, stopped.person, now)
        await people.speaks(tx, english.person, "en")
        made = await composed(tx, now, texts={"id": "Halo {nama_depan}, {iuran}"})
    await preparing.prepare(database, office, made)
    rows = await listed(database, made.id)
    assert reasons(rows) == {
        ("waiting", None): 3,
        ("opted_out", "no consent"): 1,
        ("skipped", "blocked"): 1,
        ("opted_out", "stopped"): 1,
        ("skipped", "no text"): 1,
        ("skipped", "placeholder"): 1,
    }
    async with database.read() as tx:
        ready = await broadcasts.get(tx, made.id)
        assert ready is not None
        assert ready.stage is Stage.READY
        assert (await broadcasts.counts(tx, made.id)).planned == len(rows) == 8


async def test_the_limit_is_that_of_its_week(database: Database, now: datetime) -> None:
    """Who has had enough this week is left out of what goes out now, and not of what goes out in another week."""
    async with database.write() as tx:
        await crowd(tx, now, 1)
        earlier = [await composed(tx, now) for _each in range(2)]
    for one in earlier:
        await preparing.prepare(database, office_at(now), one)
    async with database.write() as tx:
        await tx.connection.execute(update(recipients).values(state="sent", finished_at=now))
        at_once, later = await composed(tx, now), await composed(tx, now, due_at=now + timedelta(days=8))
    for one in (at_once, later):
        await preparing.prepare(database, office_at(now), one)
    assert reasons(await listed(database, at_once.id)) == {("skipped", "capped"): 1}
    assert reasons(await listed(database, later.id)) == {("waiting", None): 1}


async def test_the_author_is_shown_the_deck(database: Database, now: datetime) -> None:
    """When it is ready, its author gets a message; preparing it once more says and changes nothing."""
    office, author = office_at(now), 7_100_000_001
    async with database.write() as tx:
        await crowd(tx, now, 2)
        made = await composed(tx, now, by=author)
    await preparing.prepare(database, office, made)
    rows = await listed(database, made.id)
    await preparing.prepare(database, office, made)
    assert await listed(database, made.id) == rows
    async with database.write() as tx:
        assert {letter.chat_id for letter in await outbox.claim(tx, 10, now)} == {author}


async def test_cut_off_it_goes_on_where_it_was(database: Database, now: datetime) -> None:
    """A process that died after the first page leaves nobody out and writes nobody down twice."""
    office = office_at(now)
    async with database.write() as tx:
        await crowd(tx, now, 7)
        made = await composed(tx, now, canary=0)
    async with database.write() as tx:
        first = await broadcasts.plan_next(
            tx,
            made,
            today=now.date(),
            now=now,
            limits=Limits(2, now - timedelta(days=7)),
            zone_of=lambda _: "WIB",
            limit=3,
        )
    await preparing.prepare(database, office, made)
    rows = await listed(database, made.id)
    assert [row.id for row in first.rows] == [row.id for row in rows[:3]]
    assert len({row.person for row in rows}) == len(rows) == 7


async def test_a_first_wave_only_where_there_are_enough(database: Database, now: datetime) -> None:
    """A few people are all written to at once; of more, as many as were said are drawn for the first wave."""
    async with database.write() as tx:
        await crowd(tx, now, 6)
        small, large = [await composed(tx, now, canary=size) for size in (6, 4)]
    for made in (small, large):
        await preparing.prepare(database, office_at(now), made)
    assert Counter(row.wave for row in await listed(database, small.id)) == {1: 6}
    assert Counter(row.wave for row in await listed(database, large.id)) == {0: 4, 1: 2}


async def test_who_got_enough_this_week_gets_no_more(database: Database, now: datetime) -> None:
    """The cap holds when it is planned; a necessary notice reaches everybody who can be reached."""
    office = office_at(now, messages_a_week=0)
    async with database.write() as tx:
        await crowd(tx, now, 2, news=False)
        await joins(tx, 2, now)
        news, notice = [await composed(tx, now, necessary=necessary) for necessary in (False, True)]
    for made in (news, notice):
        await preparing.prepare(database, office, made)
    assert reasons(await listed(database, news.id)) == {("opted_out", "no consent"): 2, ("skipped", "capped"): 1}
    assert reasons(await listed(database, notice.id)) == {("waiting", None): 3}


async def test_facilitators_are_called_by_their_names(database: Database, now: datetime) -> None:
    """Who helps has no registration: a text with a name is for those whose name is known."""
    async with database.write() as tx:
        for person in (7_100_000_001, 7_100_000_002):
            await people.meet(tx, person, now)
            await people.agree_to_news(tx, person, news.VERSION, now)
            await roles.grant(tx, person, "facilitator", "33.19.03", by=None, now=now)
        await people.named(tx, 7_100_000_001, "Ibu Ratmi")
        made = await composed(tx, now, "Halo {nama_depan}", audience=Audience("facilitators", "33.19"))
    await preparing.prepare(database, office_at(now), made)
    assert reasons(await listed(database, made.id)) == {("waiting", None): 1, ("skipped", "placeholder"): 1}


async def test_facilitators_hear_of_their_work_without_agreeing_to_news(database: Database, now: datetime) -> None:
    """Whoever helps never was asked about news, so none is left out for that; a stop counts for them as for everybody."""
    async with database.write() as tx:
        for person in (7_100_000_001, 7_100_000_002):
            await people.meet(tx, person, now)
            await roles.grant(tx, person, "facilitator", "33.19.03", by=None, now=now)
        await people.stop(tx, 7_100_000_002, now)
        made = await composed(tx, now, "Halo", audience=Audience("facilitators", "33.19"))
    await preparing.prepare(database, office_at(now), made)
    assert reasons(await listed(database, made.id)) == {("waiting", None): 1, ("opted_out", "stopped"): 1}


async def test_who_has_not_finished_is_written_to_once_they_agreed_to_be_recorded(
    database: Database, now: datetime
) -> None:
    """Whoever has agreed at the form's first question is reminded of it; who only looked is left alone, now and at the claim."""
    agreed = {"consent": {"option": "agree", "version": "1", "at": now.isoformat()}}
    async with database.write() as tx:
        for person, answers in ((7_100_000_001, agreed), (7_100_000_002, {})):
            await people.meet(tx, person, now)
            await sessions.save(tx, person, "registration", {"answers": answers}, now)
        made = await composed(tx, now, "Halo", audience=Audience("unfinished"))
    await preparing.prepare(database, office_at(now), made)
    rows = await listed(database, made.id)
    assert reasons(rows) == {("waiting", None): 1, ("opted_out", "not recorded"): 1}
    async with database.write() as tx, errand(tx, office_at(now)) as visit:
        await sessions.save(tx, 7_100_000_001, "registration", {"answers": {}}, now)
        assert await rendering.render(visit, made, rows[0]) == rendering.LeftOut("opted_out", "not recorded")


async def test_each_lives_in_a_zone(database: Database, now: datetime) -> None:
    """Recipients carry the zone of where they live, so that nobody is woken."""
    async with database.write() as tx:
        await joins(tx, 0, now)
        await joins(tx, 1, now, area="94.71.01.1001")
        made = await composed(tx, now, "Halo", audience=Audience("registered", "", states=EVERYBODY.states))
    await preparing.prepare(database, office_at(now, area=""), made)
    assert [row.zone for row in await listed(database, made.id)] == ["WIB", "WIT"]


async def test_one_whose_data_cannot_be_read_holds_up_nobody(database: Database, now: datetime) -> None:
    """A sealed document that was damaged leaves that person out, and everybody else is prepared."""
    async with database.write() as tx:
        await crowd(tx, now, 4)
        broken = await joins(tx, 4, now)
        damaged = update(registrations).where(registrations.c.number == broken.number).values(document=b"1:damaged")
        await tx.connection.execute(damaged)
        made = await composed(tx, now)
    await preparing.prepare(database, office_at(now), made)
    rows = await listed(database, made.id)
    assert reasons(rows) == {("waiting", None): 4, ("skipped", "fault"): 1}
    assert [row.registration for row in rows if row.reason == "fault"] == [broken.number]
