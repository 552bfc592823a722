"""Does a broadcast keep what is promised? The real bot prepares and sends one, and the imitated Telegram measures.

`.venv/bin/python benchmarks/broadcasts.py --help`; README.md says what is measured and how to read it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import click
import uvloop
from audience import populate
from crowd import SEED, Crowd
from gauge import Gauge, measured, pin
from pydantic import SecretStr
from registrations import environment
from verdict import Figures, Options, ledger, promises, table

from bot import upkeep
from bot.demo import AREA
from bot.demo import settings as demo_settings
from bot.sandbox.client import Sandbox
from bot.sandbox.faults import Fault
from bot.sandbox.limits import TELEGRAM, Limits
from bot.sandbox.traffic import Traffic
from bot.sending.pace import UNHURRIED
from bot.settings import Settings
from conversations.rules.areas import Areas
from handlers.office import utc_now
from storage import broadcasts
from storage.broadcasts import ENDED, Audience, Stage
from storage.database import Database

CANARY = 50
READING = 5.0  # seconds for which people read an answer, on average
LOOK = 0.1  # seconds between two looks at how far it is
TEXT = (
    "🔔 <b>Bapak/Ibu {nama_depan}</b>, iuran bulan <b>{bulan}</b> di {desa} sebesar {iuran}.\n"
    "Nomor pendaftaran: {nomor}. Perlindungan sampai {sampai}."
)
FAULTS = {  # shares of all sends
    Fault.TOO_MANY: 0.001,
    Fault.BLOCKED: 0.02,
    Fault.BROKEN: 0.003,
    Fault.TIMEOUT: 0.0005,
    Fault.RESET: 0.003,
    Fault.LOST: 0.003,
}


class Trial:
    """One broadcast, from its writing down to its end, by a bot that may be killed meanwhile."""

    def __init__(self, sandbox: Sandbox, settings: Settings, folder: Path, options: Options) -> None:
        self._sandbox, self._settings, self._folder, self._options = sandbox, settings, folder, options
        self._crowd = Crowd(sandbox, READING)
        self._listeners = sandbox.world.listeners
        self._chance = random.Random(SEED)  # noqa: S311  # moments of kills, not secrets
        self._number = 0
        self._figures = Figures()

    async def run(self) -> Figures:
        """Prepare the broadcast, send it, kill the bot as often as wanted, and compare ledger and Telegram."""
        figures = self._figures
        surroundings = environment(self._settings) | {"FASTER": str(self._options.faster)}
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(upkeep.opened(self._settings))
            await stack.enter_async_context(talking(self._crowd, self._options.chat))
            for _ in range(self._options.senders):
                await stack.enter_async_context(measured("sender", surroundings, self._folder))
            for kill in [*self._kills(), None]:
                async with measured("sertakan", surroundings, self._folder) as gauge:
                    if not self._number:
                        await self._prepared(database, gauge)
                        if self._options.prepare_only:
                            return figures
                        await self._begun()
                    before = gauge.cpu()
                    await self._reached(database, kill)
                    figures.bot_cpu += gauge.cpu() - before
                    figures.peak_memory = max(figures.peak_memory, gauge.peak_memory())
                    if kill is not None:
                        os.kill(gauge.pid, signal.SIGKILL)
                        figures.kills += 1
            figures.replies_during = p95(self._crowd.replies)
            figures.take(self._sandbox)
            async with database.read() as tx:
                await ledger(tx, self._number, self._sandbox.world.received, figures)
        return figures

    def _kills(self) -> list[int]:
        """Return after how many messages the bot is killed."""
        people = len(self._listeners)
        return sorted(self._chance.randint(people // 50, people * 9 // 10) for _ in range(self._options.kills))

    async def _prepared(self, database: Database, gauge: Gauge) -> None:
        """Write the broadcast down as an admin's, and wait until the deck can be shown."""
        now, begun = utc_now(), time.perf_counter()
        body = {
            "audience": Audience().as_json(),
            "texts": {"id": TEXT},
            "picture": None,
            "button": "paid",
            "title": "-",
        }
        author = next(iter(self._settings.admins))
        async with upkeep.opened(self._settings) as short, short.write() as tx:
            self._number = await broadcasts.create(
                tx, area=AREA, body=body, necessary=False, quiet=False, due_at=None, canary=CANARY, by=author, now=now
            )
        while await self._stage(database) is not Stage.READY:  # noqa: ASYNC110  # another process gets it there
            await asyncio.sleep(LOOK)
        self._figures.prepared_seconds = time.perf_counter() - begun
        gc.collect()
        gc.freeze()  # this process is the clock by which the bot is measured: it must not stop for long
        self._figures.prepared_memory = gauge.peak_memory()

    async def _begun(self) -> None:
        """Listen to people without a broadcast first, where some are there; then release it, with faults if wanted."""
        if self._options.chat:
            await asyncio.sleep(READING * 2)  # they are spread over the conversation by now
            self._crowd.replies.clear()
            await asyncio.sleep(self._options.idle)
            self._figures.replies_idle = p95(self._crowd.replies)
            self._crowd.replies.clear()
        await self._moved(Stage.READY, Stage.DUE)
        self._sandbox.api.traffic = Traffic()
        if self._options.faults:
            self._sandbox.faults.by_chance(FAULTS, SEED)

    async def _reached(self, database: Database, messages: int | None) -> None:
        """Wait until so many messages have arrived, or to the end; a broadcast that is held back is let go on."""
        while (stage := await self._stage(database)) not in ENDED:
            if messages is not None and self._arrived() >= messages:
                await asyncio.sleep(self._chance.uniform(0, LOOK))
                return
            if stage is Stage.HELD:
                self._figures.held += 1
                await self._moved(Stage.HELD, Stage.RUNNING)
            await asyncio.sleep(LOOK)

    def _arrived(self) -> int:
        return self._sandbox.api.traffic.statuses[200]

    async def _stage(self, database: Database) -> Stage:
        async with database.read() as tx:
            found = await broadcasts.get(tx, self._number)
        assert found is not None
        return found.stage

    async def _moved(self, frm: Stage, to: Stage) -> None:
        """Move the broadcast as an admin does. The connection is a short one, so that only the bot checkpoints."""
        async with upkeep.opened(self._settings) as short, short.write() as tx:
            assert await broadcasts.move(tx, self._number, frm, to, now=utc_now(), by=None)


@asynccontextmanager
async def talking(crowd: Crowd, people: int) -> AsyncIterator[None]:
    """Let so many people be registering at any time while the block runs; raises what goes wrong with them."""

    async def one_after_another() -> None:
        while True:
            await crowd.registers()

    tasks = [asyncio.create_task(one_after_another()) for _ in range(people)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                raise ended


def p95(seconds: list[float]) -> float:
    """Return below how many milliseconds nineteen of twenty are."""
    return quantiles(seconds, n=20)[-1] * 1000 if len(seconds) > 1 else 0.0


async def measure(options: Options, url: str | None) -> Figures:
    """Make a world with so many people in it, and run the trial there."""
    limits = Limits(round(TELEGRAM.per_second * options.faster), TELEGRAM.per_chat * options.faster, strict=True)
    with TemporaryDirectory(prefix="sertakan-benchmark-") as folder:
        async with Sandbox.start(limits=limits) as sandbox:
            admin = sandbox.person("Admin")
            admin.has_started()
            settings = demo_settings(sandbox, Path(folder), admin)
            if url is not None:
                settings = settings.model_copy(update={"database_url": SecretStr(url)})
            await upkeep.migrate_once(settings)
            people = sandbox.world.add_listeners(options.people)
            villages = [village.code for village in Areas.load(AREA).villages(AREA)]
            async with upkeep.opened(settings) as database:
                await populate(database, people, villages, utc_now())
            return await Trial(sandbox, settings, Path(folder), options).run()


@click.command()
@click.option("--people", default=26_000, show_default=True, help="How many it goes to.")
@click.option("--chat", default=0, show_default=True, help="How many people are registering before and meanwhile.")
@click.option("--idle", default=120.0, show_default=True, help="For how many seconds they are listened to before.")
@click.option("--kills", default=0, show_default=True, help="How often the bot is killed meanwhile, at random.")
@click.option("--senders", default=0, show_default=True, help="How many more processes send; they need PostgreSQL.")
@click.option("--faults", is_flag=True, help="Let Telegram halt, refuse, break and fall silent now and then.")
@click.option("--faster", default=1.0, show_default=True, help="How many times faster than Telegram's limits.")
@click.option("--prepare-only", is_flag=True, help="End when it could be sent.")
@click.option("--database", help="An empty PostgreSQL database in place of SQLite, as postgresql://user@host/name.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here, as JSON.")
def main(database: str | None, out: Path | None, **wanted: float) -> None:
    """Send a broadcast and say whether it kept its promises."""
    pin(0, 0)
    options = Options(**wanted)
    figures = uvloop.run(measure(options, database))
    kept = promises(figures, options, UNHURRIED)
    click.echo(table(figures, kept))
    if out is not None:
        out.write_text(json.dumps({"options": asdict(options), **asdict(figures), "kept": kept}, indent=2) + "\n")
    if not all(kept.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
