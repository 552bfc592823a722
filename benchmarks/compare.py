"""The bot beside its peers, under one load on one machine: a table, the figures as JSON, and a chart.

`.venv/bin/python benchmarks/compare.py --help`; README.md says what is measured and how to read it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import click
import uvloop
from chart import draw
from crowd import Crowd
from gauge import pin
from load import Run, Visit, closed_loop, run
from place import Place
from registrations import environment

WARM_UP = 50  # people before anything counts
MANY, FEW = 50, 10  # people at the same time
OURS = "sertakan"
PEERS: dict[str, tuple[str, Callable[[Crowd], Visit]]] = {
    OURS: ("Sertakan", lambda crowd: crowd.registers),
    "textbook": ("aiogram, each answer committed", lambda crowd: crowd.fills),
    "aiogram_fsm": ("aiogram, state in memory", lambda crowd: crowd.fills),
    "ptb_conversation": ("python-telegram-bot, state in memory", lambda crowd: crowd.fills),
    "echo": ("aiogram, echo", lambda crowd: crowd.chats),
    "aiohttp_bare": ("aiohttp alone, echo", lambda crowd: crowd.chats),
}
STATELESS = {"echo", "aiohttp_bare"}
IN_HAND, SOME = 40, 3  # people in the middle of a form when the bot is killed; answers each has then on average
READING = 1.0  # seconds for which they read each answer: else all of them would wait for one when it is killed
SILENCE = 15.0  # seconds after which somebody counts as lost
OPEN, HALF_WAY = 1000, 6  # conversations that are open; answers given in each
STARTS = 5
BOTH_LIBRARIES = "import aiogram, telegram.ext; print('ready', flush=True)"

ON_POSTGRESQL = {
    "Sertakan on PostgreSQL": (OURS,),
    "Sertakan on PostgreSQL, and a process that sends": (OURS, "sender"),
}

Figures = dict[str, float]
Comparison = dict[str, Figures]


async def loads(peers: tuple[str, ...], people: int, database: str | None = None) -> Figures:
    """Put both loads on one bot, which is one process or more."""
    async with Place.made(database) as place, place.running(*peers) as gauges:
        crowd = Crowd(place.sandbox)
        visit = PEERS[peers[0]][1](crowd)
        await place.admin.start()  # whom our bot tells of every registration
        await closed_loop(visit, WARM_UP, MANY)
        many = await run(crowd, gauges, people, closed_loop(visit, people, MANY))
        few = await run(crowd, gauges, people // 2, closed_loop(visit, people // 2, FEW))
    return {
        "cpu_per_update": many.bot_cpu_per_update,
        "updates_per_second": many.updates_per_second,
        "p50_many": many.reply_p50,
        "p99_many": many.reply_p99,
        "p50_few": few.reply_p50,
        "p99_few": few.reply_p99,
        "peak_memory": many.peak_memory,
    }


async def survivors(peer: str) -> float:
    """Kill a bot while people answer, start it again, and return the share of people who get to the end."""
    async with Place.made() as place:
        crowd = Crowd(place.sandbox, READING, SILENCE)
        async with place.running(peer) as (gauge,):
            await place.admin.start()
            visits = [asyncio.create_task(PEERS[peer][1](crowd)()) for _ in range(IN_HAND)]
            while len(crowd.replies) < SOME * IN_HAND:
                await place.sandbox.world.bell.rung()
            gauge.kill()
        async with place.running(peer):
            ends = await asyncio.gather(*visits, return_exceptions=True)
    return sum(end is None for end in ends) / IN_HAND


async def open_conversations(stored: int) -> Figures:
    """Return the peak memory of our bot with many open conversations and registrations, and that of the echo."""
    peaks = {}
    for peer in (OURS, "echo"):
        async with Place.made() as place:
            if peer == OURS:
                await place.stores(stored)
            async with place.running(peer) as (gauge,):
                crowd = Crowd(place.sandbox)
                visit = (lambda crowd=crowd: crowd.registers(HALF_WAY)) if peer == OURS else crowd.chats
                await closed_loop(visit, OPEN, MANY)
                peaks[f"{peer}_memory"] = gauge.peak_memory()
    return peaks


async def with_stored(stored: int, people: int) -> Run:
    """Measure our bot with so many registrations in its database, for few people at the same time."""
    async with Place.made() as place:
        await place.stores(stored)
        async with place.running(OURS) as gauges:
            crowd = Crowd(place.sandbox)
            await place.admin.start()
            await closed_loop(crowd.registers, WARM_UP, FEW)
            return await run(crowd, gauges, people, closed_loop(crowd.registers, people, FEW))


async def starts() -> Figures:
    """Measure from the start of a process until our bot is ready, and until both libraries are imported; medians."""
    ours, libraries = [], []
    async with Place.made() as place:
        surroundings = {**os.environ, **environment(place.settings)}
        async with place.running(OURS):
            pass  # which leaves a database behind
        for _ in range(STARTS):
            begun = time.perf_counter()
            async with place.running(OURS):
                ours.append(time.perf_counter() - begun)
            libraries.append(await _imported(surroundings))
    return {"ready_seconds": median(ours), "import_seconds": median(libraries)}


async def _imported(surroundings: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BOTH_LIBRARIES, stdout=asyncio.subprocess.PIPE, env=surroundings
    )
    pin(process.pid, 1)
    assert process.stdout is not None
    await process.stdout.readline()
    taken = time.perf_counter() - begun
    await process.wait()
    return taken


async def in_turns(peers: Mapping[str, tuple[str, ...]], people: int, rounds: int, database: str | None) -> Comparison:
    """Put the loads on each bot, some rounds in turn, and keep the round in which it did most: others may use the machine."""
    best: Comparison = {}
    for number in range(rounds):
        for name, processes in peers.items():
            click.echo(f"… round {number + 1}: {name}", err=True)
            one = await loads(processes, people, database)
            if name not in best or one["updates_per_second"] > best[name]["updates_per_second"]:
                best[name] = one
    return best


async def measure(people: int, rounds: int, stored: tuple[int, ...], database: str | None) -> Comparison:
    """Measure everything; who is being measured is said on the way."""
    figures = await in_turns({name: (peer,) for peer, (name, _visit) in PEERS.items()}, people, rounds, None)
    for peer in PEERS.keys() - STATELESS:
        click.echo(f"… a kill: {peer}", err=True)
        figures[PEERS[peer][0]]["survive_a_kill"] = await survivors(peer)
    if database is not None:
        figures |= await in_turns(ON_POSTGRESQL, people, rounds, database)
    click.echo("… memory and start", err=True)
    figures["open conversations"] = await open_conversations(min(stored, default=0))
    figures["start"] = await starts()
    for number in stored:
        click.echo(f"… {number:,} registrations in store", err=True)
        one = await with_stored(number, people // 2)
        few = {"p50_few": one.reply_p50, "p99_few": one.reply_p99, "peak_memory": one.peak_memory}
        figures[f"Sertakan with {number:,} registrations in store"] = few
    return figures


COLUMNS = {
    "cpu_per_update": "CPU per update, ms",
    "updates_per_second": "updates a second",
    "p50_many": f"p50, {MANY} people, ms",
    "p99_many": f"p99, {MANY} people, ms",
    "p50_few": f"p50, {FEW} people, ms",
    "p99_few": f"p99, {FEW} people, ms",
    "peak_memory": "peak memory, MiB",
    "survive_a_kill": "get to the end in spite of a kill",
}


def table(figures: Comparison) -> str:
    """Return the figures as Markdown, ready for README.md."""
    heads = ["", *COLUMNS.values()]
    lines = [heads, ["---", *["--:"] * len(COLUMNS)]]
    lines += [[name, *(_cell(one, column) for column in COLUMNS)] for name, one in figures.items() if "p50_few" in one]
    kept, start = figures["open conversations"], figures["start"]
    memory = kept["sertakan_memory"] / kept["echo_memory"]
    ready = start["ready_seconds"] / start["import_seconds"]
    return "\n".join(
        [
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
            f"Peak memory with {OPEN:,} open conversations: {kept['sertakan_memory']:.0f} MiB, {memory:.2f} × the echo's.",
            f"From start to ready: {start['ready_seconds']:.2f} s, {ready:.2f} × importing both libraries.",
        ]
    )


def _cell(one: Figures, column: str) -> str:
    if column not in one:
        return "–"
    value = one[column]
    if column == "survive_a_kill":
        return f"{value:.0%}"
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


@click.command()
@click.option("--people", default=500, show_default=True, help="How many fill in a form under each load.")
@click.option("--rounds", default=2, show_default=True, help="How often, in turns; a bot's best round counts.")
@click.option("--stored", default=[26_000, 1_000_000], show_default=True, multiple=True, help="Registrations in store.")
@click.option("--database", help="Also PostgreSQL: any database of a server, as postgresql://user@host/name.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here, as JSON.")
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), help="Draw them here, as SVG or PNG.")
def main(
    people: int, rounds: int, stored: tuple[int, ...], database: str | None, out: Path | None, chart: Path | None
) -> None:
    """Measure the bot and its peers."""
    pin(0, 0)
    figures = uvloop.run(measure(people, rounds, stored, database))
    click.echo(table(figures))
    if out is not None:
        out.write_text(json.dumps(figures, indent=2) + "\n")
    if chart is not None:
        draw(figures, chart)


if __name__ == "__main__":
    main()
