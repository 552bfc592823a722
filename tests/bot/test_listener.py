"""The web hook and the health checks, over real HTTP."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot
from pydantic import SecretStr

from bot import demo
from bot.app import App, running
from bot.door import Door
from bot.health import Health
from bot.listener import SECRET_HEADER, Listener
from bot.pace import UNLIMITED
from bot.pacer import Pacer
from bot.sandbox.client import Sandbox
from handlers.office import utc_now
from storage import inbox

SECRET = "a-secret-of-at-least-16"
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@dataclass
class Hooked:
    """A bot that is called by web hook."""

    sandbox: Sandbox
    app: App
    url: str

    async def post(self, body: bytes, secret: str = SECRET) -> int:
        """Call the hook as Telegram does, and return the status."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.url + "/hook", data=body, headers={SECRET_HEADER: secret}) as answer,
        ):
            assert await answer.text() == ""
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
    for secret in ("", "wrong", SECRET + "x", "ä-secret-of-at-least-16"):
        assert await hooked.post(body, secret) == 403
    assert await hooked.depth() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id": "x"}', b"\xff", b"null", b'{"update_id": 1e999}'])
async def test_what_is_no_update_is_refused(hooked: Hooked, body: bytes) -> None:
    """Garbage gets 400 and the listener stays well."""
    assert await hooked.post(body) == 400
    assert await hooked.get("/readyz") == 200


async def test_an_update_is_taken_only_after_the_commit() -> None:
    """With the database away, Telegram is told to come again."""
    door, health = Door(Bot("42:no-token-of-anybody"), Pacer()), Health(Away(), utc_now)
    listener = Listener(Away(), 1, utc_now, door, health, secret=SECRET, arrived=lambda: None)
    body = b'{"update_id": 7, "message": {"chat": {"id": 5}}}'
    async with listener.listening("127.0.0.1", 0) as port, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{port}"
        async with http.post(url + "/hook", data=body, headers={SECRET_HEADER: SECRET}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


class Away:
    """A database that is away."""

    def write(self) -> object:
        """Fail as a lost connection does."""
        raise ConnectionError
