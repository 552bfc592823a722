"""The bot that writes broadcasts: python-telegram-bot, behind the pace that everybody shares; and its clock."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import tzinfo
from types import TracebackType
from typing import Any, Self

import httpx
import structlog
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ApplicationBuilder, BaseRateLimiter, ContextTypes, Defaults, ExtBot
from telegram.request import HTTPXRequest

from bot.logs import where
from bot.pacer import Pacer

log = structlog.get_logger("broadcast_bot")
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Delivered:
    """It arrived, as this message."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person cannot be written to: "blocked", "deactivated" or "chat not found"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram did not take it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Halted:
    """It was not sent: nothing may be, for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody knows whether it arrived."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """It surely did not arrive."""

    reason: str


Result = Delivered | Blocked | Refused | Halted | Lost | NotSent


class SharedPace(BaseRateLimiter[Callable[[], None]]):
    """Waits for the pacer's turn; `rate_limit_args` is told when it has come."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer

    async def initialize(self) -> None:
        """Do nothing."""

    async def shutdown(self) -> None:
        """Do nothing."""

    async def process_request(
        self,
        callback: Callable[..., Any],
        args: Any,  # noqa: ANN401
        kwargs: dict[str, Any],
        endpoint: str,  # noqa: ARG002
        data: dict[str, Any],
        rate_limit_args: Callable[[], None] | None,
    ) -> Any:  # noqa: ANN401
        """Make the call in its turn."""
        await self._pacer.turn(data["chat_id"])
        if rate_limit_args is not None:
            rate_limit_args()
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as halt:
            self._pacer.halt(_seconds(halt))
            raise


class BroadcastBot:
    """Sends."""

    def __init__(self, token: str, api_url: str, pacer: Pacer) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)
        request = HTTPXRequest(connection_pool_size=64, read_timeout=30, httpx_kwargs={"trust_env": False})
        self._bot = ExtBot(token, base_url=f"{api_url}/bot", request=request, rate_limiter=SharedPace(pacer))
        self._request = request

    async def __aenter__(self) -> Self:
        await self._request.initialize()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._request.shutdown()

    async def send(self, payload: dict[str, Any], begun: Callable[[], None]) -> Result:
        """Make a call."""
        rest = {name: value for name, value in payload.items() if name != "method"}
        call = self._bot.send_photo if payload["method"] == "sendPhoto" else self._bot.send_message
        try:
            message = await call(**rest, rate_limit_args=begun)
        except RetryAfter as halt:
            return Halted(_seconds(halt))
        except Forbidden as error:
            return Blocked("deactivated" if "deactivated" in error.message else "blocked")
        except BadRequest as error:
            return Blocked("chat not found") if "chat not found" in error.message.lower() else Refused("refused")
        except InvalidToken:
            return NotSent("token")
        except TelegramError as error:
            if isinstance(error.__cause__, NOTHING_SENT):
                return NotSent(type(error.__cause__).__name__)
            return Lost(type(error.__cause__ or error).__name__)
        return Delivered(message.message_id)


def _seconds(halt: RetryAfter) -> float:
    return float(halt._retry_after.total_seconds())  # noqa: SLF001  # its public name warns of a change to come


@asynccontextmanager
async def clock(work: Callable[[], Awaitable[object]], every: float, zone: tzinfo) -> AsyncIterator[None]:
    """Do the work again and again, now for the first time."""

    async def tick(_context: ContextTypes.DEFAULT_TYPE) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001
            log.warning("a tick failed", error=where(error))

    bot = ExtBot("1:none", defaults=Defaults(tzinfo=zone))
    application = ApplicationBuilder().bot(bot).updater(None).build()
    queue = application.job_queue
    if queue is None:
        raise RuntimeError("python-telegram-bot was installed without its job queue.")
    queue.run_repeating(
        tick, every, first=0, job_kwargs={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    await queue.start()
    try:
        yield
    finally:
        await queue.stop(wait=False)
