"""Areas: names behind codes, scopes, and a search that forgives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules.areas import Area, Areas, Level, within

AREAS = Areas.load("33.19")
KUDUS = [*AREAS.districts("33.19"), *AREAS.villages("33.19")]


def test_counts() -> None:
    """Kudus has 9 districts and 132 villages; the country 38 provinces, 514 regencies, 7.285 districts."""
    everything = Areas.load("")
    levels = [Area(code, "").level for code in everything._codes]
    assert [levels.count(level) for level in Level] == [38, 514, 7285, 0]
    assert (len(AREAS.districts("33.19")), len(AREAS.villages("33.19"))) == (9, 132)
    assert len(AREAS.villages("33.19.03")) == 14


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("33.19.03.2007", "Desa Jati Kulon, Kec. Jati, Kab. Kudus"),
        ("33.19.02.1017", "Kelurahan Kerjasan, Kec. Kota Kudus, Kab. Kudus"),
        ("33.19.03", "Kec. Jati, Kab. Kudus"),
        ("33.19", "Kab. Kudus, Jawa Tengah"),
        ("33.75", "Kota Pekalongan, Jawa Tengah"),
        ("33", "Jawa Tengah"),
    ],
)
def test_describes_in_full(code: str, expected: str) -> None:
    """A village is named with its kind, district and regency."""
    assert AREAS.describe(code) == expected


def test_unknown_codes() -> None:
    """An unknown code is not known, has no name, and is no scope."""
    assert not AREAS.known("33.99")
    assert not AREAS.known("35.01.01.2001")
    with pytest.raises(KeyError):
        AREAS.name("33.99")
    for scope in ("33.99", "99", "x"):
        with pytest.raises(ValueError, match="unknown area code"):
            Areas.load(scope)


@pytest.mark.parametrize("scope", ["11", "31.71", "33.10", "33.17", "33.75", "35.29.22", "91.03.01"])
def test_other_scopes_load(scope: str) -> None:
    """Any operator's area brings the villages of its province."""
    areas = Areas.load(scope)
    village = areas.villages(scope)[0]
    assert within(village.code, scope)
    assert village.name in areas.describe(village.code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jati kulon", "33.19.03.2007"),
        ("JATIKULON", "33.19.03.2007"),
        ("ds. Jati Kulon", "33.19.03.2007"),
        ("desa jati kulon", "33.19.03.2007"),
        ("jtai kulon", "33.19.03.2007"),
        ("jati kolon", "33.19.03.2007"),
        ("kelurahan mlati kidul", "33.19.02.1008"),
        ("loram kulon, kec jati", "33.19.03.2009"),
        ("kec. jati", "33.19.03"),
        ("kecamatan gebog", "33.19.08"),
        ("ｊａｔｉ ｋｕｌｏｎ", "33.19.03.2007"),
    ],
)
def test_finds_what_is_meant(text: str, expected: str) -> None:
    """Case, blanks, titles and small slips do not matter."""
    assert AREAS.find(text, "33.19")[0].code == expected


def test_finds_within_the_scope_only() -> None:
    """A village of another regency is not offered, and nonsense finds nothing."""
    assert all(within(area.code, "33.10") for area in AREAS.find("jati kulon", "33.10"))
    assert AREAS.find("xyzzy", "33.19") == []
    assert AREAS.find("desa", "33.19") == []
    assert AREAS.find("", "33.19") == []


def test_what_does_not_fit_takes_no_place_among_the_best() -> None:
    """In a province with many villages called Jati, the districts of that name are all found."""
    java = Areas.load("33")
    found = java.find("jati", "33", fits=lambda area: area.level is Level.DISTRICT)
    assert {"33.16.01", "33.19.03"} <= {area.code for area in found}
    assert {area.level for area in found} == {Level.DISTRICT}


@given(st.sampled_from(KUDUS))
def test_every_area_finds_itself(area: Area) -> None:
    """The exact name brings the area among the first; a few names occur twice."""
    assert area in AREAS.find(area.name.upper(), "33.19")[:3]


@given(st.text())
def test_never_fails_on_any_text(text: str) -> None:
    """Whatever is sent, at most eight areas come back."""
    assert len(AREAS.find(text, "33.19")) <= 8


def test_within_cuts_at_dots() -> None:
    """33.1 does not hold 33.19, and the empty scope holds everything."""
    assert within("33.19.03", "33.19")
    assert within("33.19", "33.19")
    assert within("33.19", "")
    assert not within("33.19", "33.1")
    assert not within("33", "33.19")


def test_a_code_that_is_gone_is_described_by_what_it_lay_in() -> None:
    """A village that was renamed or divided never breaks the message about a registration that waits there."""
    assert AREAS.describe("33.19.03.9999") == "Kec. Jati, Kab. Kudus"
    assert AREAS.describe("99.99.99.9999") == "99.99.99.9999"
