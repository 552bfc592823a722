"""When a broadcast will begin and end: so many people in each time zone, at a pace, outside their quiet hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from conversations.rules.zones import EVENING, MORNING, Zone, awake

STEADY = 20.0  # messages a second while people chat: what can be counted on


@dataclass(frozen=True, slots=True)
class Span:
    """When the first message is sent, and the last."""

    begins: datetime
    ends: datetime


def span(waiting: Mapping[str, int], begin: datetime, *, quiet: bool, pace: float = STEADY) -> Span | None:
    """Return when so many people, by zone, are written to from `begin` on; None where nobody waits.

    With `quiet`, the zones that sleep wait for their morning, and those that are awake share the pace among them.
    """
    left = {Zone(zone): float(count) for zone, count in waiting.items() if count}
    moment, first = begin, None
    while left:
        up = [zone for zone in left if not quiet or zone in awake(moment)]
        total = sum(left[zone] for zone in up)
        first = moment if up and first is None else first
        turn = _next_change(moment)
        room = (turn - moment).total_seconds() * pace if quiet else total
        if up and total <= room:
            moment += timedelta(seconds=total / pace)
            left = {zone: count for zone, count in left.items() if zone not in up}
        else:
            left |= {zone: left[zone] * (1 - room / total) for zone in up}
            moment = turn
    return None if first is None else Span(first, moment)


def _next_change(now: datetime) -> datetime:
    """Return when the people of some zone next wake or go to sleep."""
    days = (now, now + timedelta(days=1))
    changes = [
        datetime.combine(day.astimezone(zone.clock), hour, zone.clock)
        for zone in Zone
        for day in days
        for hour in (MORNING, EVENING)
    ]
    return min(change for change in changes if change > now).astimezone(UTC)
