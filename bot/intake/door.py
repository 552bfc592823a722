"""The door: lets in what people send within their allowance, before anything is stored, and tells who has to wait.

Each process has a door of its own, so behind several web hooks a chat may have as many allowances. Whoever is told costs
no row: the words go out from here, one at a time, behind all replies, and so many wait to be told at most.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter

from bot.intake.allowance import REST, Allowance, Sender, Verdict
from bot.sending.pace import Lane
from bot.sending.pacer import HaltedError, Pacer
from conversations.words import _
from locales import closest, words
from storage.inbox import Arrival

log = structlog.get_logger("door")

UNTOLD = 100  # who wait to be told; whoever comes on top of them is told at their next message
FAR = 2**40  # seconds: Telegram writes no such time
WITHIN = 10  # seconds that telling one may take
WAIT = _(
    "That was too much at once, so your last message has not been read. Please wait {count} seconds and send it again.",
    count=int(REST),
)

Came = Sequence[tuple[Arrival, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Hasty:
    """Somebody to be told: the chat, the press to be answered if it was one, and the language of their Telegram."""

    chat: int
    query: str | None
    language: str | None


class Door:
    """Lets in, and tells. `now` is a clock in seconds that nobody sets."""

    def __init__(self, bot: Bot, pacer: Pacer, now: Callable[[], float] = time.monotonic) -> None:
        self._bot, self._pacer, self._now = bot, pacer, now
        self._allowance = Allowance(pacer.pace.per_chat)
        self._untold: asyncio.Queue[Hasty] = asyncio.Queue(UNTOLD)

    @contextmanager
    def opened(self, came: Came) -> Iterator[list[Arrival]]:
        """Give those of the updates that may come in. When the block fails they come again, and nothing was taken."""
        senders = [_sent(arrival, update, self._now()) for arrival, update in came]
        had = self._allowance.of(sender for sender, _at in senders)
        verdicts = [self._judged(*sent) for sent in senders]
        try:
            yield [
                arrival for (arrival, _update), verdict in zip(came, verdicts, strict=True) if verdict is Verdict.TAKEN
            ]
        except BaseException:
            self._allowance.give_back(had)
            raise
        for (_arrival, update), (sender, _at), verdict in zip(came, senders, verdicts, strict=True):
            if verdict is Verdict.TOLD and sender.chat > 0:  # groups are not talked to
                self._tell_later(sender, update)

    async def run(self) -> None:
        """Tell who has to wait, until cancelled."""
        while True:
            hasty = await self._untold.get()
            try:
                await self._told(hasty)
            except (TelegramAPIError, OSError, TimeoutError) as error:
                log.debug("somebody could not be told to wait", error=type(error).__name__)

    def _judged(self, sender: Sender, at: float) -> Verdict:
        return self._allowance.judge(sender, at) if sender.chat else Verdict.TAKEN  # what nobody can read is laid aside

    def _tell_later(self, sender: Sender, update: Mapping[str, Any]) -> None:
        press = update.get("callback_query")
        part = press if sender.presses else update.get("message") or update.get("edited_message")
        if not isinstance(part, Mapping):
            return  # nobody said anything: somebody blocked the bot, or let it in again
        person = part.get("from")
        language = person.get("language_code") if isinstance(person, Mapping) else None
        query = part.get("id") if sender.presses else None
        try:
            self._untold.put_nowait(Hasty(sender.chat, _text(query), _text(language)))
        except asyncio.QueueFull:
            self._allowance.untold(sender)

    async def _told(self, hasty: Hasty) -> None:
        """Tell somebody. In a halt it waits: nobody else is told meanwhile either."""
        says = words(closest(hasty.language)).plain(WAIT)
        if hasty.query is not None:
            await self._bot.answer_callback_query(hasty.query, says, show_alert=True, request_timeout=WITHIN)
            return
        while True:
            try:
                await self._pacer.turn(hasty.chat, Lane.NOTICE)
                await self._bot.send_message(hasty.chat, says, request_timeout=WITHIN)
            except TelegramRetryAfter as halt:
                await self._pacer.halt(halt.retry_after)
            except HaltedError as halt:
                await asyncio.sleep(halt.seconds)
            else:
                return


def _sent(arrival: Arrival, update: Mapping[str, Any], now: float) -> tuple[Sender, float]:
    """Return who sent an update, and when by the clock they go by."""
    for kind in ("message", "edited_message", "my_chat_member"):
        part = update.get(kind)
        if isinstance(part, Mapping):
            at = part.get("edit_date") or part.get("date")
            if isinstance(at, int) and abs(at) < FAR:
                return Sender(arrival.lane, presses=False), float(at)
    return Sender(arrival.lane, presses=True), now


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
