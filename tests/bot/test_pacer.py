"""The promise: within Telegram's limits in every window, silent after a 429, first come first served."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from jumping_clock import run

from bot.pacer import UNHURRIED, Pace, Pacer

Turn = tuple[float, int]  # seconds, chat

COMING = st.lists(st.tuples(st.floats(0, 3), st.integers(1, 4)), max_size=80)
CROWD = st.lists(st.floats(0, 2), min_size=40, max_size=120)
SLIP = 1e-6  # seconds


async def _turns(pacer: Pacer, coming: list[Turn], halts: list[Turn] = []) -> list[Turn]:  # noqa: B006  # only read
    """Let everybody ask for a turn at their time, and return the turns in the order they were given."""
    given: list[Turn] = []
    clock = asyncio.get_running_loop().time

    async def ask(at: float, chat: int) -> None:
        await asyncio.sleep(at)
        await pacer.turn(chat)
        given.append((clock(), chat))

    async def halt(at: float, seconds: int) -> None:
        await asyncio.sleep(at)
        pacer.halt(seconds)

    await asyncio.gather(*(halt(*each) for each in halts), *(ask(*each) for each in sorted(coming)))
    return given


def _most(times: list[float], window: float) -> int:
    """Return how many there are at most in any window of so many seconds."""
    return max((sum(start <= time < start + window for time in times) for start in times), default=0)


@given(CROWD)
def test_overall(arrivals: list[float]) -> None:
    """However people crowd in, no second holds more than the thirty messages that Telegram allows."""
    turns = run(_turns(Pacer(), [(at, chat) for chat, at in enumerate(arrivals)]))
    assert len(turns) == len(arrivals)
    assert _most([at for at, _ in turns], 1 - SLIP) <= UNHURRIED.overall


@given(COMING)
def test_per_chat(coming: list[Turn]) -> None:
    """One chat gets its burst and then one message a second, whatever else is going on."""
    turns = run(_turns(Pacer(), coming))
    assert len(turns) == len(coming)
    for chat in {chat for _, chat in turns}:
        times = [at for at, one in turns if one == chat]
        for window in (1, 2, 5):
            assert _most(times, window - SLIP) <= UNHURRIED.burst + (window - 1)


@given(COMING, st.lists(st.tuples(st.floats(0, 5), st.integers(1, 30)), min_size=1, max_size=3))
def test_halts(coming: list[Turn], halts: list[Turn]) -> None:
    """After each 429 nobody gets a turn before its deadline, and afterwards everybody does."""
    turns = run(_turns(Pacer(), coming, halts))
    assert len(turns) == len(coming)
    for at, seconds in halts:
        assert not [time for time, _ in turns if at < time < at + seconds - SLIP]


@given(st.lists(st.floats(0, 2), max_size=60, unique=True))
def test_first_come_first_served(arrivals: list[float]) -> None:
    """Different chats get their turns in the order in which they asked."""
    coming = [(at, chat) for chat, at in enumerate(sorted(arrivals))]
    assert [chat for _, chat in run(_turns(Pacer(), coming))] == [chat for _, chat in coming]


def test_one_busy_chat_holds_nobody_up() -> None:
    """A chat that has used up its burst waits beside the line, not in it."""
    turns = run(_turns(Pacer(), [*[(0.0, 1)] * 10, (0.1, 2)]))
    assert 0.1 <= next(at for at, chat in turns if chat == 2) < 0.2
    assert turns[-1][1] == 1


def test_a_given_up_turn_is_no_loss() -> None:
    """Somebody who stops waiting holds up nobody behind."""

    async def scene() -> list[Turn]:
        pacer = Pacer(Pace(overall=1))
        leaving = asyncio.create_task(pacer.turn(1))
        behind = asyncio.create_task(_turns(pacer, [(0.0, 2), (0.0, 3), (0.0, 4)]))
        await asyncio.sleep(0.5)
        leaving.cancel()
        return await behind

    times = [at for at, _ in run(scene())]
    assert len(times) == 3
    assert all(after - before >= 1 - SLIP for before, after in pairwise(times))


def test_remembers_only_busy_chats() -> None:
    """Chats whose burst is full again are forgotten once there are many."""

    async def scene() -> int:
        pacer = Pacer(Pace(overall=1e9))
        await _turns(pacer, [(float(chat // 3_000), chat) for chat in range(20_002)])
        return len(pacer._chats)

    assert run(scene()) < 20_000
