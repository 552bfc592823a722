"""The office: what every handler may know that does not change from update to update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from conversations.rules.areas import Areas
from conversations.rules.zones import Zone, zone_of
from handlers.handover.mapping import Mapping, default

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """Who runs the bot and where.

    `operator` and `contact` are shown to people, `area` is the code prefix served, `zone` decides which day it is,
    `admins` are Telegram ids from the settings, `username` is the bot's name in links,
    `escalate_after_days` how long a registration may wait before admins hear of it,
    `messages_a_week` how many messages a person may get in seven days from broadcasts and campaigns, but for necessary ones,
    `broadcast_alone` up to how many recipients one admin may send to without a second one,
    `solved` holds the words for work that admins have matched, and is renewed by a round,
    `mapping` says which columns the file for BPJS has.
    """

    operator: str
    contact: str
    area: str
    zone: ZoneInfo
    areas: Areas
    username: str
    admins: frozenset[int] = field(default=frozenset(), repr=False)
    clock: Clock = utc_now
    escalate_after_days: int = 3
    messages_a_week: int = 2
    broadcast_alone: int = 500
    solved: dict[str, str] = field(default_factory=dict, repr=False)
    mapping: Mapping = field(default_factory=default)

    def zone_of(self, area: str = "") -> Zone:
        """Return the time zone of an area by its code, else that of the office; western time where it serves them all."""
        known = area or self.area
        return zone_of(known) if known else Zone.WIB

    def link(self, payload: str) -> str:
        """Return the link that opens the bot with this start payload."""
        return f"https://t.me/{self.username}?start={payload}"
