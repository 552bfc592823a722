"""The listener: the pages of health, and the web hook where one is set. Loopback by default; a proxy stands in front."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.intake import hook
from bot.intake.arrivals import Arrivals, NotKeptError
from bot.intake.door import Door
from bot.intake.polling import NoUpdateError, arrival
from bot.watching.health import Health

LARGEST = 1024 * 1024  # bytes of an update; Telegram's are far smaller
LATER = "5"  # seconds after which Telegram is to come again
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name


class Listener:
    """Shows the pages of health and, with a secret, takes updates at /hook."""

    def __init__(self, arrivals: Arrivals, door: Door, health: Health, secret: str | None) -> None:
        self._arrivals, self._door, self._health = arrivals, door, health
        self._secret = None if secret is None else secret.encode()

    @asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[int]:
        """Listen while the block runs; gives the port, a free one for 0. Raises OSError for a taken one."""
        app = web.Application(client_max_size=LARGEST)
        self._health.add_to(app.router)
        if self._secret is not None:
            app.router.add_post(hook.PATH, self._hook)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()

    async def _hook(self, request: web.Request) -> web.Response:
        """Take one update; 200 only after it is in the inbox."""
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if self._secret is None or not hmac.compare_digest(given, self._secret):
            return web.Response(status=403)
        if request.content_type != "application/json":
            return web.Response(status=415)
        try:
            update = json.loads(await request.read())
            row = arrival(update)
        except (NoUpdateError, ValueError, RecursionError):
            return web.Response(status=400)
        try:
            with self._door.opened([(row, update)]) as welcome:
                for one in welcome:
                    await self._arrivals.keep(one)
        except NotKeptError:
            return web.Response(status=503, headers={"Retry-After": LATER})
        return web.Response()
