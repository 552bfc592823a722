"""Prices: the three sums, every boundary month of the discount, and the shape of the table."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.rules import prices
from conversations.rules.prices import Payer, Tier, monthly, quote, total

NOVEMBER = date(2026, 11, 1)
months = st.dates(date(2024, 1, 1), date(2032, 12, 31))
payers = st.sampled_from(Payer)
tiers = st.sampled_from(Tier)


@pytest.mark.parametrize(
    ("transport", "payer", "rupiah"),
    [
        (False, Payer.SELF, 184_800),
        (True, Payer.SELF, 159_600),
        (False, Payer.APBD, 201_600),
        (True, Payer.APBD, 201_600),
        (True, Payer.SPONSOR, 159_600),
    ],
)
def test_a_year_from_november_2026(transport: bool, payer: Payer, rupiah: int) -> None:
    """2×8.400 + 10×16.800, 5×8.400 + 7×16.800, and the full price where the state pays."""
    assert total(NOVEMBER, 12, transport, payer, Tier.BASIC) == rupiah


def test_kudus_counts_in_person_months() -> None:
    """26.000 people for a year cost Rp5.241.600.000; Rp5 billion lasts 11,4 months."""
    people = 26_000
    assert people * total(NOVEMBER, 12, transport=False, payer=Payer.APBD, tier=Tier.BASIC) == 5_241_600_000
    a_month = people * monthly(NOVEMBER, transport=False, payer=Payer.APBD, tier=Tier.BASIC)
    assert round(5_000_000_000 / a_month, 1) == 11.4


@pytest.mark.parametrize(
    ("transport", "month", "rupiah"),
    [
        (True, date(2025, 12, 31), 16_800),
        (True, date(2026, 1, 1), 8_400),
        (True, date(2026, 3, 31), 8_400),
        (True, date(2026, 4, 1), 8_400),
        (True, date(2026, 12, 31), 8_400),
        (True, date(2027, 1, 1), 8_400),
        (True, date(2027, 3, 31), 8_400),
        (True, date(2027, 4, 1), 16_800),
        (False, date(2025, 12, 31), 16_800),
        (False, date(2026, 1, 1), 16_800),
        (False, date(2026, 3, 31), 16_800),
        (False, date(2026, 4, 1), 8_400),
        (False, date(2026, 12, 31), 8_400),
        (False, date(2027, 1, 1), 16_800),
        (False, date(2027, 4, 1), 16_800),
    ],
)
def test_every_boundary_of_the_discount(transport: bool, month: date, rupiah: int) -> None:
    """The first and the last day of each period, for both tiers: JHT is never reduced, APBD never pays half."""
    assert monthly(month, transport, Payer.SELF, Tier.BASIC) == rupiah
    assert monthly(month, transport, Payer.SPONSOR, Tier.WITH_JHT) == rupiah + 20_000
    assert monthly(month, transport, Payer.APBD, Tier.BASIC) == 16_800
    assert monthly(month, transport, Payer.APBD, Tier.WITH_JHT) == 36_800


@given(months, st.integers(1, 24), st.booleans(), payers, tiers)
def test_a_total_is_the_sum_of_its_months(month: date, count: int, transport: bool, payer: Payer, tier: Tier) -> None:
    """A period is nothing but its months, wherever it begins, and is never dearer than the law's price."""
    index = month.year * 12 + month.month - 1
    days = [date((index + n) // 12, (index + n) % 12 + 1, 15) for n in range(count)]
    assert total(month, count, transport, payer, tier) == sum(monthly(day, transport, payer, tier) for day in days)
    assert total(month, count, transport, payer, tier) <= count * prices.base(tier, month)


@given(months, st.booleans(), payers)
def test_a_quote_says_what_the_months_say(month: date, transport: bool, payer: Payer) -> None:
    """Both offers, all periods and the end of the discount agree with the table."""
    offered = quote(month, transport, payer)
    assert offered.first_month == month.replace(day=1)
    assert offered.sources
    for tier in Tier:
        offer = offered.of(tier)
        assert offer.monthly == offer.totals[1] == monthly(month, transport, payer, tier)
        assert offer.totals == {n: total(month, n, transport, payer, tier) for n in (1, 3, 6, 12)}
        assert (offered.half_price_until is not None) == (offer.monthly < offer.base)
    if offered.half_price_until:
        end = offered.half_price_until
        after = date(end.year + end.month // 12, end.month % 12 + 1, 1)
        assert monthly(end, transport, payer, Tier.BASIC) == 8_400
        assert monthly(after, transport, payer, Tier.BASIC) == 16_800


def test_today_s_quote() -> None:
    """On 20 November 2026 a trader pays half until December, an ojek driver until March, the state never."""
    first = prices.first_month(date(2026, 11, 20))
    trader, driver, state = (
        quote(first, *case) for case in ((False, Payer.SELF), (True, Payer.SELF), (True, Payer.APBD))
    )
    assert first == NOVEMBER
    assert (trader.basic.monthly, trader.with_jht.monthly) == (8_400, 28_400)
    assert (trader.basic.base, trader.with_jht.base) == (16_800, 36_800)
    assert (trader.half_price_until, driver.half_price_until) == (date(2026, 12, 1), date(2027, 3, 1))
    assert (state.half_price_until, state.basic.monthly) == (None, 16_800)
    assert "PP 50/2025" in trader.sources[0].name
    assert prices.periods() == (1, 3, 6, 12)


def test_no_two_rows_contradict_each_other() -> None:
    """No two rows of a kind cover the same programme, sector, payer and month."""
    for one, other in combinations(prices._table(), 2):
        if (one.kind, one.programme) != (other.kind, other.programme):
            continue
        same_sector = None in (one.transport, other.transport) or one.transport == other.transport
        same_payer = None in (one.public, other.public) or one.public == other.public
        begins = max(one.first or date.min, other.first or date.min)
        ends = min(one.last or date.max, other.last or date.max)
        assert not (same_sector and same_payer and begins <= ends)


def test_a_period_has_at_least_one_month() -> None:
    """Zero months have no price."""
    with pytest.raises(ValueError, match="at least one month"):
        total(NOVEMBER, 0, transport=False, payer=Payer.SELF, tier=Tier.BASIC)
