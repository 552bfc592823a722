"""Time zones of Indonesia: which a province lies in, when people there sleep, and moments as an office writes them.

There is no summer time, so a zone is a fixed distance from UTC. Source: data/zones.csv.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import cache

from conversations.rules.digits import plain
from conversations.rules.tables import rows

EVENING = time(20)
"""From this time on people are left alone."""
MORNING = time(7)
"""From this time on they may be written to."""

_WRITTEN = re.compile(
    r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(20\d\d)[\s,]+(?:jam|pukul|pkl)?[\s.]*(\d{1,2})[:.](\d\d)\s*(wib|wita|wit)?"
)
"""Day, month, year, hour, minute, and the zone where it is named."""


class Zone(StrEnum):
    """One of the three zones from west to east, by the name that stands behind every time of day."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"

    @property
    def clock(self) -> timezone:
        """What its clocks show."""
        return timezone(timedelta(hours=_HOURS[self]), self)


_HOURS = {Zone.WIB: 7, Zone.WITA: 8, Zone.WIT: 9}
"""Hours ahead of UTC (Keppres 41/1987)."""


def zone_of(area: str) -> Zone:
    """Return the zone of an area by its code, of any length; KeyError where it names no province."""
    return _provinces()[area.partition(".")[0]]


def awake(now: datetime) -> tuple[Zone, ...]:
    """Return the zones in which it is day at this moment: not before seven, and before eight in the evening.

    The eastern ones come first: their evening does.
    """
    return tuple(zone for zone in reversed(Zone) if MORNING <= now.astimezone(zone.clock).time() < EVENING)


def at(text: str, zone: Zone) -> datetime | None:
    """Read date and time of day, such as "25-11-2026 08:00", as a moment in UTC; None when they are not there.

    The time is that of `zone` unless the text ends with the name of another one. Dots and slashes are taken, too.
    """
    found = _WRITTEN.fullmatch(plain(text).strip().casefold())
    if found is None:
        return None
    day, month, year, hour, minute = map(int, found.groups()[:5])
    there = Zone(found[6].upper()) if found[6] else zone
    try:
        return datetime(year, month, day, hour, minute, tzinfo=there.clock).astimezone(UTC)
    except ValueError:
        return None


def written(moment: datetime, zone: Zone) -> str:
    """Return a moment as it stands on the clocks of a zone, such as "25-11-2026 08:00 WIB", which `at` reads."""
    return f"{moment.astimezone(zone.clock):%d-%m-%Y %H:%M} {zone}"


@cache
def _provinces() -> dict[str, Zone]:
    return {row["province"]: Zone(row["zone"]) for row in rows("zones")}
