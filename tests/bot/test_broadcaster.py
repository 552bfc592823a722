"""The promise: a broadcast reaches everybody it is for at most once, and the ledger says what became of each message."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from bot_process import chosen
from crowds import announce, asked, copies, crowd, move, reaches, sent, states

from bot.app import App, running
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import SENDS, Fault
from bot.sending.broadcast_bot import UNANSWERED
from bot.sending.broadcaster import LOW
from bot.sending.pace import UNLIMITED, Pace
from bot.transcript import StageClock
from handlers.office import Clock, utc_now
from storage import people
from storage.broadcasts import Stage
from storage.database import Database
from storage.vault import Vault

SENT = ("sent", None)


@asynccontextmanager
async def at_work(url: str, clock: Clock = utc_now, pace: Pace = UNLIMITED) -> AsyncIterator[tuple[Sandbox, App]]:
    """Run sandbox and bot together."""
    async with (
        Sandbox.start(limits=None) as sandbox,
        running(chosen(sandbox, url), clock=clock, pace=pace) as app,
    ):
        yield sandbox, app


async def ledger(app: App, number: int) -> Counter[tuple[str, str | None]]:
    """Count a broadcast's recipients by state and reason."""
    async with app.database.read() as tx:
        return await states(tx, number)


def got(crowd: Sequence[Person]) -> list[int]:
    """List how many copies each of a crowd got."""
    return [copies(person) for person in crowd]


async def test_everybody_once(database_url: str) -> None:
    """After a good first wave the rest follow; everybody gets it once, and the broadcast is done."""
    async with at_work(database_url) as (sandbox, app):
        people = crowd(sandbox, 120)
        number = await announce(app.database, people, app.office.clock, canary=50)
        await reaches(app, number, Stage.DONE)
        assert got(people) == [1] * 120
        assert await ledger(app, number) == {SENT: 120}


async def test_a_first_wave_in_which_many_have_blocked(database_url: str) -> None:
    """With too many failures in the first wave nobody else is written to until somebody says so."""
    async with at_work(database_url) as (sandbox, app):
        people = crowd(sandbox, 60)
        sandbox.faults.fail_next(SENDS, 4, Fault.BLOCKED)
        number = await announce(app.database, people, app.office.clock, canary=20)
        await reaches(app, number, Stage.HELD)
        assert await ledger(app, number) == {SENT: 16, ("failed", "blocked"): 4, ("waiting", None): 40}
        assert sum(got(people)) == 16
        assert await move(app.database, number, Stage.HELD, Stage.RUNNING, app.office.clock)
        await reaches(app, number, Stage.DONE)
        assert await ledger(app, number) == {SENT: 56, ("failed", "blocked"): 4}
        assert max(got(people)) == 1


async def test_failures_among_the_rest(database_url: str) -> None:
    """A running broadcast in which too much goes wrong is held, and goes on when it is resumed."""
    async with at_work(database_url) as (sandbox, app):
        people = crowd(sandbox, 200)
        sandbox.faults.fail_next(SENDS, 60, Fault.BLOCKED)
        number = await announce(app.database, people, app.office.clock)
        await reaches(app, number, Stage.HELD)
        held = await ledger(app, number)
        assert held["waiting", None] > 50
        assert held["sending", None] == 0
        sandbox.faults.clear()
        assert await move(app.database, number, Stage.HELD, Stage.RUNNING, app.office.clock)
        await reaches(app, number, Stage.DONE)
        assert (await ledger(app, number)).total() == 200
        assert max(got(people)) == 1


async def test_pause_resume_stop(database_url: str) -> None:
    """A pause stops the sending until it is resumed; after a stop whoever waited is counted as skipped."""
    async with at_work(database_url) as (sandbox, app):
        people = crowd(sandbox, 400)
        number = await announce(app.database, people, app.office.clock)
        await sent(sandbox, 60)
        assert await move(app.database, number, Stage.RUNNING, Stage.PAUSED, app.office.clock)
        await reaches(app, number, Stage.PAUSED)
        paused = await ledger(app, number)
        assert set(paused) == {SENT, ("waiting", None)}
        assert sum(got(people)) == paused[SENT]
        assert await move(app.database, number, Stage.PAUSED, Stage.RUNNING, app.office.clock)
        await sent(sandbox, 60)
        assert await move(app.database, number, Stage.RUNNING, Stage.STOPPED, app.office.clock)
        await reaches(app, number, Stage.STOPPED)
        stopped = await ledger(app, number)
        assert set(stopped) == {SENT, ("skipped", "stopped")}
        assert stopped[SENT] > paused[SENT] + 50
        assert stopped.total() == 400
        assert sorted(set(got(people))) == [0, 1]


@pytest.mark.parametrize("stage", [Stage.PAUSED, Stage.STOPPED])
async def test_called_back_before_their_turn(database_url: str, stage: Stage) -> None:
    """At a pause or a stop, whoever has been taken and still waits for the pace is not written to any more."""
    async with at_work(database_url, pace=Pace(overall=4, while_chatting=4)) as (sandbox, app):
        people = crowd(sandbox, 60)
        number = await announce(app.database, people, app.office.clock)
        await sent(sandbox, 3)
        before = asked(sandbox)
        assert await move(app.database, number, Stage.RUNNING, stage, app.office.clock)
        await reaches(app, number, stage)
        assert asked(sandbox) - before < LOW
        left = ("waiting", None) if stage is Stage.PAUSED else ("skipped", "stopped")
        assert await ledger(app, number) == {SENT: asked(sandbox), left: 60 - asked(sandbox)}


async def test_whatever_the_network_does(database_url: str) -> None:
    """With every kind of fault the ledger adds up: whoever was surely not written to is, nobody else a second time."""
    faults = {Fault.TOO_MANY: 2, Fault.BLOCKED: 3, Fault.BROKEN: 2, Fault.RESET: 2, Fault.LOST: 2}
    async with at_work(database_url) as (sandbox, app):
        people = crowd(sandbox, 200)
        for fault, times in faults.items():
            for person in people[:times]:
                sandbox.faults.fail_next(SENDS, 1, fault, chat=person.id)
            people = people[times:] + people[:times]
        number = await announce(app.database, people, app.office.clock)
        await reaches(app, number, Stage.DONE)
        found = await ledger(app, number)
        assert (found.total(), found["failed", "blocked"]) == (200, 3)
        unanswered = sum(call.status in {0, 500} for call in sandbox.calls)  # not those that a halt met on their way
        assert 4 <= unanswered <= 6
        assert sum(count for (state, _reason), count in found.items() if state == "unknown") == unanswered
        assert found[SENT] == 197 - unanswered
        assert Counter(got(people)) == {1: 193, 0: 7}  # what was lost on the way back has arrived


async def test_who_has_blocked_is_known(database_url: str) -> None:
    """Somebody who has blocked the bot is known to be out of reach, and the next broadcast leaves them out."""
    async with at_work(database_url) as (sandbox, app):
        ani, budi = crowd(sandbox, 2)
        sandbox.faults.fail_next(SENDS, 1, Fault.BLOCKED, chat=ani.id)
        first = await announce(app.database, [ani, budi], app.office.clock)
        await reaches(app, first, Stage.DONE)
        second = await announce(app.database, [ani, budi], app.office.clock)
        await reaches(app, second, Stage.DONE)
        assert await ledger(app, first) == {SENT: 1, ("failed", "blocked"): 1}
        assert await ledger(app, second) == {SENT: 1, ("skipped", "blocked"): 1}


async def test_asked_again_when_the_turn_comes(database_url: str) -> None:
    """Who has stopped news, or got enough this week, since it was planned, is left out; a necessary notice still comes."""
    async with at_work(database_url) as (sandbox, app):
        clock = app.office.clock
        ani, budi = crowd(sandbox, 2)
        waiting = [await announce(app.database, [ani, budi], clock, stage=Stage.PAUSED) for _each in range(3)]
        notice = await announce(app.database, [ani, budi], clock, stage=Stage.PAUSED, necessary=True)
        async with app.database.write() as tx:
            await people.stop(tx, ani.id, clock())
        for number in (*waiting, notice):
            await move(app.database, number, Stage.PAUSED, Stage.RUNNING, clock)
        await reaches(app, notice, Stage.DONE)
        for number in waiting:
            await reaches(app, number, Stage.DONE)
        found = sum([await ledger(app, number) for number in waiting], Counter())
        assert found == {("opted_out", "stopped"): 3, SENT: 2, ("skipped", "capped"): 1}
        assert await ledger(app, notice) == {SENT: 2}
        assert (copies(ani), copies(budi)) == (1, 3)


async def test_at_night_people_are_left_alone(database_url: str) -> None:
    """At half past seven in Jakarta's evening Papua sleeps; it is written to in its own morning, also after a stop."""
    clock = StageClock(datetime(2026, 11, 20, 12, 30, tzinfo=UTC))
    async with at_work(database_url, clock) as (sandbox, app):
        west, east = crowd(sandbox, 1), crowd(sandbox, 1)
        first = await announce(app.database, west, clock, quiet=True)
        second = await announce(app.database, east, clock, quiet=True, zone="WIT")
        await reaches(app, first, Stage.DONE)
        await reaches(app, second, Stage.RUNNING)
        assert (got(west), got(east)) == ([1], [0])
        clock.pass_by(9.4 * 3600)
        await app.settled(0)
        assert got(east) == [0]
        clock.pass_by(0.2 * 3600)
        await reaches(app, second, Stage.DONE)
        assert got(east) == [1]


async def test_its_time(database_url: str) -> None:
    """A broadcast with a time waits for it, and one whose time passed while nothing ran is sent late."""
    clock = StageClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    async with at_work(database_url, clock) as (sandbox, app):
        people = crowd(sandbox, 2)
        number = await announce(app.database, people, clock, due_in=3_600)
        await reaches(app, number, Stage.DUE)
        assert got(people) == [0, 0]
        clock.pass_by(3 * 86_400)
        await reaches(app, number, Stage.DONE)
        assert got(people) == [1, 1]


async def test_a_call_without_end_is_unknown(database_url: str, vault: Vault) -> None:
    """What is cut off at a stop is unknown and never sent again; who was not reached yet gets it after the start."""
    async with Sandbox.start(limits=None) as sandbox:
        people = crowd(sandbox, 100)
        wanted = chosen(sandbox, database_url)
        sandbox.faults.fail_next(SENDS, UNANSWERED, Fault.TIMEOUT)
        async with running(wanted, pace=UNLIMITED, drain=0.2) as app:
            number = await announce(app.database, people, app.office.clock)
            while sandbox.faults.left:
                await sandbox.faults.bell.rung()
        database = await Database.open(database_url, vault)
        async with database.read() as tx:
            left = await states(tx, number)
        await database.close()
        assert left["unknown", "cut off"] == UNANSWERED
        assert left["sending", None] == 0
        async with running(wanted, pace=UNLIMITED) as app:
            await reaches(app, number, Stage.DONE)
            assert await ledger(app, number) == {SENT: 100 - UNANSWERED, ("unknown", "cut off"): UNANSWERED}
        assert max(got(people)) == 1


@pytest.mark.parametrize(("broken", "ending"), [("{nomor}", "skipped"), ("<b>", "failed")])
async def test_a_message_that_cannot_be_sent(database_url: str, broken: str, ending: str) -> None:
    """A text that cannot be filled, or that Telegram refuses, is the fault of that broadcast and holds up no other."""
    async with at_work(database_url) as (sandbox, app):
        people = crowd(sandbox, 3)
        wrong = await announce(app.database, people, app.office.clock, words=broken)
        right = await announce(app.database, people, app.office.clock)
        await reaches(app, right, Stage.DONE)
        await reaches(app, wrong, Stage.DONE)
        assert got(people) == [1, 1, 1]
        assert {state for state, _reason in await ledger(app, wrong)} == {ending}
