"""Delivery by web hook: each queue in its order, several at a time, each update again and again until it is taken with a 2xx.

As in telegram-bot-api (WebhookActor.cpp): what was refused is tried again with growing pauses, not before the
answer's Retry-After, and so many updates are looked at as twice the connections.
"""

from __future__ import annotations

import asyncio
import json

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.sandbox.updates import Queue, Update
from bot.sandbox.world import World

FIRST_PAUSE = 0.05  # seconds after the first failure, doubled each time
LONGEST_PAUSE = 5.0
_PATIENCE = ClientTimeout(total=60)
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


async def deliver(world: World) -> None:
    """Run until cancelled: hand what waits to the web hook, while one is set."""
    busy: set[Queue] = set()
    async with ClientSession(timeout=_PATIENCE) as session, asyncio.TaskGroup() as deliveries:
        while True:
            for update in world.updates.first(2 * world.hook.max_connections) if world.hook.url else ():
                if update.queue not in busy and len(busy) < world.hook.max_connections:
                    busy.add(update.queue)
                    deliveries.create_task(_deliver(session, world, update, busy))
            await world.updates.bell.rung()


async def _deliver(session: ClientSession, world: World, update: Update, busy: set[Queue]) -> None:
    """Bring one update until it is taken, or the web hook is another."""
    hook, pause = world.hook, FIRST_PAUSE
    while world.hook is hook and (wait := await _refused(session, world, update)) is not None:
        await asyncio.sleep(max(wait, pause))
        pause = min(2 * pause, LONGEST_PAUSE)
    if world.hook is hook:
        world.updates.confirm(update)
    busy.discard(update.queue)
    world.updates.bell.ring()


async def _refused(session: ClientSession, world: World, update: Update) -> float | None:
    """Bring an update; None when it was taken, else for how many seconds the other side does not want it."""
    hook, wait = world.hook, 0.0
    headers = {"Content-Type": "application/json"} | ({_SECRET: hook.secret} if hook.secret else {})
    try:
        async with session.post(hook.url, data=json.dumps(update.as_telegram()), headers=headers) as response:
            if response.ok:
                return None
            problem = f"Wrong response from the webhook: {response.status} {response.reason}"
            later = response.headers.get("Retry-After", "")
            wait = float(later) if later.isdecimal() else 0.0
    except (ClientError, TimeoutError) as error:
        problem = f"Connection failed: {type(error).__name__}"
    hook.last_error = (world.now, problem)
    return wait
