"""Processes at work on one database: who takes up what was in hand, who leads, and what they hear of each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from storage import outbox, uploads
from storage.database import Database, Presence, Transaction
from storage.outbox import Letter
from storage.vault import Vault

LEASE = timedelta(minutes=5)
GUARD = 30.0  # seconds, far beyond the usual
CUT_OFF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'
AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')
"""


class Bot:
    """A bot that notes whether it recovered and what it heard, and keeps its database open."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now, self.recovered = database, now, 0
        self.heard = asyncio.Event()
        self.inherited = 0

    async def recover(self, tx: Transaction) -> None:
        """Take up what was in hand."""
        self.recovered += 1
        await uploads.recover(tx, self.now)

    @asynccontextmanager
    async def at_work(self, role: str = "answering") -> AsyncIterator[Presence]:
        """Work while the block runs."""
        async with self.database.at_work(
            {role: self.recover}, {outbox.BELL: self.heard.set}, {role: self.inherits}
        ) as here:
            yield here

    async def inherits(self) -> None:
        """Note that all others are gone."""
        self.inherited += 1

    async def claims(self) -> bool:
        """Tell whether there is a file that nobody has in hand."""
        async with self.database.write() as tx:
            return await uploads.claim(tx, self.now, LEASE) is not None

    async def posts(self, *, undone: bool = False) -> None:
        """Post a letter, or break it off."""
        with suppress(InterruptedError):
            async with self.database.write() as tx:
                await outbox.post(tx, [Letter(1, "sendMessage", {"chat_id": 1})], self.now)
                if undone:
                    raise InterruptedError

    async def is_cut_off(self) -> None:
        """Lose the connection of a process's presence, as when the database starts anew."""
        async with self.database.write() as tx:
            await tx.connection.execute(text(CUT_OFF))


class Duty:
    """What only one may do; `begun` counts how often it was begun."""

    def __init__(self) -> None:
        self.begun, self.doing = 0, asyncio.Event()

    async def __call__(self) -> None:
        """Do it until broken off."""
        self.begun += 1
        self.doing.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.doing.clear()


@asynccontextmanager
async def leading(here: Presence, duty: Duty) -> AsyncIterator[None]:
    """Be ready to lead while the block runs."""
    task = asyncio.create_task(here.lead(duty))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def bot(database: Database, now: datetime) -> Bot:
    """One bot."""
    return Bot(database, now)


@pytest.fixture
async def other(database_url: str, vault: Vault, now: datetime) -> AsyncIterator[Bot]:
    """Another bot on the same database."""
    opened = await Database.open(database_url, vault)
    yield Bot(opened, now)
    await opened.close()


async def until(true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(GUARD):
        while not true():  # noqa: ASYNC110  # it is the processes' own business, and rings no bell here
            await asyncio.sleep(0.01)


async def test_a_bot_that_starts_alone_takes_up_everything(bot: Bot) -> None:
    """What was in hand when a bot ended is taken up by the next one at once."""
    async with bot.database.write() as tx:
        await uploads.put(tx, 1, "neighbours", {}, bot.now, body=b"a list")
    for start in (1, 2):
        async with bot.at_work():
            assert await bot.claims()
            assert not await bot.claims()
        assert bot.recovered == start


async def test_the_only_bot_leads(bot: Bot) -> None:
    """On either database, one that works alone does what only one may do."""
    duty = Duty()
    async with bot.at_work() as here, leading(here, duty):
        await asyncio.wait_for(duty.doing.wait(), GUARD)


async def test_a_duty_that_fails_says_so(bot: Bot) -> None:
    """An error in what the leader does ends the leading with that error, so that somebody hears of it."""

    async def failing() -> None:
        raise LookupError

    async with bot.at_work() as here:
        with pytest.raises(LookupError):
            await asyncio.wait_for(here.lead(failing), GUARD)


@pytest.mark.parametrize("kind", ["postgres"])  # SQLite has one bot
async def test_a_second_bot_leaves_the_first_ones_work(bot: Bot, other: Bot) -> None:
    """A file that one bot has in hand is not taken by another that starts, until the first is gone, however it went."""
    async with bot.database.write() as tx:
        await uploads.put(tx, 1, "neighbours", {}, bot.now, body=b"a list")
    async with bot.at_work():
        assert await bot.claims()
        async with other.at_work():
            assert not await other.claims()
    async with asyncio.timeout(GUARD), other.at_work():
        assert await other.claims()
    assert (bot.recovered, other.recovered) == (1, 1)


@pytest.mark.parametrize("kind", ["postgres"])  # likewise
async def test_each_role_is_taken_up_by_itself(bot: Bot, other: Bot) -> None:
    """A sender that starts while only others answer takes up at once what the last sender had in hand."""
    async with bot.at_work("answering"), other.at_work("sending"):
        assert (bot.recovered, other.recovered) == (1, 1)


@pytest.mark.parametrize("kind", ["postgres"])  # likewise
async def test_one_leads_and_the_other_takes_over(bot: Bot, other: Bot) -> None:
    """Of two that are ready one leads; when it stops, or steps back, the other does, and nobody meanwhile."""
    first, second = Duty(), Duty()
    async with other.at_work() as there:
        async with bot.at_work() as here, leading(here, first):
            await asyncio.wait_for(first.doing.wait(), GUARD)
            async with leading(there, second):
                await until(lambda: there._wishes_to_lead)
                assert not there.leads
        async with leading(there, second):
            await asyncio.wait_for(second.doing.wait(), GUARD)
            assert not first.doing.is_set()
            async with bot.at_work() as here, leading(here, first):
                assert not here.leads
    assert (first.begun, second.begun) == (1, 1)


@pytest.mark.parametrize("kind", ["postgres"])  # likewise
async def test_a_leader_that_is_cut_off_breaks_off(bot: Bot, other: Bot) -> None:
    """Whose connection is lost leads no more, says so to what it does, and may come to lead again; one leads in the end."""
    first, second = Duty(), Duty()
    async with bot.at_work() as here, leading(here, first):
        await asyncio.wait_for(first.doing.wait(), GUARD)
        async with other.at_work() as there, leading(there, second):
            await other.is_cut_off()
            await until(lambda: first.begun + second.begun > 1)
            await until(lambda: here.leads != there.leads)
            await until(lambda: first.doing.is_set() == here.leads and second.doing.is_set() == there.leads)


@pytest.mark.parametrize("kind", ["postgres"])  # likewise
async def test_a_letter_is_heard_of_once_it_is_committed(bot: Bot, other: Bot) -> None:
    """Who posts a letter wakes the senders of other processes and not its own; what is undone wakes nobody."""
    async with bot.at_work(), other.at_work():
        await other.posts(undone=True)
        await bot.posts()
        await asyncio.wait_for(other.heard.wait(), GUARD)
        assert not bot.heard.is_set()
        await other.posts()
        await asyncio.wait_for(bot.heard.wait(), GUARD)


@pytest.mark.parametrize("kind", ["postgres"])  # likewise
async def test_a_lost_connection_is_made_anew(bot: Bot, other: Bot) -> None:
    """After the connection is lost, whatever may have been said meanwhile counts as heard, and hearing goes on."""
    async with bot.at_work():
        await bot.is_cut_off()
        await asyncio.wait_for(bot.heard.wait(), GUARD)
        bot.heard.clear()
        await other.posts()
        await asyncio.wait_for(bot.heard.wait(), GUARD)
        async with other.at_work():
            assert other.recovered == 0


@pytest.mark.parametrize("kind", ["postgres"])  # likewise
async def test_the_last_one_inherits(bot: Bot, other: Bot) -> None:
    """When all others in its role are gone, the one that is left is told so once; one that was always alone is not."""
    async with bot.at_work("sending") as here:
        async with other.at_work("answering"):
            await until(lambda: here._connection is not None)
        async with other.at_work("sending"):
            await until(lambda: "sending" in here._accompanied)
            assert bot.inherited == 0
        await until(lambda: bot.inherited == 1)
        await until(lambda: "sending" not in here._accompanied)
    assert (bot.inherited, other.inherited) == (1, 0)
