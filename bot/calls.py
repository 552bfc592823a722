"""Calls: makes the call of the Bot API that a letter stands for.

A letter with a slot edits the message that shows it; words whose message is gone are sent as a new one. Pictures are
drawn here, once, and afterwards sent by the id Telegram gave them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import Bot, methods
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramRetryAfter
from aiogram.methods import Response
from aiogram.types import BufferedInputFile, Message

from bot.pacer import Pacer
from handlers.broadcasts import report
from handlers.broadcasts.table import table
from handlers.errands import call
from handlers.office import Office
from handlers.pictures import draw
from storage import files, pictures
from storage.database import Database
from storage.outbox import Posted

log = structlog.get_logger("calls")

GONE = ("message to edit not found", "message can't be edited", "message_id_invalid", "there is no text in the message")

# Pydantic forgets a generic model that nobody holds, and aiogram would build one for every answer.
ANSWERS = (Response[Message], Response[bool], Response[methods.EditMessageText.__returning__])


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
        method: Any = getattr(methods, name[0].upper() + name[1:])
        try:
            answer = await self._bot(method(**payload), request_timeout=self.answer_within)
        except TelegramBadRequest as refused:
            if name != "editMessageText" or not any(reason in refused.message.lower() for reason in GONE):
                raise
            # The message to edit is gone, or was a picture: the words must arrive all the same.
            rest = {key: value for key, value in payload.items() if key != "message_id"}
            await self._pacer.turn(payload["chat_id"])
            answer = await self._bot(methods.SendMessage(**rest), request_timeout=self.answer_within)
        return answer.message_id if isinstance(answer, Message) else None

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
        photo: Any = wish if isinstance(wish, str) else known.get(key)
        if photo is None:
            photo = BufferedInputFile(await self._picture(key, wish), f"{wish['draw']}.png")
        sending = methods.SendPhoto(**{**letter.payload, **said, "photo": photo})
        await turn()
        answer = await self._bot(sending, request_timeout=2 * self.answer_within)
        if key and known.get(key) is None and answer.photo:
            async with self._database.write() as tx:
                await pictures.learn(tx, key, answer.photo[-1].file_id)
        return answer.message_id

    async def _send_document(self, letter: Posted, turn: Turn) -> int | None:
        """Send a page that the bot draws, a table it makes, or a file kept for this person; raises FileOverError."""
        wish = letter.payload["document"]
        if "draw" in wish:
            document = BufferedInputFile(await self._picture("", wish), wish["name"])
        elif "report" in wish:
            made = await table(self._database, self._office, wish["report"], wish["language"])
            document = BufferedInputFile(made, wish["name"])
        else:
            document = await self._kept(letter)
        sending = methods.SendDocument(**{**letter.payload, "document": document})
        await turn()
        answer = await self._bot(sending, request_timeout=2 * self.answer_within)
        return answer.message_id

    async def _kept(self, letter: Posted) -> BufferedInputFile:
        """Return a file that was kept for this person; one whose time is over is named, so that it can be made anew."""
        async with self._database.read() as tx:
            kept = await files.fetch(tx, letter.payload["document"]["file"], self._office.clock())
        if kept is None or kept.owner != letter.chat_id:
            raise FileOverError
        return BufferedInputFile(kept.body, kept.name)

    async def _picture(self, key: str, wish: dict[str, Any]) -> bytes:
        """Draw a picture, once and one at a time: many may ask before Telegram has it, and drawing takes memory."""
        async with self._easel:
            drawn = self._drawn.get(key)
            if drawn is None:
                drawn = await asyncio.to_thread(draw, wish["draw"], wish["facts"], wish["language"])
            if key:  # what is drawn for one person has none, and is not kept
                self._drawn[key] = drawn
            return drawn


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
