"""A load on a bot, and what the bot's processes cost under it."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from statistics import quantiles

from crowd import Crowd
from gauge import Gauge

SEED = 20261120  # of the moments at which people come in the open loop

Visit = Callable[[], Coroutine[None, None, None]]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run showed. Times are milliseconds, memory is MiB, a share of 1.0 is a whole core."""

    people: int
    seconds: float
    people_per_second: float
    updates: int
    updates_per_second: float
    calls_per_update: float
    bot_cpu_per_update: float
    bot_cpu_share: float
    sandbox_cpu_share: float
    reply_p50: float
    reply_p95: float
    reply_p99: float
    peak_memory: float


async def closed_loop(visit: Visit, people: int, at_once: int) -> None:
    """Let people come so that `at_once` are always there: as soon as one is done, the next begins."""
    line = iter(range(people))

    async def one_after_another() -> None:
        for _ in line:
            await visit()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_another())


async def open_loop(visit: Visit, people: int, rate: float) -> None:
    """Let people come by chance, on average `rate` a second, however busy the bot is."""
    chance = random.Random(SEED)  # noqa: S311  # moments of arrival, not secrets
    async with asyncio.TaskGroup() as group:
        for _ in range(people):
            group.create_task(visit())
            await asyncio.sleep(chance.expovariate(rate))


async def run(crowd: Crowd, gauges: Sequence[Gauge], people: int, load: Awaitable[None]) -> Run:
    """Put a load on the bot's processes and measure them, together."""
    updates, calls, own = crowd.sandbox.world.updates, crowd.sandbox.api.calls, Gauge(os.getpid())
    crowd.replies.clear()
    calls.clear()
    before = updates.count, _cpu(gauges), own.cpu(), time.perf_counter()
    await load
    after = updates.count, _cpu(gauges), own.cpu(), time.perf_counter()
    handled, cpu, own_cpu, seconds = (late - early for late, early in zip(after, before, strict=True))
    replies = quantiles(crowd.replies, n=100)
    return Run(
        people=people,
        seconds=seconds,
        people_per_second=people / seconds,
        updates=int(handled),
        updates_per_second=handled / seconds,
        calls_per_update=sum(call.method != "getUpdates" for call in calls) / handled,
        bot_cpu_per_update=cpu / handled * 1000,
        bot_cpu_share=cpu / seconds,
        sandbox_cpu_share=own_cpu / seconds,
        reply_p50=replies[49] * 1000,
        reply_p95=replies[94] * 1000,
        reply_p99=replies[98] * 1000,
        peak_memory=sum(gauge.peak_memory() for gauge in gauges),
    )


def _cpu(gauges: Sequence[Gauge]) -> float:
    return sum(gauge.cpu() for gauge in gauges)
