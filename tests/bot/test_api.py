"""A call: what goes over the wire, and that each refusal is the error which aiogram makes of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiohttp import web

from bot import api
from bot.api import Upload

WORDS = {"chat_id": 7, "text": "Bapak/Ibu “baik”?", "reply_markup": {"inline_keyboard": [[{"text": "Ya"}]]}}


@dataclass
class Telegram:
    """Says what it was told to say, and keeps what it was asked."""

    status: int = 200
    says: str = json.dumps({"ok": True, "result": {"message_id": 3}})
    asked: list[tuple[str, str, object]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Keep a call, and answer it."""
        form = request.content_type != "application/json"
        said = {name: _text(part) for name, part in (await request.post()).items()} if form else await request.json()
        self.asked.append((request.path, request.content_type, said))
        return web.Response(text=self.says, status=self.status)


def _text(part: str | bytearray | web.FileField) -> object:
    return (part.filename, part.file.read()) if isinstance(part, web.FileField) else part


@pytest.fixture
def telegram() -> Telegram:
    """Return a Telegram that takes everything."""
    return Telegram()


@pytest.fixture
async def bot(telegram: Telegram) -> AsyncIterator[Bot]:
    """Give a bot whose calls reach it."""
    application = web.Application(client_max_size=4 << 20)
    application.router.add_post("/{call:.*}", telegram.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server = TelegramAPIServer.from_base(f"http://127.0.0.1:{runner.addresses[0][1]}")
    async with Bot("1:contoh", session=AiohttpSession(api=server)) as reached:
        yield reached
    await runner.cleanup()


async def test_a_call_says_just_what_the_letter_holds(bot: Bot, telegram: Telegram) -> None:
    """A payload goes out as it is, as JSON, and the answer comes back as Telegram wrote it."""
    assert await api.call(bot, "sendMessage", WORDS, within=5) == {"message_id": 3}
    assert telegram.asked == [("/bot1:contoh/sendMessage", "application/json", WORDS)]


async def test_a_file_goes_beside_the_words(bot: Bot, telegram: Telegram) -> None:
    """A call with a file is a form: text as it is, everything else as JSON, and the file's own bytes under its name."""
    upload = Upload("document", "daftar désa.csv", bytes(range(256)) * 8192)
    await api.call(bot, "sendDocument", WORDS, within=5, upload=upload)
    ((path, kind, said),) = telegram.asked
    assert (path, kind) == ("/bot1:contoh/sendDocument", "multipart/form-data")
    assert said == {
        "chat_id": "7",
        "text": WORDS["text"],
        "reply_markup": json.dumps(WORDS["reply_markup"]),
        "document": (upload.name, upload.content),
    }


@pytest.mark.parametrize(
    ("status", "description", "parameters"),
    [
        (400, "Bad Request: message is not modified", None),
        (400, "Bad Request: group upgraded", {"migrate_to_chat_id": -7}),
        (401, "Unauthorized", None),
        (403, "Forbidden: bot was blocked by the user", None),
        (404, "Not Found", None),
        (409, "Conflict: terminated by other getUpdates request", None),
        (413, "Request Entity Too Large", None),
        (418, "I'm a teapot", None),
        (429, "Too Many Requests: retry after 7", {"retry_after": 7}),
        (500, "Internal Server Error", None),
        (500, "Internal Server Error: restart", None),
        (200, "Bad Request: not ok in spite of 200", None),
    ],
)
async def test_a_refusal_is_the_error_of_aiogram(
    bot: Bot, telegram: Telegram, status: int, description: str, parameters: dict[str, int] | None
) -> None:
    """What Telegram refuses raises the error that aiogram raises for it, which says nothing of what was to be sent."""
    refusal = {"ok": False, "error_code": status, "description": description}
    telegram.status, telegram.says = status, json.dumps(refusal | ({"parameters": parameters} if parameters else {}))
    with pytest.raises(TelegramAPIError) as theirs:
        await bot.send_message(7, "Bapak/Ibu")
    with pytest.raises(TelegramAPIError) as ours:
        await api.call(bot, "sendMessage", WORDS, within=5)
    assert type(ours.value) is type(theirs.value)
    assert description in ours.value.message
    assert "Bapak" not in repr(vars(ours.value))
    if isinstance(ours.value, TelegramRetryAfter):
        assert ours.value.retry_after == 7


@pytest.mark.parametrize("says", ["<html>Bad Gateway</html>", "", "[]"])
async def test_a_page_is_no_refusal(bot: Bot, telegram: Telegram, says: str) -> None:
    """What a broken proxy says is a failure of the way there: the letter is to be sent again, not given up."""
    telegram.status, telegram.says = 502, says
    with pytest.raises(TelegramServerError):
        await api.call(bot, "sendMessage", WORDS, within=5)


async def test_nobody_there() -> None:
    """Where nobody listens, the error names neither the token nor what was to be sent."""
    server = TelegramAPIServer.from_base("http://127.0.0.1:1")
    async with Bot("1:contoh", session=AiohttpSession(api=server)) as lonely:
        with pytest.raises(TelegramNetworkError) as error:
            await api.call(lonely, "sendMessage", WORDS, within=5)
    assert "contoh" not in str(error.value)
