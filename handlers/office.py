"""The office: what every handler may know that does not change from update to update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from conversations.rules.areas import Areas

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """Who runs the bot and where.

    `operator` and `contact` are shown to people, `area` is the code prefix served, `zone` decides which day it is,
    `admins` are Telegram ids from the settings, `username` is the bot's name in links.
    """

    operator: str
    contact: str
    area: str
    zone: ZoneInfo
    areas: Areas
    username: str
    admins: frozenset[int] = field(default=frozenset(), repr=False)
    clock: Clock = utc_now

    def link(self, payload: str) -> str:
        """Return the link that opens the bot with this start payload."""
        return f"https://t.me/{self.username}?start={payload}"
