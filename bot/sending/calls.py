"""Calls: makes the call of the Bot API that a letter stands for.

A letter with a slot edits the message that shows it; words whose message is gone are sent as a new one. Pictures are
drawn here, once, and afterwards sent by the id Telegram gave them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramRetryAfter

from bot import api
from bot.api import Upload
from bot.sending.pacer import Pacer
from handlers.broadcasts import report
from handlers.broadcasts.table import table
from handlers.errands import call
from handlers.office import Office
from handlers.pictures.apart import draw_apart
from storage import files, pictures
from storage.database import Database
from storage.outbox import Posted

log = structlog.get_logger("calls")

GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "there is no text in the message")

Turn = Callable[[], Awaitable[None]]
"""Waits until a call may go out."""


class FileOverError(Exception):
    """A file is no longer kept, or was never meant for this chat."""


class Calls:
    """Makes calls; one may take `answer_within` seconds, and one with a picture twice that."""

    answer_within = 30

    def __init__(self, database: Database, bot: Bot, pacer: Pacer, office: Office) -> None:
        self._database, self._bot, self._pacer, self._office = database, bot, pacer, office
        self._easel = asyncio.Lock()
        self._drawn: dict[str, bytes] = {}  # pictures since the start

    async def make(self, letter: Posted, known: dict[str, str | None], turn: Turn) -> int | None:
        """Make the call a letter stands for, and return the id of the message that shows it now.

        Pictures and files are made before the turn is waited for, so that the call goes out when it has come.
        """
        if letter.method == "sendPhoto":
            return await self._send_photo(letter, known, turn)
        if letter.method == "sendDocument":
            return await self._send_document(letter, turn)
        await turn()
        if letter.slot is None or letter.screen is None:
            return await self._method(letter.method, letter.payload)
        if letter.fresh:
            message_id = await self._method(letter.method, letter.payload)
            await self._quietly("deleteMessage", letter.chat_id, letter.screen)
            return message_id
        edited = {"reply_markup": {"inline_keyboard": []}, **letter.payload, "message_id": letter.screen}
        return await self._method("editMessageText", edited)

    async def _method(self, name: str, payload: dict[str, Any]) -> int | None:
        try:
            return _shown(await api.call(self._bot, name, payload, within=self.answer_within))
        except TelegramBadRequest as refused:
            if name != "editMessageText" or not any(reason in refused.message.lower() for reason in GONE):
                raise
        # The message to edit is gone, or was a picture: the words must arrive all the same.
        rest = {key: value for key, value in payload.items() if key != "message_id"}
        await self._pacer.turn(payload["chat_id"])
        return _shown(await api.call(self._bot, "sendMessage", rest, within=self.answer_within))

    async def _quietly(self, name: str, chat: int, message_id: int) -> None:
        """Tidy up where it does not matter if it fails."""
        try:
            await self._method(name, {"chat_id": chat, "message_id": message_id})
        except TelegramRetryAfter as halt:
            await self._pacer.halt(halt.retry_after)
        except TelegramAPIError as error:
            log.debug("tidying up failed", error=type(error).__name__)

    async def _send_photo(self, letter: Posted, known: dict[str, str | None], turn: Turn) -> int | None:
        """Send a picture that the bot draws: drawn and uploaded once, afterwards by the id Telegram gave it.

        A picture that somebody sent in, and that Telegram keeps, is sent by its id.
        """
        wish, key, said = letter.payload["photo"], picture_key(letter), {}
        if isinstance(wish, dict) and "report" in wish:
            async with self._database.read() as tx, call(tx, self._office, letter.chat_id, wish) as visit:
                facts, caption = await report.made(visit, wish["report"])
            wish, said = {**wish, "facts": facts}, {"caption": caption}
        photo, upload = wish if isinstance(wish, str) else known.get(key), None
        if photo is None:
            upload = Upload("photo", f"{wish['draw']}.png", await self._picture(key, wish))
        answer = await self._filed(letter, {**said, "photo": photo}, upload, turn)
        if key and known.get(key) is None and answer.get("photo"):
            async with self._database.write() as tx:
                await pictures.learn(tx, key, answer["photo"][-1]["file_id"])
        return _shown(answer)

    async def _send_document(self, letter: Posted, turn: Turn) -> int | None:
        """Send a page that the bot draws, a table it makes, or a file kept for this person; raises FileOverError."""
        wish = letter.payload["document"]
        if "draw" in wish:
            document = Upload("document", wish["name"], await self._picture("", wish))
        elif "report" in wish:
            made = await table(self._database, self._office, wish["report"], wish["language"])
            document = Upload("document", wish["name"], made)
        else:
            document = await self._kept(letter)
        return _shown(await self._filed(letter, {}, document, turn))

    async def _filed(self, letter: Posted, said: dict[str, Any], upload: Upload | None, turn: Turn) -> Any:  # noqa: ANN401  # as Telegram answers
        """Make a call with a file, when its turn has come; `said` takes the place of what the letter says."""
        payload = {**letter.payload, **said}
        if upload is not None:
            del payload[upload.parameter]
        await turn()
        return await api.call(self._bot, letter.method, payload, within=2 * self.answer_within, upload=upload)

    async def _kept(self, letter: Posted) -> Upload:
        """Return a file that was kept for this person; one whose time is over is named, so that it can be made anew."""
        async with self._database.read() as tx:
            kept = await files.fetch(tx, letter.payload["document"]["file"], self._office.clock())
        if kept is None or kept.owner != letter.chat_id:
            raise FileOverError
        return Upload("document", kept.name, kept.body)

    async def _picture(self, key: str, wish: dict[str, Any]) -> bytes:
        """Draw a picture, once and one at a time: many may ask before Telegram has it, and drawing takes memory."""
        async with self._easel:
            drawn = self._drawn.get(key)
            if drawn is None:
                drawn = await draw_apart(wish["draw"], wish["facts"], wish["language"])
            if key:  # what is drawn for one person has none, and is not kept
                self._drawn[key] = drawn
            return drawn


def _shown(answer: Any) -> int | None:  # noqa: ANN401  # as Telegram answers
    """Return the id of the message that a call has answered with; some answer with no more than that they were made."""
    return answer["message_id"] if isinstance(answer, dict) else None


def picture_key(letter: Posted) -> str:
    """Return the name under which a drawn picture is known to Telegram.

    Empty for other letters, for a picture Telegram has already, and for one that is drawn for one person: its facts, a link of theirs, are kept nowhere.
    """
    wish = letter.payload.get("photo")
    if not isinstance(wish, dict) or wish.get("once"):
        return ""
    return "|".join(
        [wish["draw"], wish["language"], *(f"{name}={value}" for name, value in sorted(wish["facts"].items()))]
    )
