"""When a broadcast begins and ends: against a walk second by second, and never while people sleep."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.zones import Zone, awake
from handlers.broadcasts.timing import span

NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
crowds = st.dictionaries(st.sampled_from(["WIB", "WITA", "WIT"]), st.integers(0, 200_000))


def walked(waiting: dict[str, int], begin: datetime, pace: float) -> tuple[datetime, datetime]:
    """Walk through the days in steps of a minute, as a sender would."""
    left, moment, first, last = {Zone(zone): float(count) for zone, count in waiting.items()}, begin, None, begin
    while sum(left.values()) > 1e-6:
        up = [zone for zone in left if left[zone] > 0 and zone in awake(moment)]
        total = sum(left[zone] for zone in up)
        if up:
            first, sent = first or moment, min(total, pace * 60)
            last = moment + timedelta(seconds=sent / pace)
            left |= {zone: left[zone] * (1 - sent / total) for zone in up}
        moment += timedelta(minutes=1)
    return first or begin, last


def test_nobody_waits() -> None:
    """Without anybody there is nothing to tell."""
    assert span({}, NOON, quiet=True) is None
    assert span({"WIB": 0}, NOON, quiet=False) is None


def test_by_day_it_takes_what_the_pace_allows() -> None:
    """1.200 people at twenty a second take a minute, quiet hours or not."""
    for quiet in (True, False):
        found = span({"WIB": 1000, "WIT": 200}, NOON, quiet=quiet)
        assert found is not None
        assert (found.begins, found.ends) == (NOON, NOON + timedelta(minutes=1))


def test_the_east_wakes_first() -> None:
    """Sent at night, it begins at seven in the east and ends after seven in the west, two hours later."""
    night = datetime(2026, 11, 20, 16, tzinfo=UTC)
    found = span({"WIB": 20, "WIT": 20}, night, quiet=True)
    assert found is not None
    assert found.begins == datetime(2026, 11, 20, 22, tzinfo=UTC)
    assert found.ends == datetime(2026, 11, 21, 0, 0, 1, tzinfo=UTC)
    assert span({"WIB": 20}, night, quiet=False) == span({"WIT": 20}, night, quiet=False)


@given(crowds, moments)
def test_as_a_walk_says(waiting: dict[str, int], begin: datetime) -> None:
    """Begin and end are those of a sender that looks at the clock every minute, to within a few minutes."""
    found = span(waiting, begin, quiet=True)
    if found is None:
        assert sum(waiting.values()) == 0
        return
    first, last = walked(waiting, begin, 20.0)
    assert found.begins == first
    assert abs(found.ends - last) <= timedelta(minutes=3)


@given(crowds, moments, st.floats(1, 28))
def test_it_begins_and_ends_while_somebody_is_awake(waiting: dict[str, int], begin: datetime, pace: float) -> None:
    """With quiet hours the first and the last message fall into the day of a zone in which somebody waits."""
    found = span(waiting, begin, quiet=True, pace=pace)
    if found is not None:
        zones = {Zone(zone) for zone, count in waiting.items() if count}
        assert zones & set(awake(found.begins))
        assert zones & set(awake(found.ends - timedelta(microseconds=1)))
        assert begin <= found.begins <= found.ends
