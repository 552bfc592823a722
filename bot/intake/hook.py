"""The web hook at Telegram: how it stands, what is wrong with it, and how it is set and taken away.

That is only done when an operator says so. There is one for a bot, and a program started by mistake elsewhere would
take the updates away from those who answer.
"""

from __future__ import annotations

from bot import telegram_types  # noqa: F401  # before anything imports aiogram

# isort: split

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import WebhookInfo

from bot.intake.polling import KINDS, BotApiError, WrongTokenError
from bot.settings import PREFIX, Settings
from bot.watching.logs import redact

PATH = "/hook"
AT_ONCE = 40  # updates that Telegram brings at once; it is its own default
RECENT = timedelta(minutes=5)  # an error that is older says nothing of how things are now


@dataclass(frozen=True, slots=True)
class Hook:
    """The web hook as Telegram has it; without a url it waits to be polled."""

    url: str
    pending: int
    at_once: int | None
    kinds: frozenset[str]
    error: str | None
    failed_at: datetime | None

    @classmethod
    def of(cls, info: WebhookInfo) -> Hook:
        """Read what getWebhookInfo says."""
        return cls(
            info.url,
            info.pending_update_count,
            info.max_connections,
            frozenset(info.allowed_updates or ()),
            info.last_error_message,
            info.last_error_date.astimezone(UTC) if info.last_error_date else None,
        )


def address(settings: Settings) -> str | None:
    """Return where these settings want to be called; None for polling."""
    return settings.hook_url.rstrip("/") + PATH if settings.hook_url else None


async def look(bot: Bot) -> Hook:
    """Ask how the web hook stands. Raises WrongTokenError, BotApiError."""
    with _told("does not say how the web hook stands"):
        return Hook.of(await bot.get_webhook_info())


async def put(bot: Bot, settings: Settings, at_once: int = AT_ONCE) -> None:
    """Let Telegram call the address of these settings; what waits is kept. Raises WrongTokenError, BotApiError."""
    secret = None if settings.hook_secret is None else settings.hook_secret.get_secret_value()
    with _told("did not set the web hook"):
        await bot.set_webhook(
            address(settings) or "",
            secret_token=secret,
            max_connections=at_once,
            allowed_updates=list(KINDS),
            drop_pending_updates=False,
        )


async def drop(bot: Bot) -> None:
    """Take the web hook away, for polling; what waits is kept. Raises WrongTokenError, BotApiError."""
    with _told("did not take the web hook away"):
        await bot.delete_webhook(drop_pending_updates=False)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Put what the Bot API answers into a sentence."""
    try:
        yield
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise WrongTokenError from None
    except TelegramBadRequest as refused:
        raise BotApiError(f"The Bot API {what}: {refused.message}.") from None
    except TelegramAPIError as error:
        raise BotApiError(f"The Bot API {what} ({type(error).__name__}): check the network.") from None


def faults(hook: Hook, wanted: str | None, now: datetime) -> list[str]:
    """Say in sentences what keeps updates from coming as the settings want it; none when all is well."""
    if wanted is None:
        polled = f"A web hook is set at Telegram, so nothing can be polled: `sertakan hook drop`, or {PREFIX}HOOK_URL."
        return [polled] if hook.url else []
    if not hook.url:
        return ["No web hook is set at Telegram: `sertakan hook set`."]
    if hook.url != wanted:
        return [f"The web hook at Telegram is not ours: {redact(hook.url)}. `sertakan hook set` makes it {wanted}."]
    found = []
    if hook.kinds and not hook.kinds.issuperset(KINDS):
        found.append("The web hook does not bring every kind of update: `sertakan hook set`.")
    if hook.failed_at is not None and now - hook.failed_at < RECENT:
        found.append(f"Telegram could not deliver {age(now - hook.failed_at)} ago: {hook.error}. {_hint(hook.error)}")
    return found


def lines(hook: Hook, wanted: str | None, now: datetime) -> tuple[list[str], list[str]]:
    """Return how the web hook stands, in lines, and what is wrong with it."""
    told = [
        f"Web hook: {redact(hook.url) or 'none, the bot polls'}{' (ours)' if hook.url and hook.url == wanted else ''}",
        f"Waiting at Telegram: {hook.pending}",
    ]
    if hook.url:
        told += [f"At once: {hook.at_once}", f"Kinds: {', '.join(sorted(hook.kinds)) or 'Telegram chooses'}"]
    if hook.failed_at is not None:
        told.append(f"Last error: {age(now - hook.failed_at)} ago: {hook.error}")
    return told, faults(hook, wanted, now)


def age(span: timedelta) -> str:
    """Return a span of time in its greatest unit: 40 seconds, 3 minutes, 5 hours, 2 days."""
    seconds = max(0, int(span.total_seconds()))
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} seconds"


def _hint(error: str | None) -> str:
    if "403" in (error or ""):
        return "The secret differs: `sertakan hook set`."
    return "Look at the proxy, at its certificate and at `sertakan serve`."
