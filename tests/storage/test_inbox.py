"""The inbox: every update once, in order within its lane, whatever happens in between."""

import contextlib
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from storage import inbox
from storage.database import Database
from storage.depth import Depth
from storage.inbox import Arrival, Waiting
from storage.tables import inbox as table
from storage.transaction import Transaction

BOT = 77
SECOND = timedelta(seconds=1)


def arrivals(*ids_and_lanes: tuple[int, int]) -> list[Arrival]:
    """Make updates whose bodies name them."""
    return [Arrival(update, lane, f'{{"update_id":{update}}}'.encode()) for update, lane in ids_and_lanes]


class CrashError(Exception):
    """The process dies before the commit."""


async def claimed(tx: Transaction, now: datetime, limit: int = 100) -> list[int]:
    """Claim and return the update ids."""
    return [update.update_id for update in await inbox.claim(tx, limit, now)]


async def test_keep_and_claim(database: Database, now: datetime) -> None:
    """What was kept is claimed unchanged; repeated updates are kept once, within a batch and across batches."""
    async with database.write() as tx:
        assert await inbox.keep(tx, BOT, arrivals((1, 10), (2, 20), (1, 10)), now) == 2
        assert await inbox.keep(tx, BOT, arrivals((2, 20), (3, 30)), now) == 1
        assert await inbox.keep(tx, BOT + 1, arrivals((1, 40)), now) == 1
        assert await inbox.keep(tx, BOT, [], now) == 0
        first = (await inbox.claim(tx, 1, now))[0]
        assert (first.bot_id, first.update_id, first.lane, first.attempts) == (BOT, 1, 10, 0)
        assert (first.body, first.received_at) == (b'{"update_id":1}', now)
        assert await claimed(tx, now) == [1, 2, 3, 1]


async def test_one_at_a_time_per_lane(database: Database, now: datetime) -> None:
    """Only the earliest of each lane is claimed, oldest first, and the next one after it is done."""
    async with database.write() as tx:
        await inbox.keep(tx, BOT, arrivals((1, 10), (2, 10), (3, 20), (4, 10)), now)
        first = await inbox.claim(tx, 100, now)
        assert [update.update_id for update in first] == [1, 3]
        await inbox.finish(tx, [update.id for update in first], now)
        assert await claimed(tx, now) == [2]


async def test_done_updates_stay_known(database: Database, now: datetime) -> None:
    """A finished update loses its body but is still recognised when it comes again, until it is swept."""
    async with database.write() as tx:
        await inbox.keep(tx, BOT, arrivals((1, 10)), now)
        await inbox.finish(tx, [update.id for update in await inbox.claim(tx, 1, now)], now)
        assert await tx.connection.scalar(select(table.c.body)) is None
        assert await inbox.keep(tx, BOT, arrivals((1, 10)), now) == 0
        assert await inbox.sweep(tx, now) == 0
        assert await inbox.sweep(tx, now + SECOND) == 1
        assert await inbox.keep(tx, BOT, arrivals((1, 10)), now) == 1


async def test_sweep_takes_little_at_a_time(database: Database, now: datetime) -> None:
    """A sweep deletes no more than it was told to, and nothing that waits."""
    async with database.write() as tx:
        await inbox.keep(tx, BOT, arrivals(*((update, update) for update in range(1, 8))), now)
        await inbox.finish(tx, [update.id for update in await inbox.claim(tx, 5, now)], now)
        assert [await inbox.sweep(tx, now + SECOND, limit=3) for _ in range(3)] == [3, 2, 0]
        assert await claimed(tx, now) == [6, 7]


async def test_postponing_holds_the_lane(database: Database, now: datetime) -> None:
    """A postponed update waits for its time, its lane waits with it, other lanes go on."""
    async with database.write() as tx:
        await inbox.keep(tx, BOT, arrivals((1, 10), (2, 10), (3, 20)), now)
        first = (await inbox.claim(tx, 1, now))[0]
        await inbox.postpone(tx, first.id, now + SECOND, "TimeoutError")
        assert await claimed(tx, now) == [3]
        again = {update.update_id: update.attempts for update in await inbox.claim(tx, 100, now + SECOND)}
        assert again == {3: 0, 1: 1}


async def test_dead_letters(database: Database, now: datetime) -> None:
    """A buried update frees its lane, is listed without its body, and can be revived in full, once."""
    async with database.write() as tx:
        await inbox.keep(tx, BOT, arrivals((1, 10), (2, 10)), now)
        poison = (await inbox.claim(tx, 1, now))[0]
        await inbox.bury(tx, poison.id, "ValidationError", now)
        assert await claimed(tx, now) == [2]
        letter = (await inbox.dead(tx))[0]
        assert (letter.update_id, letter.reason, letter.buried_at) == (1, "ValidationError", now)
        assert await inbox.depth(tx, now + 5 * SECOND) == Depth(count=1, oldest_seconds=5, dead=1, dead_seconds=5)
        assert await inbox.revive(tx, poison.id, now + SECOND)
        assert not await inbox.revive(tx, poison.id, now + SECOND)
        assert await inbox.dead(tx) == []
        assert (await inbox.claim(tx, 1, now + SECOND))[0].body == poison.body


async def test_depth_of_an_empty_inbox(database: Database, now: datetime) -> None:
    """Nothing to do is zero, not an error."""
    async with database.read() as tx:
        assert await inbox.depth(tx, now) == Depth(0, 0, 0)


async def test_a_crash_unclaims(database: Database, now: datetime) -> None:
    """What a transaction claimed and did not commit is claimed by the next one."""
    async with database.write() as tx:
        await inbox.keep(tx, BOT, arrivals((1, 10)), now)
    with contextlib.suppress(CrashError):
        async with database.write() as tx:
            await inbox.finish(tx, [update.id for update in await inbox.claim(tx, 1, now)], now)
            raise CrashError
    async with database.write() as tx:
        assert await claimed(tx, now) == [1]


async def test_two_workers(kind: str, database: Database, now: datetime) -> None:
    """On PostgreSQL a second worker takes other lanes, never a later update of a lane that is being worked on."""
    if kind == "sqlite":
        return  # one writer: there is no second transaction
    async with database.write() as tx:
        await inbox.keep(tx, BOT, arrivals((1, 10), (2, 10), (3, 20), (4, 20)), now)
    async with database.write() as one, database.write() as two:
        assert await claimed(one, now, limit=1) == [1]
        assert await claimed(two, now) == [3]


class Story:
    """Works on the inbox, and remembers what was kept and what has ended, by lane."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        self.kept: dict[int, list[int]] = {}
        self.ended: dict[int, list[int]] = {}

    async def keep(self, lanes: list[int]) -> None:
        """Keep one update more for each of these lanes."""
        first = sum(map(len, self.kept.values()))
        batch = arrivals(*((first + place, lane) for place, lane in enumerate(lanes)))
        async with self.database.write() as tx:
            await inbox.keep(tx, BOT, batch, self.now)
        for arrival in batch:
            self.kept.setdefault(arrival.lane, []).append(arrival.update_id)

    async def work(self, fates: list[str], *, crash: bool = False) -> None:
        """Claim as many updates as there are fates, and let each have its own."""
        self.now += SECOND
        with contextlib.suppress(CrashError):
            async with self.database.write() as tx:
                batch = await inbox.claim(tx, len(fates), self.now)
                assert len({update.lane for update in batch}) == len(batch)
                for update, fate in zip(batch, fates, strict=False):
                    assert update.update_id == self.kept[update.lane][len(self.ended.get(update.lane, []))]
                    await self._meet(tx, update, fate)
                if crash:
                    raise CrashError
            for update, fate in zip(batch, fates, strict=False):
                if fate in {"finish", "bury"}:
                    self.ended.setdefault(update.lane, []).append(update.update_id)

    async def _meet(self, tx: Transaction, update: Waiting, fate: str) -> None:
        match fate:
            case "finish":
                await inbox.finish(tx, [update.id], self.now)
            case "bury":
                await inbox.bury(tx, update.id, "poison", self.now)
            case "postpone":
                await inbox.postpone(tx, update.id, self.now + SECOND * 3, "later")


LANES = st.lists(st.integers(1, 4), min_size=1, max_size=4)
FATES = st.lists(st.sampled_from(["finish", "postpone", "bury", "leave"]), min_size=1, max_size=4)


@given(steps=st.lists(st.one_of(LANES, st.tuples(FATES, st.booleans())), max_size=14))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_interleaving_keeps_the_order(
    database: Database, now: datetime, steps: list[list[int] | tuple[list[str], bool]]
) -> None:
    """However keeping, working, failing and crashing are mixed, each lane's updates end once each and in order."""
    async with database.write() as tx:
        await tx.connection.execute(delete(table))
    story = Story(database, now)
    for step in steps:
        if isinstance(step, list):
            await story.keep(step)
        else:
            await story.work(step[0], crash=step[1])
    story.now += SECOND * 3
    while story.ended != story.kept:
        before = sum(map(len, story.ended.values()))
        await story.work(["finish"] * 4)
        assert sum(map(len, story.ended.values())) > before


async def test_claiming_reads_only_what_waits(database: Database, now: datetime) -> None:
    """The claim goes through the partial indexes, so a million finished updates cost it nothing."""
    statement = inbox._claimable.params(most=10, now=now)
    async with database.write() as tx:
        dialect = tx.connection.dialect
        if dialect.name == "postgresql":
            await tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        sql = str(
            statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True, "render_postcompile": True})
        )
        explain = "EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN "
        plan = str((await tx.connection.exec_driver_sql(explain + sql)).all())
    assert "inbox_due" in plan
    assert "inbox_lane" in plan
    assert "SCAN inbox" not in plan
