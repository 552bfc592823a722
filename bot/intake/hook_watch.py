"""The watch over the web hook: Telegram is asked now and then whether updates still come to this installation."""

from __future__ import annotations

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from bot.watching.pulse import Pulse

log = structlog.get_logger("hook")

EVERY = 20.0  # seconds between two looks
NOT_OURS = "no web hook is set at Telegram, or not this installation's: see `sertakan hook status`"


async def watch(bot: Bot, url: str, pulse: Pulse, every: float = EVERY) -> None:
    """Look until cancelled; the pulse beats as long as the web hook is this one.

    What goes wrong on the way from Telegram is no matter of this program's health: a proxy that sent nobody here any
    more for that reason would never find out that it is well again.
    """
    before: str | None = url
    while True:
        try:
            info = await bot.get_webhook_info()
        except TelegramAPIError as error:
            log.warning("Telegram could not be asked about the web hook", error=type(error).__name__)
            pulse.miss()
        else:
            pulse.beat()
            if info.url != url:
                pulse.fail(NOT_OURS)
                if info.url != before:
                    log.warning(NOT_OURS)
            before = info.url
        await asyncio.sleep(every)
