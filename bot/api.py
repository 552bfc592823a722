"""The Bot API, as an installation reaches it."""

from __future__ import annotations

from bot import telegram_types  # noqa: F401  # before anything imports aiogram

# isort: split

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError

from bot import upkeep
from bot.intake import BotApiError, WrongTokenError
from bot.settings import Settings
from handlers.office import Clock, Office


@asynccontextmanager
async def reached(settings: Settings) -> AsyncIterator[Bot]:
    """Give the bot of these settings while the block runs; no call is made yet."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(settings.api_url))
    bot = Bot(settings.token.get_secret_value(), session=session)
    try:
        yield bot
    finally:
        await bot.session.close()


async def office(settings: Settings, bot: Bot, clock: Clock) -> Office:
    """Return the office of these settings, with the bot's name; raises WrongTokenError, BotApiError, MappingError."""
    try:
        me = await bot.me()
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise WrongTokenError from None
    except TelegramAPIError as error:
        raise BotApiError(
            f"The Bot API does not answer ({type(error).__name__}): check the network and SERTAKAN_API_URL."
        ) from None
    return await asyncio.to_thread(upkeep.office, settings, username=me.username or "", clock=clock)
