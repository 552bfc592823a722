"""Time zones: provinces, quiet hours at their borders, and moments as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.tables import rows
from conversations.rules.zones import Zone, at, awake, written, zone_of

SECONDS = st.integers(0, 70 * 365 * 24 * 3600)
MOMENTS = SECONDS.map(lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
ZONES = st.sampled_from(Zone)


def test_every_province_has_one_zone() -> None:
    """The 38 provinces are all there once: 18 in the west, 12 in the middle, 8 in the east."""
    provinces = [row["code"] for row in rows("areas/provinces")]
    assert sorted(provinces) == sorted(row["province"] for row in rows("zones"))
    zones = [zone_of(province) for province in provinces]
    assert [zones.count(zone) for zone in Zone] == [18, 12, 8]


@pytest.mark.parametrize(
    ("area", "zone"),
    [
        ("11", Zone.WIB),
        ("33.19.03.2007", Zone.WIB),
        ("61", Zone.WIB),
        ("62", Zone.WIB),
        ("63", Zone.WITA),
        ("64", Zone.WITA),
        ("65", Zone.WITA),
        ("51.71", Zone.WITA),
        ("73", Zone.WITA),
        ("82.05", Zone.WIT),
        ("96", Zone.WIT),
    ],
)
def test_an_area_lies_in_the_zone_of_its_province(area: str, zone: Zone) -> None:
    """Borneo is divided between two zones; a village has the zone of its province."""
    assert zone_of(area) is zone


@pytest.mark.parametrize("area", ["", "99", "33x"])
def test_no_province_no_zone(area: str) -> None:
    """What names no province is not guessed."""
    with pytest.raises(KeyError):
        zone_of(area)


@pytest.mark.parametrize(
    ("utc", "zones"),
    [
        ("2026-11-24T21:59:59.999999", ""),
        ("2026-11-24T22:00:00", "WIT"),
        ("2026-11-24T23:00:00", "WIT WITA"),
        ("2026-11-25T00:00:00", "WIT WITA WIB"),
        ("2026-11-25T10:59:59.999999", "WIT WITA WIB"),
        ("2026-11-25T11:00:00", "WITA WIB"),
        ("2026-11-25T12:00:00", "WIB"),
        ("2026-11-25T13:00:00", ""),
        ("2026-12-31T17:00:00", ""),
    ],
)
def test_the_east_wakes_first(utc: str, zones: str) -> None:
    """Seven in the morning is day, eight in the evening is night, to the microsecond and by each zone's own clock; east first."""
    assert awake(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == tuple(zones.split())


@given(MOMENTS, ZONES, ZONES)
def test_what_is_written_is_read_again(moment: datetime, zone: Zone, other: Zone) -> None:
    """To the minute, whatever zone is asked for: the one that is written counts."""
    assert at(written(moment, zone), other) == moment.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    "text",
    [
        "25-11-2026 08:00",
        "25/11/2026 08.00",
        "25.11.2026, 8:00",
        "25 11 2026 pukul 08.00",
        "25-11-2026 09:00 WITA",
        "25–11–2026  10:00 wit",
        "２５-１１-２０２６ 08:00",
    ],
)
def test_moments_as_people_type_them(text: str) -> None:
    """Eight in the morning in the west, in many spellings."""
    assert at(text, Zone.WIB) == datetime(2026, 11, 25, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "besok", "25-11-2026", "08:00", "31-11-2026 08:00", "25-11-2026 24:00", "25-11-26 08:00", "25-11-2026 8"],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    """Days that do not exist, and halves of a moment, are not guessed."""
    assert at(text, Zone.WIB) is None


@given(st.text() | st.text("0129-/.: wibta"))
def test_never_fails_on_any_text(text: str) -> None:
    """Whatever is sent, nothing or a moment of this century comes back."""
    read = at(text, Zone.WIT)
    assert read is None or 1999 <= read.year <= 2099
