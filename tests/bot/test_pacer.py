"""The promise: within Telegram's limits in every window, silent after a 429, replies before notices before broadcasts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jumping_clock import run

from bot.sending.pace import AHEAD, CHATTING, UNHURRIED, UNLIMITED, WINDOW, Booked, Lane, Pace, Times
from bot.sending.pacer import HaltedError, PaceAwayError, Pacer
from storage.database import Database

SLIP = 1e-6  # seconds
MARGIN = 0.03  # seconds: what may push two messages together on their way
CHATS = st.integers(1, 4)
LANES = st.sampled_from(Lane)


@dataclass(frozen=True)
class Coming:
    """Somebody who asks at a moment."""

    at: float
    chat: int
    lane: Lane = Lane.REPLY


@dataclass(frozen=True)
class Turn:
    """A turn that was given, and to whom."""

    at: float
    who: Coming


FEW = st.lists(st.builds(Coming, st.floats(0, 3), CHATS, LANES), max_size=80)
CROWD = st.lists(st.tuples(st.floats(0, 2), LANES), min_size=40, max_size=120)
HALTS = st.lists(st.tuples(st.floats(0, 5), st.integers(1, 30)), min_size=1, max_size=3)


def strangers(arrivals: Sequence[tuple[float, Lane]]) -> list[Coming]:
    """Return as many who ask, each from a chat of its own."""
    return [Coming(at, chat, lane) for chat, (at, lane) in enumerate(arrivals)]


def broadcast(count: int, at: float = 0.0) -> list[Coming]:
    """Return a broadcast to so many, all waiting from one moment on."""
    return [Coming(at, 1_000 + chat, Lane.BROADCAST) for chat in range(count)]


def jumping(pace: Pace = UNHURRIED) -> Pacer:
    """Return a pacer by the clock of the loop it runs in, which may jump."""
    return Pacer(pace, now=lambda: asyncio.get_running_loop().time())


async def turns_of(
    pacers: Sequence[Pacer], coming: Sequence[Coming], halts: Sequence[tuple[float, float]] = ()
) -> list[Turn]:
    """Let everybody ask for a turn at their time, of each pacer in its turn; return the turns as they were given."""
    given: list[Turn] = []
    clock = asyncio.get_running_loop().time
    begun = clock()

    async def ask(pacer: Pacer, who: Coming) -> None:
        await asyncio.sleep(who.at)
        while True:
            try:
                await pacer.turn(who.chat, who.lane)
            except HaltedError as halt:
                await asyncio.sleep(halt.seconds)
            else:
                break
        given.append(Turn(clock() - begun, who))

    async def halt(at: float, seconds: float) -> None:
        await asyncio.sleep(at)
        await pacers[0].halt(seconds)

    asking = (ask(pacers[number % len(pacers)], who) for number, who in enumerate(sorted(coming, key=lambda c: c.at)))
    await asyncio.gather(*(halt(*each) for each in halts), *asking)
    return given


def turns(coming: Sequence[Coming], halts: Sequence[tuple[float, float]] = (), pace: Pace = UNHURRIED) -> list[Turn]:
    """Return the turns that one pacer gives, on a clock that jumps."""
    given = run(turns_of([jumping(pace)], coming, halts))
    assert len(given) == len(coming)
    return given


def most(times: Sequence[float], window: float) -> int:
    """Return how many there are at most in any window of so many seconds."""
    return max((sum(start <= time < start + window for time in times) for start in times), default=0)


@given(CROWD)
def test_overall(arrivals: list[tuple[float, Lane]]) -> None:
    """However people crowd in, no second holds more than 28 messages, also when the way pushes them together."""
    assert most([turn.at for turn in turns(strangers(arrivals))], 1 + MARGIN) <= 28


@given(FEW)
def test_per_chat(coming: list[Coming]) -> None:
    """One chat gets its burst and then one message a second, whatever else is going on."""
    given = turns(coming)
    for chat in {who.chat for who in coming}:
        times = [turn.at for turn in given if turn.who.chat == chat]
        for window in (1, 2, 5):
            assert most(times, window - SLIP) <= UNHURRIED.burst + (window - 1)


@given(FEW, HALTS)
def test_halts(coming: list[Coming], halts: list[tuple[float, int]]) -> None:
    """After each 429 nobody gets a turn before its deadline, and afterwards everybody does."""
    given = turns(coming, halts)
    for at, seconds in halts:
        assert not [turn for turn in given if at < turn.at < at + seconds - SLIP]


@given(st.lists(st.floats(0, 2), max_size=60, unique=True), LANES)
def test_first_come_first_served(arrivals: list[float], lane: Lane) -> None:
    """Different chats of one lane get their turns in the order in which they asked."""
    coming = strangers([(at, lane) for at in sorted(arrivals)])
    assert [turn.who for turn in turns(coming)] == coming


@given(CROWD)
def test_replies_before_notices_before_broadcasts(arrivals: list[tuple[float, Lane]]) -> None:
    """Nobody gets a turn while somebody of a higher lane has been waiting, unless it was booked just before."""
    given = turns(strangers(arrivals))
    for turn in given:
        passed = [
            other
            for other in given
            if other.who.lane < turn.who.lane
            and other.who.at < turn.at - AHEAD[turn.who.lane] - SLIP
            and other.at > turn.at + SLIP
        ]
        assert passed == []


def test_a_broadcast_uses_what_is_allowed() -> None:
    """A broadcast alone goes out at 95 % of the allowed rate or more, evenly, and never above it."""
    times = [turn.at for turn in turns(broadcast(600))]
    assert 600 / times[-1] >= 0.95 * UNHURRIED.overall
    assert most(times, 1 + MARGIN) <= 28
    assert all(after - before > 0.03 for before, after in pairwise(times))


@given(st.lists(st.floats(0, 0.015), min_size=200, max_size=200))
def test_late_timers_cost_nothing(delays: list[float]) -> None:
    """When every timer is up to 15 ms late, the rate stays at 95 % and no second holds more than 28."""
    times, now, given = Times(), 0.0, list[float]()
    for chat, delay in enumerate(delays):
        while not isinstance(answer := times.book(UNHURRIED, now, chat, Lane.BROADCAST), Booked):
            now += answer.seconds + delay
        given.append(now + answer.seconds + delay)
        times.late(answer.at, delay)
    assert most(given, 1 + MARGIN) <= 28
    assert len(given) / given[-1] >= 0.95 * UNHURRIED.overall


def test_a_turn_that_is_used_late_moves_the_window() -> None:
    """When 28 messages got stuck on their way for half a second, the next one waits for a window after that."""

    async def scene() -> float:
        pacer = jumping()
        given = [await pacer.turn(chat, Lane.BROADCAST) for chat in range(28)]
        stuck = given[-1] + 0.5
        for turn in given:
            await pacer.late(turn, stuck - turn)
        return await pacer.turn(99) - stuck

    assert run(scene()) == pytest.approx(WINDOW)


def test_what_was_stuck_for_long_counts_from_when_it_got_through() -> None:
    """Messages stuck for longer than a window, so that their own moments are forgotten, fill the window in which they arrive."""

    async def scene() -> float:
        pacer = jumping()
        given = [await pacer.turn(chat, Lane.BROADCAST) for chat in range(14)]
        later = [await pacer.turn(chat, Lane.BROADCAST) for chat in range(20, 60)]
        stuck = later[-1]
        for turn in given:
            await pacer.late(turn, stuck - turn)
        after = [await pacer.turn(chat, Lane.BROADCAST) for chat in range(70, 100)]
        return most([stuck] * 14 + [at for at in [*later, *after] if at >= stuck], 1 + MARGIN)

    assert run(scene()) <= 28


def test_a_broadcast_leaves_room_while_people_chat() -> None:
    """From a reply on until ten seconds after it, a broadcast uses at most 20 a second; then all of it again."""
    given = turns([Coming(3.0, 1), *broadcast(600)])
    times = [turn.at for turn in given if turn.who.lane is Lane.BROADCAST]
    assert most([at for at in times if 3.1 < at < 3 + CHATTING], 1) == UNHURRIED.while_chatting
    assert most([at for at in times if at > 3.1 + CHATTING], 1) > 26


def test_a_notice_slows_no_broadcast_down() -> None:
    """Only replies are people chatting: a notice, such as a broadcast's own progress, goes first and costs its place."""
    given = turns([Coming(float(second), second, Lane.NOTICE) for second in range(1, 10)] + broadcast(280))
    assert len(given) / given[-1].at >= 0.95 * UNHURRIED.overall


@given(st.lists(st.floats(0, 9), min_size=1, max_size=40))
def test_a_reply_hardly_waits_for_a_broadcast(arrivals: list[float]) -> None:
    """Replies, a few a second, wait for at most two messages of a broadcast that has begun before them."""
    alone = {turn.who: turn.at for turn in turns(strangers([(at, Lane.REPLY) for at in arrivals]))}
    beside = turns(strangers([(at, Lane.REPLY) for at in arrivals]) + broadcast(200))
    late = [turn.at - alone[turn.who] for turn in beside if turn.who.lane is Lane.REPLY]
    apart = min((after - before for before, after in pairwise(sorted(arrivals))), default=1.0)
    assert max(late) <= (2 / 26 if apart > 0.2 else 1.1)


def test_nobody_starves() -> None:
    """A broadcast goes on when replies take less than everything, and a notice beside both."""
    replies = [Coming(number / 25, number) for number in range(250)]
    notices = [Coming(0.0, 500 + number, Lane.NOTICE) for number in range(5)]
    given = turns([*replies, *notices, *broadcast(10)])
    assert max(turn.at for turn in given if turn.who.lane is not Lane.REPLY) < 10


def test_one_busy_chat_holds_nobody_up() -> None:
    """A chat that has used up its burst waits beside the line, not in it."""
    for lane in Lane:
        given = turns([*[Coming(0.0, 1, lane)] * 10, Coming(0.2, 2, lane)])
        assert 0.2 <= next(turn.at for turn in given if turn.who.chat == 2) < 0.3
        assert given[-1].who.chat == 1


def test_a_given_up_turn_is_no_loss() -> None:
    """Somebody who stops waiting holds up nobody behind."""

    async def scene() -> list[Turn]:
        pacer = jumping(Pace(overall=1))
        await pacer.turn(9, Lane.BROADCAST)
        leaving = asyncio.create_task(pacer.turn(1, Lane.BROADCAST))
        behind = asyncio.create_task(turns_of([pacer], broadcast(3)))
        await asyncio.sleep(0.5)
        leaving.cancel()
        return await behind

    times = [0.0, *(turn.at for turn in run(scene()))]
    assert len(times) == 4
    assert all(1 <= after - before < 1.1 for before, after in pairwise(times))


def test_whoever_waits_hears_of_a_halt() -> None:
    """A halt that begins while a turn is waited for is told when the turn comes, with the seconds that are left."""

    async def scene(lane: Lane) -> float:
        pacer = jumping(Pace(overall=1))
        await pacer.turn(1, Lane.REPLY)
        waiting = asyncio.create_task(pacer.turn(2, lane))
        await asyncio.sleep(0.5)
        await pacer.halt(30)
        with pytest.raises(HaltedError) as told:
            await waiting
        assert pacer.halted == told.value.seconds
        return told.value.seconds

    for lane in Lane:
        assert 29 < run(scene(lane)) < 30


def test_a_halt_is_never_shortened() -> None:
    """A second 429 with a nearer deadline leaves the first in force."""

    async def scene() -> float:
        pacer = jumping()
        await pacer.halt(30)
        await pacer.halt(1)
        return pacer.halted

    assert run(scene()) == 30


def test_remembers_only_what_is_busy() -> None:
    """Chats whose burst is full again and moments that are over are forgotten."""
    times = Times()
    for chat in range(20_000):
        times.book(UNLIMITED, float(chat), chat, Lane.REPLY)
    assert len(times.full) + len(times.booked) < 10


def test_the_clock_is_set_back() -> None:
    """When the database's clock is set back by an hour, the next turns come as if nothing had been."""
    for lane in Lane:
        times = Times()
        for chat in range(200):
            times.book(UNHURRIED, 3_600.0, chat, Lane.REPLY)
        assert times.book(UNHURRIED, 5.0, 300, lane) == Booked(0.0, 5.0)


def test_goes_through_json_unchanged() -> None:
    """What processes share is the same after it was written down and read."""
    times = Times()
    for chat in range(40):
        times.book(UNHURRIED, 7.5, chat, Lane.REPLY)
    times.halt(7.5, 3)
    assert Times(**json.loads(json.dumps(asdict(times)))) == times


shared = pytest.mark.parametrize("kind", ["postgres"])  # SQLite has one bot


@pytest.fixture
def pair(database: Database) -> list[Pacer]:
    """Return the pacers of two processes on one PostgreSQL."""
    return [Pacer.over(database), Pacer.over(database)]


@shared
async def test_two_processes_share_one_budget(pair: list[Pacer]) -> None:
    """Two that send as fast as they may get together what one may have, and both get some."""
    given = await turns_of(pair, [*broadcast(40), *strangers([(0.5, Lane.REPLY)] * 20)])
    times = [turn.at for turn in given]
    assert len(times) == 60
    assert most(times, 1) <= 28
    assert 0 < len([turn for turn in given[:30] if turn.who.chat % 2]) < 30


@shared
async def test_a_halt_in_one_process_halts_the_other(pair: list[Pacer]) -> None:
    """What one is told by a 429, the other one minds before it sends, and one that waits hears of it."""
    here, there = pair
    await there.turn(1)
    await here.halt(1_000)
    with pytest.raises(HaltedError) as told:
        await there.turn(2)
    assert 990 < told.value.seconds <= 1_000
    assert there.halted > 990


@shared
async def test_a_reply_in_one_process_slows_the_broadcast_of_the_other(pair: list[Pacer]) -> None:
    """People who chat with one process have their share of the rate although another one sends the broadcast."""
    await pair[0].turn(1)
    given = await turns_of(pair[1:], broadcast(25))
    assert most([turn.at for turn in given], 1) <= 20


@shared
async def test_the_shared_pace_is_away(pair: list[Pacer], database: Database) -> None:
    """Without its row's table nobody gets a turn, and a halt is still kept by the process that heard of it."""
    async with database.write() as tx:
        await tx.connection.exec_driver_sql("ALTER TABLE pace RENAME TO elsewhere")
    with pytest.raises(PaceAwayError):
        await pair[0].turn(1)
    await pair[0].halt(30)
    with pytest.raises(HaltedError):
        await pair[0].turn(1)


async def test_one_process_needs_no_database(database: Database, kind: str) -> None:
    """SQLite's bot, and one without limits, keep their pace to themselves."""
    own = Pacer.over(database) if kind == "sqlite" else Pacer.over(database, UNLIMITED)
    async with database.write():  # the one writer is busy
        await own.turn(1)
