"""Bots at work: the only one takes up what was in hand, a second leaves the first's alone, and one that ends is gone."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from storage import uploads
from storage.database import Database, Transaction
from storage.vault import Vault

LEASE = timedelta(minutes=5)


class Bot:
    """A bot that notes whether it recovered, and keeps its database open."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now, self.recovered = database, now, 0

    async def recover(self, tx: Transaction) -> None:
        """Take up what was in hand."""
        self.recovered += 1
        await uploads.recover(tx, self.now)

    async def claims(self) -> bool:
        """Tell whether there is a file that nobody has in hand."""
        async with self.database.write() as tx:
            return await uploads.claim(tx, self.now, LEASE) is not None


@pytest.fixture
def bot(database: Database, now: datetime) -> Bot:
    """One bot."""
    return Bot(database, now)


async def test_a_bot_that_starts_alone_takes_up_everything(bot: Bot) -> None:
    """What was in hand when a bot ended is taken up by the next one at once."""
    async with bot.database.write() as tx:
        await uploads.put(tx, 1, "neighbours", {}, bot.now, body=b"a list")
    for start in (1, 2):
        async with bot.database.at_work(bot.recover):
            assert await bot.claims()
            assert not await bot.claims()
        assert bot.recovered == start


@pytest.mark.parametrize("kind", ["postgres"])  # SQLite has one bot
async def test_a_second_bot_leaves_the_first_ones_work(bot: Bot, database_url: str, vault: Vault) -> None:
    """A file that one bot has in hand is not taken by another that starts, until the first is gone, however it went."""
    other = Bot(await Database.open(database_url, vault), bot.now)
    async with bot.database.write() as tx:
        await uploads.put(tx, 1, "neighbours", {}, bot.now, body=b"a list")
    async with bot.database.at_work(bot.recover):
        assert await bot.claims()
        async with other.database.at_work(other.recover):
            assert not await other.claims()
        async with bot.database.write() as tx:  # as when its process is killed
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            await tx.connection.execute(text(f"{others} AND state = 'idle' AND query LIKE '%advisory%'"))
        async with asyncio.timeout(30), other.database.at_work(other.recover):
            assert await other.claims()
    assert (bot.recovered, other.recovered) == (1, 1)
    await other.database.close()
