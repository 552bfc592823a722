"""What programmes and pledges come to, in words and in rupiah, and the kinds of answer they are made of."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from conversation_table import Table, context_on
from hypothesis import given
from hypothesis import strategies as st

from conversations import FLOWS, events, replies
from conversations.flow import Refused, Taken
from conversations.kinds import MonthPick, VillageShares
from conversations.kinds.month import read as read_month
from conversations.kinds.shares import equal
from conversations.outlook import Group, Plan, consequence, due
from conversations.rules import prices
from conversations.rules.prices import Payer, Tier
from conversations.words import Month
from locales import words

JANUARY = date(2027, 1, 1)
TIERS = st.sampled_from(Tier)
MONTHS = st.dates(date(2026, 1, 1), date(2028, 12, 1)).map(lambda day: day.replace(day=1))


def said(plan: Plan) -> str:
    """The consequence in Indonesian."""
    return words("id").plain(consequence(plan))


def test_the_money_of_kudus_is_not_enough_for_all() -> None:
    """26.000 people for a year cost more than five billion, and the bot says for how many it lasts."""
    plan = Plan(Tier.BASIC, 12, JANUARY, people=26_000, budget=5_000_000_000)
    assert said(plan) == (
        "26.000 orang × 12 bulan × Rp16.800 = Rp5.241.600.000; anggaran Rp5.000.000.000 cukup untuk 24.801 orang"
    )


def test_every_limit_is_told() -> None:
    """Person-months and budgets that last for all are said to; without people only one person's price is known."""
    plan = Plan(Tier.WITH_JHT, 6, JANUARY, people=10, person_months=59, budget=10 * 6 * 36_800)
    assert said(plan) == (
        "10 orang × 6 bulan × Rp36.800 = Rp2.208.000; 59 orang-bulan cukup untuk 9 orang; anggaran Rp2.208.000 cukup untuk semua"
    )
    assert said(Plan(Tier.BASIC, 3, JANUARY)) == "3 bulan untuk satu orang: Rp50.400"


@given(
    TIERS,
    st.integers(1, 12),
    MONTHS,
    st.none() | st.integers(1, 10**6),
    st.none() | st.integers(1, 10**7),
    st.none() | st.integers(1, 10**13),
)
def test_nobody_is_promised_what_the_money_does_not_last_for(
    tier: Tier, months: int, first: date, people: int | None, person_months: int | None, budget: int | None
) -> None:
    """Of each limit that is set it is said for how many it lasts: they can be paid, and one more could not."""
    plan = Plan(tier, months, first, people, person_months, budget)
    told = re.findall(r"(orang-bulan|anggaran).*? cukup untuk (semua|[0-9.]+ orang)", said(plan))
    assert [what for what, _count in told] == [
        what for what, limit in (("orang-bulan", person_months), ("anggaran", budget)) if limit is not None
    ]
    for what, count in told:
        limit, each = (person_months, months) if what == "orang-bulan" else (budget, plan.each)
        assert limit is not None
        if count == "semua":
            assert people is not None
            assert people * each <= limit
        else:
            number = int(count.removesuffix(" orang").replace(".", ""))
            assert number * each <= limit < (number + 1) * each
            assert people is None or number < people


@given(TIERS, st.lists(st.builds(Group, MONTHS, st.integers(1, 12), st.integers(1, 50)), max_size=6))
def test_what_is_due_is_the_sum_of_every_persons_months(tier: Tier, groups: list[Group]) -> None:
    """The stretches do not overlap, and together they are what all people cost at the full price."""
    stretches = due(groups, tier)
    months = [
        prices.later(one.first, ahead)
        for one in stretches
        for ahead in range(24)
        if prices.later(one.first, ahead) <= one.last
    ]
    assert len(months) == len(set(months))
    total = sum(one.rupiah for one in stretches for ahead in range(24) if prices.later(one.first, ahead) <= one.last)
    assert total == sum(
        one.people * prices.total(one.first_month, one.months, transport=False, payer=Payer.APBD, tier=tier)
        for one in groups
    )


@pytest.mark.parametrize(
    "text", ["Januari 2027", "jan 2027", "01/2027", "1-2027", "2027-01", "2027-01-01", "Jan. 2027"]
)
def test_months_are_read_as_they_are_written(text: str) -> None:
    """A month may be named or numbered."""
    assert read_month(text) == JANUARY


@given(MONTHS, st.sampled_from(["id", "en"]))
def test_the_months_that_the_bot_writes_are_read(month: date, language: str) -> None:
    """What stands in a question can be typed back."""
    assert read_month(words(language).plain(Month(month))) == month


@given(st.text(max_size=30))
def test_no_text_is_a_month_out_of_bounds(text: str) -> None:
    """Whatever is typed is refused, or a month that holds."""
    kind = MonthPick(lambda _answers, _context: JANUARY, lambda _answers, _context: [])
    reading = kind.read(events.Typed(text, 1), None, {}, context_on())
    assert isinstance(reading, Refused) or (isinstance(reading, Taken) and kind.holds(reading.value, {}, context_on()))


def test_a_month_too_early_is_refused() -> None:
    """A month before the first one possible is refused with both ends named."""
    kind = MonthPick(lambda _answers, _context: JANUARY, lambda _answers, _context: [])
    reading = kind.read(events.Typed("Des 2026", 1), None, {}, context_on())
    assert isinstance(reading, Refused)
    assert "Januari 2027" in words("id").plain(reading.why)


def test_shares_are_read_by_village() -> None:
    """Each line is a village and its places; doubled, unknown and ambiguous villages are named, and too many refused."""
    kind, context = VillageShares(lambda _a, _c: "33.19", lambda _answers: 100), context_on()

    def read(text: str) -> object:
        reading = kind.read(events.Typed(text, 1), None, {}, context)
        return reading.value if isinstance(reading, Taken) else words("en").plain(reading.why)  # type: ignore[union-attr]

    assert read("Jati Kulon: 40\nDs. Mlati Lor = 25\n") == {"33.19.03.2007": 40, "33.19.02.2010": 25}
    assert "“Atlantis: 3”" in str(read("Jati Kulon: 4\nAtlantis: 3"))
    assert "“jati kulon : 5”" in str(read("Jati Kulon: 4\njati kulon : 5"))
    assert "102" in str(read("Jati Kulon: 102"))


@given(st.integers(0, 10_000), st.integers(1, 150))
def test_equal_shares_lose_nobody(people: int, villages: int) -> None:
    """Shared out equally, no village differs by more than one, and all places are given."""
    shares = equal(people, [f"33.19.01.{number}" for number in range(villages)])
    assert sum(shares.values()) == people
    assert max(shares.values()) - min(shares.values()) <= 1


def test_the_governments_money_has_a_limit() -> None:
    """Where APBD pays and neither people nor months are limited, the budget cannot be left open."""
    table = Table(FLOWS["programme"], context_on())
    table.happens(events.Started())
    table.types("Jamsostek Kudus")
    for option in ("apbd", "whole", "basic", "12", "2026-11-01", "2027-10-01", "skip", "skip"):
        table.presses(option)
    assert table.question.step == "budget"
    assert [button.option for row in table.question.rows for button in row] == ["!back"]
    table.types("5 miliar")
    assert table.question.step == "jobs"


def test_typing_a_kind_of_work_ticks_it() -> None:
    """In a long list, what is typed is found and ticked; typed again it is unticked."""
    table = Table(FLOWS["programme"], context_on())
    table.happens(events.Started())
    table.types("Jamsostek Kudus")
    for option in ("apbd", "whole", "basic", "12", "2026-11-01", "2027-10-01"):
        table.presses(option)
    table.types("100")
    table.presses("skip")
    table.presses("skip")
    table.types("tukang ojek pangkalan")
    table.types("petani")
    table.presses("done")
    assert table.session is not None
    assert table.session.answers["jobs"] == ["ojek", "farmer"]


def test_a_pledge_shows_the_full_price_as_the_sure_one() -> None:
    """The full price is the figure, the discount is said to be uncertain, and nothing is pledged by saying no."""
    table = Table(FLOWS["pledge"], context_on())
    table.happens(events.Started())
    table.presses("sponsor")
    table.types("Bu Sri")
    table.presses("whole")
    table.types("3")
    table.presses("basic")
    table.presses("12")
    shown = words("id").plain(table.question.text)
    assert "Rp604.800" in shown
    assert "Rp554.400. BPJS yang menentukan" in shown
    table.presses("no")
    assert isinstance(table.said[-1], replies.Finished)
    assert table.said[-1].outcome == "declined"


def test_a_province_is_parted_into_regencies() -> None:
    """Whoever serves a province may make a programme for one of its regencies, found by its name."""
    table = Table(FLOWS["programme"], replace(context_on(), area="33"))
    table.happens(events.Started())
    table.types("Jamsostek Rembang")
    table.presses("apbd")
    table.presses("regency")
    table.types("rembang")
    table.presses("33.17")
    assert table.question.step == "tier"
