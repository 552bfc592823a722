"""What somebody pays next: for which month, and how much at the price of whoever pays."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from conversations.rules import prices
from conversations.rules.prices import Payer, Tier
from conversations.rules.programmes import PAYERS
from conversations.words import Money


def next_month(today: date, paid_until: date | None) -> date:
    """Return the first day of the next contribution month to be paid: this month, or the one after what is paid."""
    first = prices.first_month(today)
    if paid_until is None or paid_until < first:
        return first
    return date(paid_until.year + paid_until.month // 12, paid_until.month % 12 + 1, 1)


@lru_cache(maxsize=256)
def contribution(month: date, tier: str, payer: str, *, transport: bool) -> Money | None:
    """Return what is paid for a month, at the price of whoever pays; None while the package is not chosen."""
    if tier not in {one.value for one in Tier}:
        return None
    return Money(prices.monthly(month, transport, PAYERS.get(payer, Payer.SELF), Tier(tier)))
