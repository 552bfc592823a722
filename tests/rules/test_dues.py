"""What is paid next, and for which month."""

from __future__ import annotations

from datetime import date

from conversations.rules import dues
from conversations.words import Money


def test_the_month_to_be_paid_follows_what_is_paid() -> None:
    """The next month is this one, or the one after what is paid, also over the end of a year."""
    today = date(2026, 11, 20)
    assert dues.next_month(today, None) == date(2026, 11, 1)
    assert dues.next_month(today, date(2026, 9, 30)) == date(2026, 11, 1)
    assert dues.next_month(today, date(2026, 11, 30)) == date(2026, 12, 1)
    assert dues.next_month(today, date(2026, 12, 31)) == date(2027, 1, 1)


def test_the_contribution_is_the_payers_price_in_that_month() -> None:
    """Half price ends when the table says so, never holds for the government, and no package has no price."""
    november, january, april = date(2026, 11, 1), date(2027, 1, 1), date(2027, 4, 1)
    priced = dues.contribution
    assert priced(november, "basic", "self", transport=False) == Money(8_400)
    assert priced(january, "basic", "self", transport=False) == Money(16_800)
    assert priced(january, "basic", "company", transport=True) == Money(8_400)
    assert priced(april, "with_jht", "unknown", transport=True) == Money(36_800)
    assert priced(november, "basic", "apbd", transport=False) == Money(16_800)
    assert priced(november, "undecided", "self", transport=False) is None
