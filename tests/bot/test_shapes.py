"""The promise: many processes on one PostgreSQL are one bot. Each chat keeps its order, and nothing is lost or done twice, whoever is killed."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from applicants import Applicant, applicants
from bot_process import chosen, settings, vault
from hurried import hurried, stopped
from sqlalchemy import select

from bot import api
from bot.front import serving
from bot.intake import hook
from bot.sandbox.client import Person, Sandbox
from bot.sending.post import sending
from storage import registrations
from storage.database import Database
from storage.tables import inbox as rows

pytestmark = pytest.mark.parametrize("kind", ["postgres"])  # SQLite has one process

SECRET = "a-secret-of-at-least-16"
GUARD = 60.0  # seconds, far beyond the usual
TALKATIVE, TEXTS = 8, 6
TURNED_AWAY = (aiohttp.ClientError, TimeoutError)


class Proxy:
    """Brings requests to several processes in turn, and to the next where one is not there or has no room."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.taken = dict.fromkeys(ports, 0)
        self._turn = count()
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Proxy]:
        """Listen while the block runs."""
        app = web.Application()
        app.router.add_post(hook.PATH, self._pass_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as self._http:
            yield self
        await runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        body, first, ports = await request.read(), next(self._turn), list(self.taken)
        headers = {name: value for name, value in request.headers.items() if name.startswith(("X-Tele", "Content-Ty"))}
        for step in range(len(ports)):
            port = ports[(first + step) % len(ports)]
            try:
                async with self._http.post(f"http://127.0.0.1:{port}{hook.PATH}", data=body, headers=headers) as answer:
                    if answer.ok:
                        self.taken[port] += 1
                        return web.Response(status=answer.status)
            except TURNED_AWAY:
                continue
        return web.Response(status=502)


class Office:
    """Two processes that answer behind a proxy, and one that sends; each may be killed and started again."""

    def __init__(self, sandbox: Sandbox, url: str, folder: Path, proxy: Proxy) -> None:
        self.sandbox, self.proxy = sandbox, proxy
        self._url, self._folder = url, folder
        self._hook = {"HOOK_URL": proxy.url, "HOOK_SECRET": SECRET}

    async def is_hooked(self) -> None:
        """Set the web hook, as an operator does."""
        wanted = chosen(self.sandbox, self._url, **self._hook)
        async with api.reached(wanted) as bot:
            await hook.put(bot, wanted)

    @asynccontextmanager
    async def answers(self, port: int) -> AsyncIterator[BaseProcess]:
        """Run a process that answers."""
        environment = settings(self.sandbox, self._url, **self._hook, LISTEN=f"127.0.0.1:{port}")
        async with hurried(environment, self._folder, program=serving) as process:
            yield process

    @asynccontextmanager
    async def sends(self) -> AsyncIterator[BaseProcess]:
        """Run a process that sends."""
        async with hurried(settings(self.sandbox, self._url), self._folder, program=sending) as process:
            yield process


@pytest.fixture
async def office(database_url: str, tmp_path: Path, unused_ports: list[int]) -> AsyncIterator[Office]:
    """Set a web hook whose proxy knows two processes that do not run yet."""
    async with Sandbox.start(limits=None) as sandbox, Proxy(unused_ports).running() as proxy:
        made = Office(sandbox, database_url, tmp_path, proxy)
        await made.is_hooked()
        yield made


@pytest.fixture
def unused_ports() -> list[int]:
    """Find two ports that nobody listens on."""
    found = []
    for _port in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            found.append(free.getsockname()[1])
    return found


async def test_two_answer_and_one_sends(office: Office, database_url: str) -> None:
    """Whatever process takes an update and whatever process handles it: each chat is answered in its order, once."""
    first, second = office.proxy.taken
    async with asyncio.timeout(GUARD), office.answers(first), office.answers(second), office.sends():
        workers = applicants(office.sandbox, TALKATIVE)
        await asyncio.gather(*(worker.reaches("nik") for worker in workers))
        await asyncio.gather(*(chatters(worker.person) for worker in workers))
        await asyncio.gather(*(worker.finishes() for worker in workers))
        assert min(office.proxy.taken.values()) > 0
        await all_in_order(database_url, workers)


async def test_one_that_answers_is_killed(office: Office, database_url: str) -> None:
    """Killed in the middle, what a process had in hand is taken up by the other: nobody waits for ever, nothing is double."""
    first, second = office.proxy.taken
    async with asyncio.timeout(GUARD), office.answers(second), office.sends():
        async with office.answers(first):
            workers = applicants(office.sandbox, 12)
            registering = asyncio.gather(*(worker.registers() for worker in workers))
            while office.proxy.taken[first] < 15:
                await office.sandbox.api.bell.rung()
            assert not registering.done()
        await registering
        await all_in_order(database_url, workers)


async def test_the_one_that_sends_is_killed(office: Office, database_url: str) -> None:
    """Another that is started sends at once what the killed one had in hand."""
    first, second = office.proxy.taken
    async with asyncio.timeout(GUARD), office.answers(first), office.answers(second):
        workers = applicants(office.sandbox, 12)
        registering = asyncio.gather(*(worker.registers() for worker in workers))
        for calls in (30, 60):
            async with office.sends():
                end = len(office.sandbox.calls) + calls
                while len(office.sandbox.calls) < end:
                    await office.sandbox.api.bell.rung()
            assert not registering.done()
        async with office.sends() as sender:
            await registering
            await all_in_order(database_url, workers)
            assert await stopped(sender) == 0


async def test_the_same_press_at_two_processes(office: Office, database_url: str) -> None:
    """Pressed once and brought twice, under one id and under two, to two processes at the same moment, it acts once."""
    first, second = office.proxy.taken
    async with asyncio.timeout(GUARD), office.answers(first), office.answers(second), office.sends():
        (worker,) = applicants(office.sandbox, 1)
        await worker.reaches("summary")
        message, _step = worker.question or pytest.fail("Nothing is asked.")
        (send,) = [one for row in message.buttons for one in row if (one.data or "").split("|")[3] == "send"]
        for _time in range(3):
            await worker.person.presses_on(message, send.label)
            office.sandbox.redelivers()
        await worker.person.waits(lambda _chat: worker.numbers)
        await all_in_order(database_url, [worker])


async def test_a_standby_polls_when_the_leader_dies(sandbox: Sandbox, database_url: str, tmp_path: Path) -> None:
    """Of two processes that could poll one does; killed, the other goes on, and nothing is lost or done twice."""
    environment = settings(sandbox, database_url)
    workers = applicants(sandbox, 12)
    async with (
        asyncio.timeout(GUARD),
        hurried(environment, tmp_path, program=sending),
        AsyncExitStack() as leader,
    ):
        await leader.enter_async_context(hurried(environment, tmp_path, program=serving))
        while sandbox.world.updates._poller is None:
            await sandbox.world.updates.bell.rung()
        async with hurried(environment, tmp_path, program=serving):
            registering = asyncio.gather(*(worker.registers() for worker in workers))
            await called(sandbox, "sendMessage", 40)
            assert not registering.done()
            assert not [call for call in sandbox.calls if call.status == 409]  # only one polls
            await leader.aclose()
            await registering
    await all_in_order(database_url, workers)


async def test_the_one_of_two_that_does_everything_dies(sandbox: Sandbox, database_url: str, tmp_path: Path) -> None:
    """What a killed bot had in hand, letters too, is taken up by the other at once: nobody waits for a lease to end."""
    environment = settings(sandbox, database_url)
    workers = applicants(sandbox, 12)
    async with asyncio.timeout(GUARD), AsyncExitStack() as leader:
        await leader.enter_async_context(hurried(environment, tmp_path))
        while sandbox.world.updates._poller is None:
            await sandbox.world.updates.bell.rung()
        async with hurried(environment, tmp_path):
            registering = asyncio.gather(*(worker.registers() for worker in workers))
            await called(sandbox, "sendMessage", 60)
            assert not registering.done()
            await leader.aclose()
            await registering
    await all_in_order(database_url, workers)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Serve a Bot API without limits."""
    async with Sandbox.start(limits=None) as served:
        yield served


async def called(sandbox: Sandbox, method: str, times: int) -> None:
    """Wait until a method has been called so many times more."""
    end = times + sum(call.method == method for call in sandbox.calls)
    while sum(call.method == method for call in sandbox.calls) < end:
        await sandbox.api.bell.rung()


async def chatters(person: Person) -> None:
    """Type numbers of 1, 2, 3 … digits without waiting, and read in the answers how many there were."""
    for digits in range(1, TEXTS + 1):
        await person.says("1" * digits)
    await person.waits(lambda _chat: len(counted(person)) == TEXTS, GUARD)
    assert counted(person) == list(range(1, TEXTS + 1))


def counted(person: Person) -> list[int]:
    """Return how many digits the answers speak of, in the order in which they came."""
    said = [message.plain for message in person.chat.messages if message.sender == "bot"]
    return [int(found[1]) for text in said if (found := re.search(r"Ada (\d+) angka", text))]


async def all_in_order(url: str, workers: Sequence[Applicant]) -> None:
    """See that each worker is registered once, and that each chat's updates were handled in the order of their ids."""
    database = await Database.open(url, vault())
    try:
        async with database.read() as tx:
            for worker in workers:
                (one,) = await registrations.of_person(tx, worker.person.id)
                assert worker.numbers == {one.number}
            handled = (await tx.connection.execute(select(rows).order_by(rows.c.lane, rows.c.id))).all()
        assert {row.state for row in handled} == {"done"}
        for worker in workers:
            mine = [row.finished_at for row in handled if row.lane == worker.person.id]
            assert mine == sorted(mine)
    finally:
        await database.close()
