"""Intake by polling: updates become rows of the inbox before Telegram is told that they have arrived.

aiogram's own polling confirms updates before they are handled and stops for everybody at one malformed update, so the
raw answer is read here: each update is kept as it came, and parsed later, one at a time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import structlog

from bot.logs import where
from handlers.office import Clock
from storage import inbox
from storage.database import Database
from storage.inbox import Arrival

log = structlog.get_logger("intake")

LONG_POLL = 25  # seconds the Bot API may hold a request
BATCH = 100
PATIENCE = (1, 2, 5, 10, 30)  # seconds between tries when the Bot API does not answer
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")


class WrongTokenError(Exception):
    """The Bot API does not know this token; only the operator can help."""


class Polling:
    """Fetches updates until it is stopped; `arrived` is called after each commit."""

    def __init__(
        self, url: str, token: str, bot_id: int, database: Database, clock: Clock, arrived: Callable[[], None]
    ) -> None:
        self._url = f"{url.rstrip('/')}/bot{token}/getUpdates"
        self._bot_id, self._database, self._clock, self._arrived = bot_id, database, clock, arrived
        self._offset: int | None = None
        self.healthy = False

    async def run(self) -> None:
        """Poll until cancelled; raises WrongTokenError."""
        failures = 0
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONG_POLL + 10)) as http:
            while True:
                try:
                    await self._round(http)
                    failures, self.healthy = 0, True
                except WrongTokenError:
                    raise
                except Exception as error:  # noqa: BLE001  # whatever it was, Telegram still holds the updates
                    self.healthy = False
                    wait = PATIENCE[min(failures, len(PATIENCE) - 1)]
                    failures += 1
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
        if not answer.get("ok"):
            raise BotApiError(int(answer.get("error_code", 0)))
        updates = answer["result"]
        if not updates:
            return
        arrivals = [arrival(update) for update in updates]
        # One transaction for all of them; shielded, so that a stop never leaves it half done.
        await asyncio.shield(self._keep(arrivals))
        self._offset = max(one.update_id for one in arrivals) + 1

    async def _keep(self, arrivals: list[Arrival]) -> None:
        async with self._database.write() as tx:
            await inbox.keep(tx, self._bot_id, arrivals, self._clock())
        self._arrived()


class BotApiError(Exception):
    """The Bot API refused; 409 means that another program polls with this token, or a web hook is set."""


def arrival(update: Mapping[str, Any]) -> Arrival:
    """Return the row for an update: its id, the chat whose order it belongs to, and its text as it came."""
    return Arrival(int(update["update_id"]), _lane(update), json.dumps(update, ensure_ascii=False).encode())


def _lane(update: Mapping[str, Any]) -> int:
    """Return the chat an update belongs to; 0 when there is none, as in an update nobody can read."""
    for kind in KINDS:
        part = update.get(kind)
        if isinstance(part, Mapping):
            for holder in (part.get("chat"), part.get("from")):
                if isinstance(holder, Mapping) and isinstance(holder.get("id"), int):
                    return int(holder["id"])
    return 0
