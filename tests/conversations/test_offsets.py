"""When a reminder comes, as an admin types it."""

from __future__ import annotations

import pytest
from conversation_table import context_on

from conversations.campaign import campaign
from conversations.events import Pressed, Typed
from conversations.flow import Refused, Taken
from conversations.kinds.offsets import Offsets, written
from locales import words

CONTEXT = context_on()


@pytest.mark.parametrize(
    ("code", "typed", "offsets"),
    [
        ("unfinished", "1 jam, 1 hari, 3 hari", [1, 24, 72]),
        ("unfinished", "2 Jam; 1 hari dan 1 minggu", [2, 24, 168]),
        ("unfinished", "1,24,72", [1, 24, 72]),
        ("unfinished", "setelah 1 hour, 2 days, 3 days", [1, 48, 72]),
        ("payment", "10", [10]),
        ("payment", "10 hari", [10]),
        ("payment", "2 minggu", [14]),
        ("payment", "H-7", [7]),
        ("correction", "1, 5", [1, 5]),
        ("digest", "7", [7]),
        ("digest", "pukul 09:00", [9]),
    ],
)
def test_times_are_read_as_people_write_them(code: str, typed: str, offsets: list[int]) -> None:
    """Hours, days and weeks, with or without words around them."""
    read = Offsets(campaign).read(Typed(typed, 1), None, {"code": code}, CONTEXT)
    assert read == Taken(offsets)


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("unfinished", "1 jam"),  # three are needed
        ("unfinished", "3 hari, 1 hari, 1 jam"),
        ("unfinished", "1 jam, 1 jam, 3 hari"),
        ("unfinished", "1 jam, 1 hari, 2 bulan"),
        ("unfinished", "1 jam, 1 hari, 31 hari"),
        ("payment", "400"),
        ("payment", "besok"),
        ("digest", "12"),
        ("digest", ""),
    ],
)
def test_other_times_are_refused_with_an_example(code: str, typed: str) -> None:
    """Too few, not growing, out of bounds or unreadable: the refusal says what is possible."""
    read = Offsets(campaign).read(Typed(typed, 1), None, {"code": code}, CONTEXT)
    assert isinstance(read, Refused)
    assert words("en").plain(written(campaign({"code": code}).unit, campaign({"code": code}).offsets)) in words(
        "en"
    ).plain(read.why)


def test_the_usual_is_one_tap_away() -> None:
    """The button gives the usual times; a forged one does not."""
    kind, answers = Offsets(campaign), {"code": "unfinished"}
    assert kind.read(Pressed("offsets", "usual", 1), None, answers, CONTEXT) == Taken([1, 24, 72])
    assert isinstance(kind.read(Pressed("offsets", "1,2,3", 1), None, answers, CONTEXT), Refused)
