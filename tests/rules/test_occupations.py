"""Occupations: what people say, which trade it is, and which have the transport price."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules import occupations
from conversations.rules.tables import rows


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ngojek", "ojek"),
        ("grab", "ojek_online"),
        ("ojol", "ojek_online"),
        ("saya driver gojek", "ojek_online"),
        ("kurir shopee", "courier"),
        ("sopir truk", "driver"),
        ("tukang becak", "becak"),
        ("kernet", "driver_mate"),
        ("pedagang sayur di pasar", "market_trader"),
        ("jualan bakso", "street_vendor"),
        ("saya jualan bakso keliling", "street_vendor"),
        ("Gorengan", "street_vendor"),
        ("warung kopi", "stall"),
        ("tani", "farmer"),
        ("buruh tani", "farm_worker"),
        ("nelayn", "fisher"),
        ("ternak kambing", "livestock"),
        ("mbatik", "batik"),
        ("jahit baju", "tailor"),
        ("tukang batu", "builder"),
        ("tukang kayu", "carpenter"),
        ("bengkel motor", "workshop"),
        ("ART", "household"),
        ("tukang cukur", "salon"),
        ("pemullung", "scavenger"),
        ("jukir", "parking"),
        ("marbott", "mosque"),
        ("guru ngaji di kampung", "religion_teacher"),
        ("relawan bencana", "volunteer"),
        ("sinden", "artist"),
        ("kader posyandu", "community"),
        ("dukun bayi", "massage"),
        ("tukang foto", "photographer"),
        ("kerja serabutan", "day_labourer"),
        ("linting rokok", "home_worker"),
        ("katering", "cook"),
        ("konten kreator", "creator"),
    ],
)
def test_finds_what_is_meant(text: str, code: str) -> None:
    """Everyday words, dialect and small slips lead to the trade first."""
    assert occupations.find(text)[0].code == code


@pytest.mark.parametrize("text", ["", "   ", "xyzzy", "pns", "karyawan pabrik", "saya kerja", "123456"])
def test_finds_nothing_where_nothing_fits(text: str) -> None:
    """An employee's job, fillers and nonsense give no trade, so that the person is asked again."""
    assert occupations.find(text) == []


def test_every_word_in_the_list_finds_its_trade() -> None:
    """No word leads elsewhere, and none stands in two trades."""
    words = [(word, row["code"]) for row in rows("occupations") for word in row["words"].split(";")]
    assert len({word for word, _ in words}) == len(words)
    assert [(word, code) for word, code in words if occupations.find(word)[0].code != code] == []


def test_only_confirmed_trades_have_the_transport_price() -> None:
    """Ojek, couriers and drivers are confirmed; for pedicabs and drivers' mates nobody has said so."""
    every = occupations.all_()
    assert {job.code for job in every if job.transport} == {"ojek_online", "ojek", "courier", "driver"}
    assert {row["code"] for row in rows("occupations") if row["transport"] == "?"} == {"becak", "driver_mate"}


def test_the_list_is_complete() -> None:
    """About forty trades, each with its own code and label, and each found by its code."""
    every = occupations.all_()
    assert len(every) == len({job.code for job in every}) == len({job.label.sentence for job in every}) >= 30
    assert all(occupations.get(job.code) is job and job.department for job in every)
    assert occupations.get("astronaut") is None


@given(st.text())
def test_never_fails_on_any_text(text: str) -> None:
    """Whatever is sent, at most five trades come back."""
    assert len(occupations.find(text)) <= 5
