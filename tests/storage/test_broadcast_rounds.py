"""Rounds of a sender: whose time has come is claimed once, in its wave and awake; the ledger adds up whatever happens."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledgers import EVERYWHERE, clear, crowd, made, page, person, registered, released, stored

from storage import broadcasts
from storage.broadcasts import Ended, Recipient, Stage, rounds
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import Vault

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LEFT = 40  # after so many of sixty messages somebody presses stop


async def claimed(tx: Transaction, now: datetime, limit: int = 100, awake: set[str] = EVERYWHERE) -> list[Recipient]:
    """Claim without what the broadcasts say."""
    return [one for _broadcast, one in await broadcasts.claim(tx, limit, now, awake, lease=MINUTE)]


async def states(tx: Transaction, number: int) -> dict[str, int]:
    """Count a broadcast's recipients by state."""
    return (await broadcasts.counts(tx, number)).states


async def remind(tx: Transaction, campaign: int, who: int, due_at: datetime, zone: str = "WIB") -> None:
    """Plan one message of a campaign."""
    await broadcasts.plan_one(
        tx, campaign, who, registration=None, occasion="once", language="id", zone=zone, due_at=due_at
    )


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
        assert await claimed(tx, now, awake=set()) == []
        assert [one.person for one in await claimed(tx, now, awake={"WITA", "WIT"})] == [2]
        await released(tx, now, quiet=False)
        assert [one.person for one in await claimed(tx, now, awake=set())] == [1, 2]
        assert [one.person for one in await claimed(tx, now, awake={"WIB"})] == [1]


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
        await broadcasts.release(tx, [three.id])
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
        await broadcasts.release(tx, [one.id, two.id, three.id])
        await broadcasts.release(tx, [])
        await broadcasts.settle(tx, [], now)
        await broadcasts.settle(tx, [Ended(three.id, "sent")], now)  # by a sender that no longer has it in hand
        assert await states(tx, number) == {"sent": 1, "unknown": 1, "waiting": 1}
        assert [again.id for again in await claimed(tx, now)] == [three.id]


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
        await broadcasts.release(tx, [two.id])
        assert await states(tx, number) == {"sending": 1, "skipped": 4}
        assert await claimed(tx, now) == []
        assert len(await broadcasts.list_after(tx, number, 0, 9, "skipped")) == 4
        assert (await stored(tx, number)).finished_at is None
        await broadcasts.settle(tx, [Ended(one.id, "sent")], now)
        assert await claimed(tx, now + MINUTE) == []
        assert (await stored(tx, number)).finished_at == now + MINUTE
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
        await broadcasts.release(two, [second[0].id])
        await broadcasts.settle(two, [Ended(recipient.id, "sent") for recipient in second[1:]], later)
    async with database.write() as tx:
        assert await claimed(tx, later) == []
        assert await states(tx, number) == {"unknown": 1, "sending": 2, "sent": 1, "skipped": 1}


async def test_many_senders_at_once(database: Database, database_url: str, vault: Vault, now: datetime) -> None:
    """Senders that work at the same time, from two programs, while somebody steers, reach everybody once and never block."""
    async with database.write() as tx:
        await crowd(tx, 60, now)
        number = await released(tx, now)
    other = await Database.open(database_url, vault)
    sent: Counter[int] = Counter()

    async def send(mine: Database, size: int) -> None:
        ended: list[Ended] = []
        while not done.is_set() or ended:
            async with mine.write() as tx:
                await broadcasts.settle(tx, ended, now)
                taken = [] if done.is_set() else await claimed(tx, now, size)
                await broadcasts.release(tx, [one.id for one in taken[::3]])
            ended = [Ended(one.id, "sent") for index, one in enumerate(taken) if index % 3]
            sent.update(one.id for one in ended)

    async def steer() -> None:
        while (await counted()).get("sent", 0) < LEFT:
            async with database.write() as tx:
                await broadcasts.move(tx, number, Stage.RUNNING, Stage.PAUSED, now=now)
            async with other.write() as tx:
                await broadcasts.move(tx, number, Stage.PAUSED, Stage.RUNNING, now=now)
        async with other.write() as tx:
            assert await broadcasts.move(tx, number, Stage.RUNNING, Stage.STOPPED, now=now)
        done.set()

    async def counted() -> dict[str, int]:
        async with database.read() as tx:
            return await states(tx, number)

    done = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for mine, size in ((database, 5), (database, 2), (other, 3)):
            group.create_task(send(mine, size))
        group.create_task(steer())
    await other.close()
    assert set(sent.values()) == {1}
    assert await counted() == {"sent": len(sent), "skipped": 60 - len(sent)}


SENDING = ["claim", "claim", "claim", "sent", "failed", "unknown", "release", "lost", "late", "recover", "act"]
STEERING = ["plan", "remind", "leave out", "pause", "go on", "hold", "stop"]
STEPS = st.lists(st.tuples(st.sampled_from([*SENDING, *STEERING]), st.integers(0, 5)), max_size=40)


class Walk:
    """A ledger on which anything may happen, and what must hold afterwards."""

    def __init__(self, tx: Transaction, now: datetime, number: int, campaign: int) -> None:
        self.tx, self.now, self.number, self.campaign = tx, now, number, campaign
        self.flying: list[Recipient] = []
        self.lost: list[Recipient] = []
        self.tried: set[int] = set()  # nobody of these may be claimed again

    async def step(self, what: str, size: int) -> None:
        """Let one thing happen, to so many."""
        self.now += 10 * SECOND
        moves: dict[str, tuple[tuple[Stage, ...], Stage]] = {
            "pause": ((Stage.CANARY, Stage.RUNNING), Stage.PAUSED),
            "hold": ((Stage.CANARY, Stage.RUNNING), Stage.HELD),
            "go on": ((Stage.PREPARING, Stage.CANARY, Stage.PAUSED, Stage.HELD), Stage.RUNNING),
            "stop": ((Stage.CANARY, Stage.RUNNING, Stage.PAUSED, Stage.HELD), Stage.STOPPED),
        }
        if what in moves:
            await broadcasts.move(self.tx, self.number, *moves[what], now=self.now)
        elif what in {"sent", "failed", "unknown"}:
            await self._settle(size, lambda one: Ended(one.id, what))  # type: ignore[arg-type]
        else:
            await getattr(self, f"_{what.replace(' ', '_')}")(size)

    async def _claim(self, size: int) -> None:
        stage = (await stored(self.tx, self.number)).stage
        awake = {"WIB"} if size % 2 else EVERYWHERE
        taken = await claimed(self.tx, self.now, size, awake)
        assert len(taken) <= size
        assert not self.tried & {one.id for one in taken}
        assert len({one.id for one in taken}) == len(taken)
        for one in taken:
            assert one.zone in awake
            assert one.broadcast == self.campaign or stage in broadcasts.SENDING
            assert one.wave == broadcasts.CANARY or stage is not Stage.CANARY or one.broadcast == self.campaign
        self.tried |= {one.id for one in taken}
        self.flying += taken

    async def _settle(self, size: int, ending: Callable[[Recipient], Ended]) -> None:
        ended, self.flying = self.flying[:size], self.flying[size:]
        await broadcasts.settle(self.tx, [ending(one) for one in ended], self.now)

    async def _release(self, size: int) -> None:
        back, self.flying = self.flying[:size], self.flying[size:]
        waits = {one.id for one in back} & await self._sending()
        await broadcasts.release(self.tx, [one.id for one in back])
        self.tried -= waits

    async def _sending(self) -> set[int]:
        ids = (self.number, self.campaign)
        return {one.id for number in ids for one in await broadcasts.list_after(self.tx, number, 0, 99, "sending")}

    async def _lost(self, size: int) -> None:
        self.lost += self.flying[:size]
        self.flying = self.flying[size:]
        self.now += MINUTE

    async def _late(self, size: int) -> None:
        await broadcasts.settle(self.tx, [Ended(one.id, "sent") for one in self.lost[:size]], self.now)

    async def _recover(self, _size: int) -> None:
        await broadcasts.recover(self.tx, self.now)
        self.lost += self.flying
        self.flying = []

    async def _plan(self, size: int) -> None:
        if (await stored(self.tx, self.number)).stage is Stage.PREPARING:
            await page(self.tx, self.number, self.now, limit=size + 1)
            await broadcasts.draw_canary(self.tx, self.number, size)
            if size > 2:
                await broadcasts.move(self.tx, self.number, Stage.PREPARING, Stage.CANARY, now=self.now)

    async def _remind(self, size: int) -> None:
        await remind(self.tx, self.campaign, size, self.now, "WIT" if size % 2 else "WIB")

    async def _leave_out(self, size: int) -> None:
        rows = (await broadcasts.list_after(self.tx, self.number, 0, 99))[:size]
        await broadcasts.leave_out(self.tx, [Ended(one.id, "skipped", "placeholder") for one in rows], self.now)

    async def _act(self, size: int) -> None:
        for one in self.flying[:size]:
            assert await broadcasts.act(self.tx, one.id, one.person, "paid", self.now)

    async def adds_up(self) -> None:
        """Hold the ledgers against each other: everybody planned is in one state, by whatever way one counts."""
        for number in (self.number, self.campaign):
            rows = await broadcasts.list_after(self.tx, number, 0, 99)
            counts = await broadcasts.counts(self.tx, number)
            waves = [await broadcasts.counts(self.tx, number, wave=wave) for wave in (0, 1)]
            assert counts.planned == len(rows) == sum(wave.planned for wave in waves)
            assert len({(one.person, one.occasion) for one in rows}) == len(rows)
            assert sum(counts.reasons.values()) <= counts.planned
            left = counts.of("waiting", "sending")
            stopped = (await stored(self.tx, number)).stage is Stage.STOPPED
            assert stopped or await broadcasts.unfinished(self.tx, number) is (left > 0)
            for one in rows:
                assert (one.finished_at is None) is (one.state in {"waiting", "sending"})


@given(steps=STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_ledger_always_adds_up(database: Database, now: datetime, steps: list[tuple[str, int]]) -> None:
    """Whatever happens in whatever order, the sum over the states is everybody planned, and nobody is tried twice."""
    async with database.write() as tx:
        await clear(tx)
        await crowd(tx, 6, now)
        await person(tx, 7, now, stopped_at=now)
        await registered(tx, "N7", 7, now)
        await registered(tx, "N1-94", 1, now + SECOND, area="94.01.02.2003")
        campaign = await made(tx, now, campaign="lapse", stage=Stage.RUNNING)
        walk = Walk(tx, now, await made(tx, now), campaign)
        for what, size in steps:
            await walk.step(what, size)
            await walk.adds_up()


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
