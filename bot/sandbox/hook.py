"""Delivery by web hook: one update after the other, each again and again until it is taken with a 2xx."""

from __future__ import annotations

import asyncio
import json

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.sandbox.updates import Update
from bot.sandbox.world import World

FIRST_PAUSE = 0.05  # seconds after the first failure, doubled each time
LONGEST_PAUSE = 5.0
_PATIENCE = ClientTimeout(total=60)
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


async def deliver(world: World) -> None:
    """Run until cancelled: hand what waits to the web hook, in order, while one is set."""
    async with ClientSession(timeout=_PATIENCE) as session:
        pause = FIRST_PAUSE
        while True:
            update = world.updates.next() if world.hook.url else None
            if update is None:
                await world.updates.bell.rung()
            elif await _taken(session, world, update):
                world.updates.confirm(update)
                pause = FIRST_PAUSE
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)


async def _taken(session: ClientSession, world: World, update: Update) -> bool:
    hook = world.hook
    headers = {"Content-Type": "application/json"} | ({_SECRET: hook.secret} if hook.secret else {})
    try:
        async with session.post(hook.url, data=json.dumps(update.as_telegram()), headers=headers) as response:
            if response.ok:
                return True
            problem = f"Wrong response from the webhook: {response.status} {response.reason}"
    except (ClientError, TimeoutError) as error:
        problem = f"Connection failed: {type(error).__name__}"
    hook.last_error = (world.now, problem)
    return False
