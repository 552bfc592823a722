"""Parts: what a program consists of, started together; stopped in order, or together when one of them fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from bot.watching.logs import where

log = structlog.get_logger("parts")

DRAIN = 20.0  # seconds that work in hand may take after a stop
LAST_WORDS = 1.0  # seconds to write down what became of work that was broken off


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its work goes on until `stop` says to finish what is in hand; without a `stop` it is broken off."""

    name: str
    work: Coroutine[Any, Any, None]
    stop: Callable[[], None] | None = None


@asynccontextmanager
async def together(*groups: Sequence[Part], drain: float = DRAIN) -> AsyncIterator[Mapping[str, asyncio.Task[None]]]:
    """Run all parts while the block runs; gives those that have a `stop` and so never end before it. On leaving, what has no `stop` is broken off, then group by group is stopped.

    What is in hand may take `drain` seconds in all. A part that fails ends the block with its error: a service manager
    starts the program again, and nothing is lost.
    """
    tasks = {part.name: asyncio.create_task(part.work, name=part.name) for group in groups for part in group}
    owner = asyncio.current_task()
    failure: list[BaseException] = []

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and owner is not None:
            failure.append(error)
            owner.cancel()

    for task in tasks.values():
        task.add_done_callback(ended)
    try:
        yield {part.name: tasks[part.name] for group in groups for part in group if part.stop is not None}
    except asyncio.CancelledError:
        if failure:
            raise failure[0] from None
        raise
    finally:
        broken_off = [tasks[part.name] for group in groups for part in group if part.stop is None]
        for task in broken_off:
            task.cancel()
        deadline = asyncio.get_running_loop().time() + drain
        for group in groups:
            await _stopped({tasks[part.name]: part.stop for part in group if part.stop is not None}, deadline)
        await _broken_off(broken_off)


async def _stopped(group: dict[asyncio.Task[None], Callable[[], None]], deadline: float) -> None:
    """Tell parts to stop and wait for them; past the deadline (seconds of the loop's clock) they are broken off."""
    for stop in group.values():
        stop()
    left = max(0.0, deadline - asyncio.get_running_loop().time())
    late = (await asyncio.wait(group, timeout=left))[1] if group else set()
    for task in late:
        log.warning("work in hand was cut off; it is still in the database", part=task.get_name())
        task.cancel()
    await _broken_off(late)
    for task in group:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            log.error("a part of the program failed", part=task.get_name(), error=where(error))


async def _broken_off(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Wait for parts that were broken off; whoever writes down what is left, and gets no answer, is broken off again."""
    left = set(tasks)
    for _again in range(2):
        if left:
            left = (await asyncio.wait(left, timeout=LAST_WORDS))[1]
            for task in left:
                task.cancel()
