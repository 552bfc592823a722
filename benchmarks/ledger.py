"""How fast is the ledger of a broadcast? Nothing is sent: people are planned, claimed, settled and counted.

`.venv/bin/python benchmarks/ledger.py --people 200000 [--database postgresql://...]`; README.md says how to read it.
The database has to be a new one; without one, SQLite in a temporary folder.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from audience import populate
from sqlalchemy import update

from storage import broadcasts
from storage.broadcasts import Audience, Ended, Limits, Stage
from storage.database import Database
from storage.tables import recipients
from storage.transaction import Transaction
from storage.vault import Vault

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PAGE, CLAIMED, ROUNDS = 500, 30, 50
VILLAGES = [f"33.{17 + 2 * (one % 2)}.{one % 9 + 1:02}.{2001 + one}" for one in range(100)]  # half in each regency
BODY = {"audience": Audience(area="33.19").as_json(), "texts": {"id": "Bapak/Ibu, iuran bulan ini …" * 10}}
LIMITS = Limits(2, NOW - timedelta(days=7))


@dataclass
class Clock:
    """Collects how long each kind of transaction takes."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    @asynccontextmanager
    async def write(self, database: Database, what: str) -> AsyncIterator[Transaction]:
        """Time one transaction, the commit with it."""
        begun = time.perf_counter()
        async with database.write() as tx:
            yield tx
        self.taken.setdefault(what, []).append(1000 * (time.perf_counter() - begun))

    def report(self) -> None:
        """Print the median, the longest and the sum of each."""
        for what, times in self.taken.items():
            median, longest, total = sorted(times)[len(times) // 2], max(times), sum(times) / 1000
            print(f"{what:34} {len(times):5} x  median {median:7.1f} ms  longest {longest:7.1f} ms  all {total:6.1f} s")
        print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


async def broadcast(tx: Transaction, stage: Stage = Stage.PREPARING, campaign: str | None = None) -> int:
    """Write one down that is for the regency."""
    return await broadcasts.create(
        tx, area="33.19", body=BODY, necessary=False, quiet=True, due_at=None, canary=50, by=1, now=NOW,
        campaign=campaign, stage=stage,
    )  # fmt: skip


async def plan(database: Database, clock: Clock, number: int) -> None:
    """Write its recipients down, a page in a transaction, and draw the first wave."""
    done = False
    while not done:
        async with clock.write(database, f"plan {PAGE} recipients") as tx:
            held = await broadcasts.get(tx, number, locked=True)
            assert held is not None
            planned = await broadcasts.plan_next(
                tx, held, today=NOW.date(), now=NOW, limits=LIMITS, zone_of=lambda _area: "WIB", limit=PAGE
            )
            done = planned.done
    async with clock.write(database, "draw the first wave") as tx:
        await broadcasts.draw_canary(tx, number, 50)


async def rounds(database: Database, clock: Clock, what: str, awake: tuple[str, ...]) -> None:
    """Claim and settle as a sender does, some rounds."""
    ended: list[Ended] = []
    for _ in range(ROUNDS):
        async with clock.write(database, what) as tx:
            await broadcasts.settle(tx, ended, NOW)
            for one in await broadcasts.open_ones(tx, Stage.STOPPED):
                await broadcasts.wind_up(tx, one.id, NOW)
            taken = await broadcasts.claim(tx, CLAIMED, NOW + timedelta(minutes=1), awake)
        ended = [Ended(one.id, "sent", None, 1) for _broadcast, one in taken]
    async with database.write() as tx:
        await broadcasts.settle(tx, ended, NOW)


async def figures(database: Database, clock: Clock, number: int, when: str) -> None:
    """Ask for what progress and report show."""
    soon = NOW + timedelta(days=7)
    async with clock.write(database, f"counts {when}") as tx:
        await broadcasts.counts(tx, number)
    async with clock.write(database, f"progress {when}") as tx:
        await broadcasts.tried_since(tx, number, NOW - timedelta(minutes=1))
        await broadcasts.zones(tx, number)
        await broadcasts.unfinished(tx, number)
    async with clock.write(database, f"sample {when}") as tx:
        await broadcasts.sample(tx, number, 3)
    async with clock.write(database, f"effects {when}") as tx:
        await broadcasts.effects(tx, number, soon)
    last, lines = 0, [None]
    while lines:
        async with clock.write(database, f"1000 lines {when}") as tx:
            lines = await broadcasts.lines(tx, number, last, 1000, soon)
        last = lines[-1].id if lines else last


async def measure(url: str, number: int) -> None:
    """Walk one broadcast through its life, with campaigns that rest beside it."""
    database = await Database.open(url, Vault([("1", bytes(32))], bytes(range(32))))
    await database.migrate()
    begun = time.perf_counter()
    await populate(database, range(1, number + 1), VILLAGES, NOW)
    print(f"{number} registrations made in {time.perf_counter() - begun:.1f} s")
    clock = Clock()
    async with database.write() as tx:
        for campaign in range(15):
            await broadcast(tx, Stage.RUNNING, f"campaign {campaign}")
        one = await broadcast(tx)
    for what, audience in (
        ("all", Audience()),
        ("a regency", Audience(area="33.19")),
        ("English", Audience(languages=("en",))),
    ):
        async with clock.write(database, f"count {what}") as tx:
            await broadcasts.count(tx, audience, NOW.date())
    await plan(database, clock, one)
    async with database.write() as tx:
        await broadcasts.move(tx, one, Stage.PREPARING, Stage.RUNNING, now=NOW)
    await rounds(database, clock, "settle and claim, all asleep", ("WIT",))
    await rounds(database, clock, f"settle and claim {CLAIMED}", ("WIT", "WITA", "WIB"))
    await figures(database, clock, one, "while many wait")
    async with clock.write(database, "stop") as tx:
        await broadcasts.move(tx, one, Stage.RUNNING, Stage.STOPPED, now=NOW)
    await rounds(database, clock, "a round after the stop", ("WIT", "WITA", "WIB"))
    async with database.write() as tx:
        hours_ago = {"state": "sent", "reason": None, "finished_at": NOW - timedelta(hours=2)}
        await tx.connection.execute(update(recipients).where(recipients.c.state == "skipped").values(hours_ago))
    await figures(database, clock, one, "when all are sent")
    clock.report()
    await database.close()


@click.command()
@click.option("--people", "number", default=26_000, show_default=True, help="How many have a registration.")
@click.option("--database", "url", default="", help="A new database; without one, SQLite in a temporary folder.")
def main(number: int, url: str) -> None:
    """Measure the ledger of a broadcast."""
    with TemporaryDirectory() as folder:
        asyncio.run(measure(url or f"sqlite:///{Path(folder) / 'ledger.db'}", number))


if __name__ == "__main__":
    main()
