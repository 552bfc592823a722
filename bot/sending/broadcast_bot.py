"""The bot that writes broadcasts: python-telegram-bot, in the pace that everybody shares; and its job queue as a clock.

A broadcast reaches nobody twice, so each call ends with what is known of it: it arrived, it surely did not, or nobody
knows. No text of a library's error leaves this file, since it may quote an address with the token, or a message.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from statistics import median
from types import TracebackType
from typing import Any, Self

import httpx
import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter, ContextTypes, ExtBot, JobQueue
from telegram.request import HTTPXRequest

from bot.sending.pace import Lane
from bot.sending.pacer import HaltedError, PaceAwayError, Pacer
from bot.watching.logs import where

log = structlog.get_logger("broadcast_bot")

os.environ["PTB_TIMEDELTA"] = "true"  # the library's way to choose how it gives times; else each 429 warns of a change

USUAL = 50  # calls whose duration tells what is usual
UNUSUAL = 0.025  # seconds, more than which the pacer's margin may not cover
UNANSWERED = 14  # calls, half a second's worth: what a way that is stuck lets loose at once, no more
CONNECTIONS = 64  # more than calls at once, so that none waits for one
ANSWER_WITHIN = 30.0  # seconds; together with CONNECT_WITHIN shorter than any lease
CONNECT_WITHIN = 10.0  # seconds
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What goes wrong before the first byte of a request is written; after any other failure Telegram may have it."""

GONE = (  # from Telegram's answers, why somebody cannot be written to
    ("deactivated", "deactivated"),
    ("chat not found", "chat not found"),
    ("peer_id_invalid", "chat not found"),
    ("can't initiate conversation", "chat not found"),
    ("user_is_blocked", "blocked"),
)
REFUSED = (("too long", "too long"), ("can't parse entities", "markup"), ("file", "picture"))  # likewise, why not this


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
    """Telegram does not take it: "too long", "markup", "picture" or "refused"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Halted:
    """It was not sent: nothing may be, for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody knows whether it arrived; the reason is the kind of failure."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """It surely did not arrive, and it is not the message's fault; the reason is the kind of failure."""

    reason: str


Result = Delivered | Blocked | Refused | Halted | Lost | NotSent


class SharedPace(BaseRateLimiter[Callable[[], None]]):
    """Makes each call in its turn among all who send; `rate_limit_args` is called when the turn has come.

    A call is made once. A 429 halts everybody and is handed on. While UNANSWERED calls have no answer, no other begins.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._unanswered = asyncio.Semaphore(UNANSWERED)
        self._usual: deque[float] = deque([0.0], maxlen=USUAL)  # seconds that the last calls took

    async def initialize(self) -> None:
        """Do nothing: the pacer is somebody else's."""

    async def shutdown(self) -> None:
        """Do nothing, likewise."""

    async def process_request(
        self,
        callback: Callable[..., Any],
        args: Any,  # noqa: ANN401  # the library's own signature
        kwargs: dict[str, Any],
        endpoint: str,  # noqa: ARG002  # likewise
        data: dict[str, Any],
        rate_limit_args: Callable[[], None] | None,
    ) -> Any:  # noqa: ANN401  # likewise
        """Wait for the turn and make the call. Raises HaltedError and PaceAwayError before it, TelegramError after it."""
        async with self._unanswered:
            turn = await self._pacer.turn(data["chat_id"], Lane.BROADCAST)
            if rate_limit_args is not None:
                rate_limit_args()
            begun = time.monotonic()
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as halt:
                await self._pacer.halt(_seconds(halt))
                raise
            finally:
                await self._took(turn, time.monotonic() - begun)

    async def _took(self, turn: float, seconds: float) -> None:
        """Note a call that took longer than usual: it may have reached Telegram so much later."""
        if (late := seconds - median(self._usual)) > UNUSUAL:
            await self._pacer.late(turn, late)
        self._usual.append(seconds)


class BroadcastBot:
    """Sends messages to people within the pace, over connections that are open while the block runs."""

    def __init__(self, token: str, api_url: str, pacer: Pacer, answer_within: float = ANSWER_WITHIN) -> None:
        self._request = HTTPXRequest(
            CONNECTIONS,
            read_timeout=answer_within,
            write_timeout=answer_within,
            connect_timeout=CONNECT_WITHIN,
            pool_timeout=CONNECT_WITHIN,
            httpx_kwargs={"trust_env": False},  # no proxy that the operator did not choose
        )
        self._bot = ExtBot(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            request=self._request,
            get_updates_request=self._request,  # never used: another one would only cost
            rate_limiter=SharedPace(pacer),
        )
        self._methods: dict[str, Callable[..., Awaitable[Any]]] = {
            "sendMessage": self._bot.send_message,
            "sendPhoto": self._bot.send_photo,
        }

    async def __aenter__(self) -> Self:
        await self._request.initialize()  # not the bot, which would ask Telegram who it is
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._request.shutdown()

    async def send(self, payload: dict[str, Any], begun: Callable[[], None]) -> Result:
        """Make the call `payload["method"]`, sendMessage or sendPhoto, with the other values as its parameters.

        `begun` is called when its turn has come: whoever cancels before that can be sure that nothing was sent.
        """
        call = self._methods[payload["method"]]
        rest = {name: value for name, value in payload.items() if name != "method"}
        try:
            message = await call(**rest, rate_limit_args=begun)
        except HaltedError as halt:
            return Halted(halt.seconds)
        except PaceAwayError:
            return NotSent("pace")
        except TelegramError as error:
            return _result(error)
        return Delivered(message.message_id)


def _result(error: TelegramError) -> Result:
    """Say what an error of the library means for the message."""
    said = error.message.lower()
    match error:
        case RetryAfter():
            return Halted(_seconds(error))
        case Forbidden() | BadRequest() if reason := _first(GONE, said):
            return Blocked(reason)
        case Forbidden():
            return Blocked("blocked")
        case BadRequest() | ChatMigrated():
            return Refused(_first(REFUSED, said) or "refused")
        case InvalidToken():
            return NotSent("token")
    cause = error.__cause__
    return (NotSent if isinstance(cause, NOTHING_SENT) else Lost)(type(cause or error).__name__)


def _first(reasons: tuple[tuple[str, str], ...], said: str) -> str | None:
    return next((reason for words, reason in reasons if words in said), None)


def _seconds(halt: RetryAfter) -> float:
    wait = halt.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


class _Ticks(JobQueue[ContextTypes.DEFAULT_TYPE]):
    """A job queue without an application: its jobs only ring."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        super().__init__()

    @property
    def scheduler_configuration(self) -> dict[str, object]:
        """The library's configuration, in a time zone that was chosen."""
        return {**super().scheduler_configuration, "timezone": self._zone}

    @staticmethod
    async def job_callback(job_queue: JobQueue[Any], job: Any) -> None:  # noqa: ANN401, ARG004  # the library's own signature
        """Ring."""
        job.data.set()


@asynccontextmanager
async def clock(work: Callable[[], Awaitable[object]], every: float, zone: tzinfo) -> AsyncIterator[None]:
    """Do the work at once and then every so many seconds while the block runs, one at a time.

    A tick that comes late, or while the work is still being done, is made up for: once, as soon as possible. Work that
    fails is logged without data, and done again at the next tick. On leaving, work in hand is broken off.

    The library goes by the time of day. While that was set back nothing ticks, so the work is done after twice the time.
    """
    due = asyncio.Event()
    due.set()
    ticks = _Ticks(zone)
    never_skipped = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    ticks.run_repeating(_nothing, every, data=due, job_kwargs=never_skipped)
    await ticks.start()
    working = asyncio.create_task(_work(work, due, 2 * every), name="clock")
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait({working})
        await ticks.stop(wait=False)


async def _nothing(_context: ContextTypes.DEFAULT_TYPE) -> None:
    """Do nothing: the tick has rung already."""


async def _work(work: Callable[[], Awaitable[object]], due: asyncio.Event, at_the_latest: float) -> None:
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(at_the_latest):
                await due.wait()
        due.clear()
        try:
            await work()
        except Exception as error:  # noqa: BLE001  # the next tick comes all the same
            log.error("work by the clock failed", error=where(error))  # noqa: TRY400  # the message may be personal
