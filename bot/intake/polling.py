"""Intake by polling: updates become rows of the inbox before Telegram is told that they have arrived.

aiogram's own polling confirms updates before they are handled and stops for everybody at one malformed update, so the
raw answer is read here: each update is kept as it came, and parsed later, one at a time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeGuard

import aiohttp
import structlog

from bot.intake.door import Door
from bot.watching import traces
from bot.watching.logs import where
from bot.watching.pulse import Pulse
from handlers.office import Clock
from storage import inbox
from storage.database import Database
from storage.inbox import Arrival

log = structlog.get_logger("intake")

LONG_POLL = 25  # seconds the Bot API may hold a request
BATCH = 100
PATIENCE = (1, 2, 5, 10, 30)  # seconds between tries when the Bot API does not answer
CONFLICT = "a web hook is set at Telegram, or another program polls: see `sertakan hook status`"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")


LARGEST = 2**63  # ids below it fit the columns


class WrongTokenError(Exception):
    """The Bot API does not know this token; only the operator can help."""

    def __init__(self) -> None:
        super().__init__("Telegram does not know SERTAKAN_TOKEN. Ask @BotFather for it (/token).")


class BotApiError(Exception):
    """The Bot API does not answer, or refused: 409 means that another program polls, or a web hook is set."""


class NoUpdateError(ValueError):
    """What came has no id of an update, so it can be neither kept nor confirmed."""


class Polling:
    """Fetches updates until it is stopped; `arrived` is called after each commit, `pulse` beats at each answer."""

    def __init__(
        self,
        url: str,
        token: str,
        bot_id: int,
        database: Database,
        clock: Clock,
        door: Door,
        *,
        arrived: Callable[[], None],
        pulse: Pulse,
    ) -> None:
        self._url = f"{url.rstrip('/')}/bot{token}/getUpdates"
        self._bot_id, self._database, self._clock, self._arrived = bot_id, database, clock, arrived
        self._door, self._pulse = door, pulse
        self._offset: int | None = None

    async def run(self) -> None:
        """Poll until cancelled; raises WrongTokenError."""
        failures = 0
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONG_POLL + 10)) as http:
            while True:
                try:
                    await self._round(http)
                    self._pulse.beat()
                    failures = 0
                except WrongTokenError:
                    raise
                except Exception as error:  # noqa: BLE001  # whatever it was, Telegram still holds the updates
                    wait = PATIENCE[min(failures, len(PATIENCE) - 1)]
                    failures += 1
                    self._pulse.miss()
                    log.warning("no updates could be fetched, trying again", error=where(error), seconds=wait)
                    await asyncio.sleep(wait)

    async def _round(self, http: aiohttp.ClientSession) -> None:
        wish: dict[str, Any] = {"timeout": LONG_POLL, "limit": BATCH, "allowed_updates": list(KINDS)}
        if self._offset is not None:
            wish["offset"] = self._offset
        async with http.post(self._url, json=wish) as response:
            if response.status in {401, 404}:
                raise WrongTokenError
            answer = await response.json(content_type=None)
            if response.status == HTTPStatus.CONFLICT:
                self._pulse.fail(CONFLICT)
                log.warning(CONFLICT)
        if not answer.get("ok"):
            raise BotApiError(f"The Bot API refused: {answer.get('error_code')}.")
        updates = answer["result"]
        if not updates:
            return
        came = _readable(updates)
        # One transaction for all of them; shielded, so that a stop never leaves it half done.
        with self._door.opened(came) as welcome:
            keeping = asyncio.create_task(self._keep(welcome))
            try:
                await asyncio.shield(keeping)
            except asyncio.CancelledError:
                await asyncio.wait({keeping})
                raise
        self._offset = max(one.update_id for one, _update in came) + 1

    async def _keep(self, arrivals: list[Arrival]) -> None:
        if not arrivals:
            return
        with traces.intake(arrivals):
            async with self._database.write(brief=True) as tx:
                await inbox.keep(tx, self._bot_id, arrivals, self._clock())
        self._arrived()


def arrival(update: object) -> Arrival:
    """Return the row for an update: its id, the chat whose order it belongs to, and its text as it came.

    Nothing else about it has to be right. Raises NoUpdateError when it has no id.
    """
    number = update.get("update_id") if isinstance(update, Mapping) else None
    if not isinstance(update, Mapping) or not _is_id(number):
        raise NoUpdateError
    # Escaped, for half a surrogate pair has no other bytes.
    return Arrival(int(number), _lane(update), json.dumps(update).encode())


def _readable(updates: Sequence[Any]) -> list[tuple[Arrival, Mapping[str, Any]]]:
    """Return those that have an id, each with its row: the offset behind them confirms the others too."""
    readable = []
    for update in updates:
        try:
            row = arrival(update)
        except NoUpdateError:
            log.error("something came that is no update, and was passed over")  # noqa: TRY400  # it may hold personal data
        else:
            readable.append((row, update))
    if not readable:
        raise NoUpdateError
    return readable


def _is_id(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool) and -LARGEST < number < LARGEST


def _lane(update: Mapping[str, Any]) -> int:
    """Return the chat an update belongs to; 0 when there is none, as in an update nobody can read."""
    for kind in KINDS:
        part = update.get(kind)
        if isinstance(part, Mapping):
            for holder in (part.get("chat"), part.get("from")):
                if isinstance(holder, Mapping) and _is_id(number := holder.get("id")):
                    return number
    return 0
