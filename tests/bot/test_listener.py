"""The web hook and the health checks, over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot
from pydantic import SecretStr

from bot import demo
from bot.app import App, running
from bot.intake import hook
from bot.intake.arrivals import Arrivals, NotKeptError
from bot.intake.door import Door
from bot.intake.listener import LARGEST, SECRET_HEADER, Listener
from bot.parts import Part, together
from bot.sandbox.client import Sandbox
from bot.sending.pace import UNLIMITED
from bot.sending.pacer import Pacer
from bot.watching.health import Health
from handlers.office import utc_now
from storage import inbox
from storage.database import Database
from storage.inbox import Arrival

SECRET = "a-secret-of-at-least-16"
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@dataclass
class Hooked:
    """A bot that is called by web hook."""

    sandbox: Sandbox
    app: App
    url: str

    async def post(self, body: bytes, secret: str = SECRET, *, kind: str = "application/json") -> int:
        """Call the hook as Telegram does, and return the status."""
        headers = {SECRET_HEADER: secret, "Content-Type": kind}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.url + "/hook", data=BytesIO(body), headers=headers) as answer,
        ):
            return answer.status

    async def get(self, path: str) -> int:
        """Ask for a page, and return the status."""
        async with aiohttp.ClientSession() as http, http.get(self.url + path) as answer:
            return answer.status

    async def depth(self) -> int:
        """How many updates wait."""
        async with self.app.database.read() as tx:
            return (await inbox.depth(tx, NOW)).count


@pytest.fixture
async def hooked(tmp_path: Path) -> AsyncIterator[Hooked]:
    """A running bot with a web hook set at the sandbox."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    async with Sandbox.start(limits=None) as sandbox:
        settings = demo.settings(sandbox, tmp_path, sandbox.person("Admin")).model_copy(
            update={"hook_url": url, "hook_secret": SecretStr(SECRET), "listen": f"127.0.0.1:{port}"}
        )
        async with running(settings, pace=UNLIMITED) as app:
            await hook.put(app.bot, settings)
            yield Hooked(sandbox, app, url)


async def test_a_conversation_by_web_hook(hooked: Hooked) -> None:
    """With a hook set, the same conversation goes on without polling."""
    ani = hooked.sandbox.person("Ani")
    await ani.start()
    await ani.hears("Selamat datang")
    await ani.presses("Ya, saya setuju")
    await ani.hears("NIK")
    assert not [call for call in hooked.sandbox.calls if call.method == "getUpdates"]


async def test_only_telegram_may_call(hooked: Hooked) -> None:
    """A wrong secret, also one that is not ASCII, is refused and leaves nothing in the inbox."""
    body = b'{"update_id": 1, "message": {"chat": {"id": 5}}}'
    for secret in ("", "wrong", SECRET + "x", "ä-secret-of-at-least-16", "\udce4-no-utf-8"):
        assert await hooked.post(body, secret) == 403
    assert await hooked.depth() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id": "x"}', b"\xff", b"null", b'{"update_id": 1e999}'])
async def test_what_is_no_update_is_refused(hooked: Hooked, body: bytes) -> None:
    """Garbage gets 400 and the listener stays well."""
    assert await hooked.post(body) == 400
    assert await hooked.get("/readyz") == 200


async def test_only_json_of_a_sane_size_is_read(hooked: Hooked) -> None:
    """Another kind of body, one that is far too large, and any method but POST leave nothing in the inbox."""
    body = b'{"update_id": 1, "message": {"chat": {"id": 5}}}'
    assert await hooked.post(body, kind="text/plain") == 415
    assert await hooked.post(body.ljust(LARGEST + 1)) == 413
    assert await hooked.get("/hook") == 405
    assert await hooked.depth() == 0


async def test_updates_that_come_at_once_share_a_commit(database: Database) -> None:
    """Each is answered when it is in the inbox; one that comes twice at once is there once."""
    commits = []
    arrivals = Arrivals(database, 1, utc_now, lambda: commits.append(1))
    each = [Arrival(number % 40, number % 7, b"{}") for number in range(60)]
    keeping = asyncio.gather(*(arrivals.keep(one) for one in each))
    async with together([Part("arrivals", arrivals.run(), arrivals.stop)]):
        await keeping
        async with database.read() as tx:
            assert (await inbox.depth(tx, NOW)).count == 40
    assert len(commits) == 1
    with pytest.raises(NotKeptError):  # it has stopped
        await arrivals.keep(each[0])


async def test_an_update_is_taken_only_after_the_commit() -> None:
    """With the database away, Telegram is told to come again."""
    arrivals, door = Arrivals(Away(), 1, utc_now, lambda: None), Door(Bot("42:no-token-of-anybody"), Pacer())
    listener = Listener(arrivals, door, Health(Away(), utc_now), SECRET)
    body = {"update_id": 7, "message": {"chat": {"id": 5}}}
    async with (
        together([Part("arrivals", arrivals.run(), arrivals.stop)]),
        listener.listening("127.0.0.1", 0) as port,
        aiohttp.ClientSession() as http,
    ):
        url = f"http://127.0.0.1:{port}"
        async with http.post(url + "/hook", json=body, headers={SECRET_HEADER: SECRET}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


class Away:
    """A database that is away."""

    def write(self) -> object:
        """Fail as a lost connection does."""
        raise ConnectionError
