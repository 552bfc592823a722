"""The ledger adds up and nobody is tried twice, whatever happens in whatever order, and with many senders at once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledgers import EVERYWHERE, claimed, clear, crowd, made, page, person, registered, released, remind, states, stored

from storage import broadcasts
from storage.broadcasts import Ended, Recipient, Stage
from storage.database import Database
from storage.transaction import Transaction
from storage.vault import Vault

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LEFT = 40  # after so many of sixty messages somebody presses stop


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
                await broadcasts.release(tx, taken[::3])
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
        awake = ("WIB",) if size % 2 else EVERYWHERE
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
        await broadcasts.release(self.tx, back)
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
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
