"""The listener: the pages of health, and the web hook where one is set. Loopback by default; a proxy stands in front."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from bot.door import Door
from bot.health import Health
from bot.intake import NoUpdateError, arrival
from bot.logs import where
from handlers.office import Clock
from storage import inbox
from storage.database import Database
from storage.inbox import Arrival

log = structlog.get_logger("listener")

LARGEST = 1024 * 1024  # bytes of an update; Telegram's are far smaller
HOOK_PATH = "/hook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name


class Listener:
    """Shows the pages of health and, with a secret, takes updates at /hook."""

    def __init__(
        self,
        database: Database,
        bot_id: int,
        clock: Clock,
        door: Door,
        health: Health,
        *,
        secret: str | None,
        arrived: Callable[[], None],
    ) -> None:
        self._database, self._bot_id, self._clock, self._arrived = database, bot_id, clock, arrived
        self._door, self._health = door, health
        self._secret = None if secret is None else secret.encode()

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[int]:
        """Listen while the block runs; gives the port, a free one for 0. Raises OSError for a taken one."""
        app = web.Application(client_max_size=LARGEST)
        self._health.add_to(app.router)
        if self._secret is not None:
            app.router.add_post(HOOK_PATH, self._hook)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()

    async def _hook(self, request: web.Request) -> web.Response:
        """Take one update; 200 only after it is in the inbox."""
        given = request.headers.get(SECRET_HEADER, "").encode()
        if self._secret is None or not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
            row = arrival(update)
        except (NoUpdateError, ValueError, RecursionError):
            return web.Response(status=400)
        try:
            with self._door.opened([(row, update)]) as welcome:
                await self._keep(welcome)
        except Exception as error:  # noqa: BLE001  # Telegram keeps the update and sends it again
            log.warning("an update could not be kept", error=where(error))
            return web.Response(status=503, headers={"Retry-After": "5"})
        return web.Response()

    async def _keep(self, arrivals: list[Arrival]) -> None:
        if arrivals:
            async with self._database.write() as tx:
                await inbox.keep(tx, self._bot_id, arrivals, self._clock())
            self._arrived()
