"""Rounds of a sender: whose time has come is claimed once, in its wave and awake; whatever is lost is unknown."""

from datetime import datetime, timedelta

from ledgers import EVERYWHERE, claimed, crowd, made, page, person, registered, released, remind, states, stored

from storage import broadcasts
from storage.broadcasts import Ended, Stage, rounds
from storage.database import Database

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


async def test_campaigns_go_first(database: Database, now: datetime) -> None:
    """Campaigns go before broadcasts and what was due earlier before what is due later; each comes with its broadcast."""
    async with database.write() as tx:
        await crowd(tx, 2, now)
        number = await released(tx, now)
        campaign = await made(tx, now, campaign="lapse", stage=Stage.RUNNING)
        for who, due in ((5, SECOND), (4, MINUTE), (3, 2 * SECOND)):
            await remind(tx, campaign, who, now + due)
        taken = await broadcasts.claim(tx, 4, now + 2 * SECOND, EVERYWHERE)
        assert [(one.id, recipient.person) for one, recipient in taken] == [
            (campaign, 5),
            (campaign, 3),
            (number, 1),
            (number, 2),
        ]
        assert taken[0][0].campaign == "lapse"
        assert taken[2][0] == await stored(tx, number)
        assert await claimed(tx, now + 2 * SECOND) == []


async def test_only_where_people_are_awake(database: Database, now: datetime) -> None:
    """Where people sleep nobody is written to, unless the broadcast does not keep quiet hours."""
    async with database.write() as tx:
        for who, area in ((1, "33.19.02.2003"), (2, "94.01.02.2003")):
            await person(tx, who, now)
            await registered(tx, f"N{who}", who, now, area=area)
        await released(tx, now)
        assert await claimed(tx, now, awake=()) == []
        assert [one.person for one in await claimed(tx, now, awake=("WIT", "WITA"))] == [2]
        await released(tx, now, quiet=False)
        assert [one.person for one in await claimed(tx, now, awake=())] == [1, 2]
        assert [one.person for one in await claimed(tx, now, awake=("WIB",))] == [1]


async def test_first_the_first_wave(database: Database, now: datetime) -> None:
    """In the first wave only those drawn for it are taken; later everybody, also who of the first wave is left."""
    async with database.write() as tx:
        await crowd(tx, 5, now)
        number = await released(tx, now, stage=Stage.CANARY)
        await broadcasts.draw_canary(tx, number, 2)
        (first,) = await claimed(tx, now, limit=1)
        assert first.wave == broadcasts.CANARY
        assert await broadcasts.unfinished(tx, number, broadcasts.CANARY)
        assert await broadcasts.move(tx, number, Stage.CANARY, Stage.RUNNING, now=now)
        assert sorted(one.wave for one in await claimed(tx, now)) == [0, 1, 1, 1]


async def test_nothing_goes_out_before_and_after(database: Database, now: datetime) -> None:
    """Only in its two stages of sending is anybody of a broadcast taken; when it first began is remembered."""
    async with database.write() as tx:
        await crowd(tx, 2, now)
        number = await released(tx, now, stage=Stage.READY)
        for stage in (Stage.ASKED, Stage.DUE, Stage.HELD, Stage.PAUSED, Stage.READY):
            assert await claimed(tx, now) == []
            assert await broadcasts.move(tx, number, (await stored(tx, number)).stage, stage, now=now)
        assert not await broadcasts.move(tx, number, [Stage.DUE, Stage.HELD], Stage.RUNNING, now=now)
        assert await broadcasts.move(tx, number, [Stage.DUE, Stage.READY], Stage.RUNNING, now=now, by=7)
        assert len(await claimed(tx, now, limit=1)) == 1
        assert await broadcasts.move(tx, number, Stage.RUNNING, Stage.PAUSED, now=now + SECOND)
        assert await claimed(tx, now + SECOND) == []
        assert await broadcasts.move(tx, number, Stage.PAUSED, Stage.RUNNING, now=now + MINUTE)
        found = await stored(tx, number)
        assert (found.started_at, found.confirmed_by, found.changed_at) == (now, 7, now + MINUTE)


async def test_a_lost_sender(database: Database, now: datetime) -> None:
    """What was in flight when a lease ended is unknown, never sent again, and turns into what is learned of it late."""
    async with database.write() as tx:
        await crowd(tx, 3, now)
        number = await released(tx, now)
        one, two, three = await claimed(tx, now)
        assert await claimed(tx, now + MINUTE - SECOND) == []
        assert await states(tx, number) == {"sending": 3}
        assert await claimed(tx, now + MINUTE) == []
        counts = await broadcasts.counts(tx, number)
        assert (counts.states, counts.reasons) == ({"unknown": 3}, {("unknown", "cut off"): 3})
        await broadcasts.settle(tx, [Ended(one.id, "sent", None, 77), Ended(two.id, "failed", "blocked")], now + MINUTE)
        await broadcasts.release(tx, [three])
        assert await states(tx, number) == {"sent": 1, "failed": 1, "unknown": 1}
        settled = (await broadcasts.list_after(tx, number, 0, 9, "sent"))[0]
        assert (settled.message_id, settled.reason, settled.finished_at) == (77, None, now + MINUTE)
        await broadcasts.settle(tx, [Ended(one.id, "failed")], now + MINUTE)
        assert (await states(tx, number))["sent"] == 1
        assert not await broadcasts.unfinished(tx, number)


async def test_recover_at_start(database: Database, now: datetime) -> None:
    """A sender that starts alone counts as unknown at once what the one before it had in flight."""
    async with database.write() as tx:
        await crowd(tx, 3, now)
        number = await released(tx, now)
        await claimed(tx, now, limit=2)
        assert await broadcasts.recover(tx, now) == 2
        assert await states(tx, number) == {"unknown": 2, "waiting": 1}
        assert await broadcasts.recover(tx, now) == 0


async def test_given_back(database: Database, now: datetime) -> None:
    """Who was surely not written to waits again; who got something never does."""
    async with database.write() as tx:
        await crowd(tx, 3, now)
        number = await released(tx, now)
        one, two, three = await claimed(tx, now)
        await broadcasts.settle(tx, [Ended(one.id, "sent"), Ended(two.id, "unknown")], now)
        await broadcasts.release(tx, [one, two, three])
        await broadcasts.release(tx, [])
        await broadcasts.settle(tx, [], now)
        await broadcasts.settle(tx, [Ended(three.id, "sent")], now)  # by a sender that no longer has it in hand
        assert await states(tx, number) == {"sent": 1, "unknown": 1, "waiting": 1}
        assert [again.id for again in await claimed(tx, now)] == [three.id]


async def test_given_back_twice(database: Database, now: datetime) -> None:
    """What is given back a second time, as after a commit whose answer was lost, is left to who has taken it since."""
    async with database.write() as tx:
        await crowd(tx, 2, now)
        number = await released(tx, now)
        mine = await claimed(tx, now)
        await broadcasts.release(tx, mine)
        theirs = await claimed(tx, now + SECOND)
        await broadcasts.release(tx, mine)
        await broadcasts.put_off(tx, mine, now + MINUTE)
        assert await states(tx, number) == {"sending": 2}
        await broadcasts.put_off(tx, theirs[:1], now + MINUTE)
        assert await claimed(tx, now + MINUTE - SECOND) == []
        assert [one.id for one in await claimed(tx, now + MINUTE)] == [theirs[0].id]


async def test_what_is_necessary_goes_first(database: Database, now: datetime) -> None:
    """A necessary notice waits neither for news nor for reminders; in each, whoever's evening comes first is first."""
    async with database.write() as tx:
        for who, area in ((1, "33.19.02.2003"), (2, "94.01.02.2003")):
            await person(tx, who, now)
            await registered(tx, f"N{who}", who, now, area=area)
        news = await released(tx, now)
        reminder = await made(tx, now, campaign="lapse", stage=Stage.RUNNING)
        await remind(tx, reminder, 1, now)
        notice = await released(tx, now, necessary=True)
        urgent = await made(tx, now, campaign="correction", stage=Stage.RUNNING, necessary=True)
        await remind(tx, urgent, 1, now)
        taken = [(one.broadcast, one.person) for one in await claimed(tx, now)]
        assert taken == [(urgent, 1), (notice, 2), (notice, 1), (reminder, 1), (news, 2), (news, 1)]


async def test_a_stop(database: Database, now: datetime) -> None:
    """From a stop on nobody counts as waiting; in flight ends by itself; the rounds write it down, and then it is over."""
    async with database.write() as tx:
        await crowd(tx, 5, now)
        number = await released(tx, now)
        one, two = await claimed(tx, now, limit=2)
        assert await broadcasts.move(tx, number, Stage.RUNNING, Stage.STOPPED, now=now)
        assert await states(tx, number) == {"sending": 2, "skipped": 3}
        assert (await broadcasts.counts(tx, number)).reasons == {("skipped", "stopped"): 3}
        assert await broadcasts.open_ones(tx) == []
        assert [one.id for one in await broadcasts.open_ones(tx, Stage.STOPPED)] == [number]
        await broadcasts.release(tx, [two])
        assert await states(tx, number) == {"sending": 1, "skipped": 4}
        assert await claimed(tx, now) == []
        assert len(await broadcasts.list_after(tx, number, 0, 9, "skipped")) == 4
        assert (await stored(tx, number)).finished_at is None
        await broadcasts.settle(tx, [Ended(one.id, "sent")], now)
        assert await claimed(tx, now + MINUTE) == []
        assert (await stored(tx, number)).finished_at == now + MINUTE
        assert await broadcasts.open_ones(tx, Stage.STOPPED) == []
        assert await states(tx, number) == {"sent": 1, "skipped": 4}


async def test_discarded_while_prepared(database: Database, now: datetime) -> None:
    """One that is thrown away half-way skips whoever was written down already."""
    async with database.write() as tx:
        await crowd(tx, 3, now)
        number = await made(tx, now)
        await page(tx, number, now, limit=2)
        assert await broadcasts.move(tx, number, Stage.PREPARING, Stage.DISCARDED, now=now)
        assert await claimed(tx, now) == []
        found = await stored(tx, number)
        assert (found.finished_at, found.started_at) == (now, None)
        assert await states(tx, number) == {"skipped": 2}


async def test_what_people_did(database: Database, now: datetime) -> None:
    """Pressing a button is noted of one's own message only, the last one of several."""
    async with database.write() as tx:
        await crowd(tx, 1, now)
        await released(tx, now)
        (one,) = await claimed(tx, now)
        assert await broadcasts.act(tx, one.id, 2, "paid", now) is None
        await broadcasts.act(tx, one.id, 1, "where", now)
        acted = await broadcasts.act(tx, one.id, 1, "paid", now + MINUTE)
        assert acted is not None
        assert (acted.action, acted.acted_at, acted.state) == ("paid", now + MINUTE, "sending")


async def test_two_senders(kind: str, database: Database, now: datetime) -> None:
    """On PostgreSQL two senders at once never hold the same recipient, and neither waits for the other or for a stop."""
    if kind == "sqlite":
        return  # one writer: there is no second transaction
    async with database.write() as tx:
        await crowd(tx, 5, now)
        number = await released(tx, now)
        (old,) = await claimed(tx, now - MINUTE, limit=0) or await claimed(tx, now, limit=1)
    later = now + MINUTE
    async with database.write() as one, database.write() as two:
        first = await claimed(one, later, limit=2)
        assert await rounds.expire(two, later) == 0  # the first has just counted it
        second = await claimed(two, later)
        assert len({recipient.id for recipient in [old, *first, *second]}) == 5
        async with database.write() as admin:
            assert await broadcasts.move(admin, number, Stage.RUNNING, Stage.STOPPED, now=later)
        await broadcasts.release(two, [second[0]])
        await broadcasts.settle(two, [Ended(recipient.id, "sent") for recipient in second[1:]], later)
    async with database.write() as tx:
        assert await claimed(tx, later) == []
        assert await states(tx, number) == {"unknown": 1, "sending": 2, "sent": 1, "skipped": 1}


async def test_claiming_reads_only_whose_time_has_come(database: Database, now: datetime) -> None:
    """Claims go through the index of those who wait, step by step: whoever sleeps or was sent to costs nothing."""
    bound = {"now": now, "number": 1, "wave": 1, "zone": "WIB", "most": 30}
    async with database.write() as tx:
        await crowd(tx, 300, now)
        await released(tx, now)
        dialect = tx.connection.dialect
        explain = "EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN "
        if dialect.name == "postgresql":  # which has few rows here, and would rather read them all
            for way in ("seqscan", "bitmapscan", "sort"):
                await tx.connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        for statement in (rounds._look(("WIB", "WITA")), rounds._next(anywhere=False), rounds._next(anywhere=True)):
            known = {name: value for name, value in bound.items() if name in statement.compile().params}
            sql = str(statement.params(**known).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
            plan = str((await tx.connection.exec_driver_sql(explain + sql)).all())
            assert "recipients_due" in plan
            assert "recipients_counts" not in plan
            assert "Seq Scan on recipients" not in plan
            assert "SCAN recipients" not in plan
