"""How fast is the bot? Workers register at the imitated Telegram, and the bot works on a core of its own.

`.venv/bin/python benchmarks/registrations.py --help`; README.md says what is measured and how to read it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import uvloop
from crowd import Crowd
from gauge import measured, pin
from load import Run, closed_loop, open_loop, run
from pydantic import SecretStr

from bot.demo import settings as demo_settings
from bot.sandbox.client import Sandbox
from bot.settings import PREFIX, Settings
from bot.upkeep import figures

WARM_UP = 50  # people before anything counts: the picture is drawn, statements are prepared, caches fill


async def sertakan(workers: int, at_once: int, database: str | None) -> dict[str, Run]:
    """Let `workers` register as fast as the bot can, and then as many again at half that rate."""
    with TemporaryDirectory(prefix="sertakan-benchmark-") as folder:
        async with Sandbox.start(limits=None) as sandbox:
            admin = sandbox.person("Admin")
            settings = demo_settings(sandbox, Path(folder), admin)
            if database is not None:
                settings = settings.model_copy(update={"database_url": SecretStr(database)})
            crowd = Crowd(sandbox)
            async with measured("sertakan", environment(settings), Path(folder)) as gauge:
                await admin.start()  # who is told of every registration where no sponsor is
                await closed_loop(crowd.registers, WARM_UP, at_once)
                full = await run(crowd, [gauge], workers, closed_loop(crowd.registers, workers, at_once))
                load = open_loop(crowd.registers, workers, full.people_per_second / 2)
                half = await run(crowd, [gauge], workers, load)
            stored = (await figures(settings))["registrations"]["queued"]
            if stored != WARM_UP + 2 * workers:
                raise click.ClickException(f"{stored} registrations are in the queue, but others were sent as well.")
    return {"sertakan, full load": full, "sertakan, half load": half}


async def echo(people: int, at_once: int) -> dict[str, Run]:
    """Let people chat with the bare aiogram bot under the same loads."""
    with TemporaryDirectory(prefix="sertakan-benchmark-") as folder:
        async with Sandbox.start(limits=None) as sandbox:
            settings = demo_settings(sandbox, Path(folder), sandbox.person("Admin"))
            crowd = Crowd(sandbox)
            async with measured("echo", environment(settings), Path(folder)) as gauge:
                await closed_loop(crowd.chats, WARM_UP, at_once)
                full = await run(crowd, [gauge], people, closed_loop(crowd.chats, people, at_once))
                half = await run(crowd, [gauge], people, open_loop(crowd.chats, people, full.people_per_second / 2))
    return {"echo, full load": full, "echo, half load": half}


def environment(settings: Settings) -> dict[str, str]:
    """Return the settings as the environment of a bot's process."""
    values = {
        "token": settings.token.get_secret_value(),
        "api_url": settings.api_url,
        "database_url": settings.database_url.get_secret_value(),
        "keys": settings.keys.get_secret_value(),
        "index_key": settings.index_key.get_secret_value(),
        "admins": ",".join(map(str, settings.admins)),
        "operator": settings.operator,
        "operator_contact": settings.operator_contact,
        "area": settings.area,
        "listen": settings.listen,
    }
    return {f"{PREFIX}{name.upper()}": value for name, value in values.items()}


def table(runs: dict[str, Run]) -> str:
    """Return the runs side by side, and below what one update costs beside one of the echo."""
    head = " " * 20 + "".join(f"{name:>22}" for name in runs)
    rows = [
        f"{name:<20}" + "".join(f"{getattr(one, name):>22,.2f}" for one in runs.values())
        for name in Run.__dataclass_fields__
    ]
    ours, least = runs["sertakan, full load"], runs["echo, full load"]
    ratios = [
        f"CPU per update: {ours.bot_cpu_per_update / least.bot_cpu_per_update:.1f} × the echo's",
        f"CPU per call:   {_cpu_per_call(ours) / _cpu_per_call(least):.1f} × the echo's",
        f"peak memory:    {ours.peak_memory / least.peak_memory:.1f} × the echo's",
    ]
    return "\n".join([head, *rows, *ratios])


def _cpu_per_call(one: Run) -> float:
    return one.bot_cpu_per_update / one.calls_per_update


@click.command()
@click.option("--workers", default=1000, show_default=True, help="How many register in each run.")
@click.option("--at-once", default=50, show_default=True, help="How many of them at the same time under full load.")
@click.option(
    "--database", help="An empty PostgreSQL database in place of an SQLite file, as postgresql://user@host/name."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here, as JSON.")
def main(workers: int, at_once: int, database: str | None, out: Path | None) -> None:
    """Measure the bot, and a bare aiogram echo bot beside it as a yardstick."""
    pin(0, 0)
    runs = uvloop.run(sertakan(workers, at_once, database)) | uvloop.run(echo(workers, at_once))
    click.echo(table(runs))
    if out is not None:
        out.write_text(json.dumps({name: asdict(one) for name, one in runs.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
