"""Too much at once: what is over somebody's allowance is not stored, and they are told what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from sqlalchemy import func, select

from bot.app import App
from bot.demo import stage
from bot.intake.allowance import HASTE, REST
from bot.intake.door import UNTOLD, Door
from bot.intake.polling import arrival
from bot.sandbox.client import Person, Sandbox
from bot.sending.pace import Pace
from bot.sending.pacer import Pacer
from storage.tables import inbox

QUICKLY = Pace(burst=100)  # answers go out at once; a chat's allowance is the usual one
WAIT, READ = "Mohon tunggu sebentar", "bahasa apa"


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[tuple[Sandbox, App]]:
    """Run sandbox and bot together; in the sandbox time stands still unless it is moved."""
    async with stage(folder, pace=QUICKLY, limits=None) as (sandbox, app, _admin):
        moment = sandbox.world.clock()
        sandbox.world.clock._real = lambda: moment
        yield sandbox, app


async def kept(app: App, person: Person) -> int:
    """Return how many updates of somebody were stored."""
    async with app.database.read() as tx:
        rows = select(func.count()).select_from(inbox).where(inbox.c.lane == person.id)
        return await tx.connection.scalar(rows) or 0


def told(person: Person) -> int:
    """Return how often somebody was told to wait."""
    return sum(WAIT in message.plain for message in person.chat.messages)


async def test_too_many_words(tmp_path: Path) -> None:
    """Thirty messages at once are stored, the rest is not; it is said once, and after the rest the next is answered."""
    async with at_work(tmp_path) as (sandbox, app):
        ani = sandbox.person("Ani")
        await ani.start()
        for _again in range(100):
            await ani.says("/bahasa")
        await ani.hears(WAIT, ever=True)
        sandbox.clock.offset += REST
        await ani.says("/bantuan")
        await ani.hears("/batal")
        assert (await kept(app, ani), told(ani)) == (HASTE + 1, 1)
        assert len(sandbox.world.updates) <= 1  # the offset has moved past all of them


async def test_too_many_presses(tmp_path: Path) -> None:
    """The first press too many is answered with the same words, so that it stops spinning; others are dropped."""
    async with at_work(tmp_path) as (sandbox, app):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        for _again in range(100):
            await ani.presses_raw("t|registration|consent|none|0")
        await ani.gets_toast(WAIT)
        await ani.says("/bahasa")
        await ani.hears(READ)
        assert HASTE + 2 <= await kept(app, ani) <= HASTE + 5  # a press goes by this computer's clock
        assert sum(WAIT in toast.text for toast in ani.toasts) == 1


async def test_what_piled_up_meanwhile(tmp_path: Path) -> None:
    """A message a second that Telegram kept while the bot was away is all handled, though it comes at one moment."""
    async with at_work(tmp_path) as (sandbox, app):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        async with app.database.write():  # nothing can be stored meanwhile
            for _second in range(90):
                sandbox.clock.offset += 1
                await ani.says("/bantuan")
        await ani.says("/bahasa")
        await ani.hears(READ)
        assert (await kept(app, ani), told(ani)) == (92, 0)


def _message(update_id: int, chat: int) -> tuple[Any, dict[str, Any]]:
    sender = {"id": chat, "language_code": "id"}
    update = {"update_id": update_id, "message": {"chat": {"id": chat}, "from": sender, "date": 1_800_000_000}}
    return arrival(update), update


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """A door whose words go nowhere."""
    bot = Bot("4200000001:no-token-of-anybody")
    yield Door(bot, Pacer())
    await bot.session.close()


async def test_what_cannot_be_stored_costs_nothing(door: Door) -> None:
    """While the database is away the same updates come again and again, and all of them are let in once it is back."""
    came = [_message(number, 7) for number in range(int(HASTE))]
    for _again in range(50):
        with suppress(ConnectionError), door.opened(came) as welcome:
            assert len(welcome) == len(came)
            raise ConnectionError
    with door.opened(came) as welcome:
        assert welcome == [row for row, _update in came]


async def test_ten_thousand_who_flood(door: Door) -> None:
    """However many send too much, few wait to be told; whoever could not be told is told at their next message."""
    for chat in range(1, 10_001):
        with door.opened([_message(number, chat) for number in range(int(HASTE) + 2)]) as welcome:
            assert len(welcome) == HASTE
    assert door._untold.qsize() == UNTOLD
    while not door._untold.empty():
        door._untold.get_nowait()
    for chat in (1, 10_000):
        with door.opened([_message(99, chat)]) as welcome:
            assert welcome == []
    assert [door._untold.get_nowait().chat for _one in range(door._untold.qsize())] == [10_000]


async def test_who_cannot_be_told(tmp_path: Path) -> None:
    """Somebody who floods and then blocks the bot keeps nobody else from being told."""
    async with at_work(tmp_path) as (sandbox, _app):
        ani, budi = sandbox.person("Ani"), sandbox.person("Budi")
        for person in (ani, budi):
            await person.start()
            for _again in range(40):
                await person.says("/bahasa")
        await ani.blocks()
        await budi.hears(WAIT, ever=True)
        assert told(ani) == 0
