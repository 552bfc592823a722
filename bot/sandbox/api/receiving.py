"""Bot API methods by which the bot receives: long polling and the web hook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from yarl import URL

from bot.sandbox.parameters import Parameters
from bot.sandbox.refusals import Refusal, bad_request
from bot.sandbox.updates import BATCH
from bot.sandbox.world import Hook, World

Json = dict[str, Any]

MOST_AT_ONCE = 100  # connections of a web hook
_LONGEST_POLL = 50  # seconds
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


async def get_updates(world: World, parameters: Parameters) -> Sequence[Json]:
    """The method getUpdates; refused while a web hook is set."""
    if world.hook.url:
        raise Refusal(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    _allow(world, parameters)
    limit = min(max(parameters.number("limit") or BATCH, 1), BATCH)
    timeout = min(parameters.number("timeout") or 0, _LONGEST_POLL)
    return await world.updates.poll(parameters.number("offset") or 0, limit, timeout)


def set_webhook(world: World, parameters: Parameters) -> bool:
    """The method setWebhook; unlike Telegram's it also takes http, and it only takes addresses of this computer."""
    url = parameters.text("url") or ""
    if url and not loopback(url):
        raise bad_request("bad webhook: the sandbox delivers to this computer only")
    secret = parameters.text("secret_token") or ""
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    _allow(world, parameters)
    _drop(world, parameters)
    world.hook = Hook(url, secret, min(max(parameters.number("max_connections") or 40, 1), MOST_AT_ONCE))
    world.updates.bell.ring()
    return True


def delete_webhook(world: World, parameters: Parameters) -> bool:
    """The method deleteWebhook."""
    _drop(world, parameters)
    world.hook = Hook()
    return True


def get_webhook_info(world: World, _: Parameters) -> Json:
    """The method getWebhookInfo."""
    info: Json = {
        "url": world.hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }
    if world.hook.url:
        info["max_connections"] = world.hook.max_connections
        info["ip_address"] = "127.0.0.1"
    if world.hook.last_error:
        info["last_error_date"], info["last_error_message"] = world.hook.last_error
    if world.updates.allowed:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


def loopback(url: str) -> bool:
    """Whether `url` points to this computer."""
    try:
        host = URL(url).host or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _allow(world: World, parameters: Parameters) -> None:
    kinds = parameters.tree("allowed_updates", "allowed updates")
    if isinstance(kinds, list):
        world.updates.allowed = frozenset(map(str, kinds))


def _drop(world: World, parameters: Parameters) -> None:
    if parameters.flag("drop_pending_updates"):
        world.updates.drop()
