"""The Bot API, as an installation reaches it, and a call of it at the least cost."""

from __future__ import annotations

from bot import telegram_types  # noqa: F401  # before anything imports aiogram

# isort: split

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response, TelegramMethod
from aiohttp import ClientError, ClientTimeout, FormData

from bot import upkeep
from bot.intake.polling import BotApiError, WrongTokenError
from bot.settings import Settings
from handlers.office import Clock, Office

JSON = {"Content-Type": "application/json"}
REFUSED = Response[Any]  # pydantic forgets a generic model that nobody holds, and would build it for each refusal


class Call(TelegramMethod[Any]):
    """Stands for a call in aiogram's errors: nothing of what was to be sent gets into them."""

    __returning__ = Any
    __api_method__ = "call"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes with a call: the parameter it is the value of, its name and its bytes."""

    parameter: str
    name: str
    content: bytes = field(repr=False)


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


async def call(
    bot: Bot, method: str, payload: Mapping[str, object], *, within: float, upload: Upload | None = None
) -> Any:  # noqa: ANN401  # whatever Telegram answers
    """Make a call, and return its result as Telegram wrote it.

    It may take `within` seconds. Raises aiogram's own errors, and TelegramServerError for what is no answer of Telegram
    (a proxy's page, say). aiogram would make an object of each message, of its answer, and of all that is in them,
    which costs three times as much as the call.
    """
    session = cast("AiohttpSession", bot.session)
    body = json.dumps(payload, ensure_ascii=False).encode() if upload is None else _form(payload, upload)
    try:
        async with (await session.create_session()).post(
            session.api.api_url(bot.token, method),
            data=body,
            headers=JSON if upload is None else None,
            timeout=ClientTimeout(within),
        ) as response:
            status, said = response.status, await response.text()
    except TimeoutError:
        raise TelegramNetworkError(Call(), "no answer in time") from None
    except ClientError as error:
        raise TelegramNetworkError(Call(), type(error).__name__) from None
    match _read(said):
        case {"ok": True, "result": result} if status == HTTPStatus.OK:
            return result
        case {"ok": _}:
            return session.check_response(bot, Call(), status, said).result
        case _:
            raise TelegramServerError(Call(), f"{status}, and no answer of Telegram")


def _read(said: str) -> object:
    try:
        return json.loads(said)
    except ValueError:
        return None


def _form(payload: Mapping[str, object], upload: Upload) -> FormData:
    """Return a call with a file, of which only the file is not text."""
    form = FormData(quote_fields=False)
    for name, value in payload.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    form.add_field(upload.parameter, BytesIO(upload.content), filename=upload.name)
    return form
