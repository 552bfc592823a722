"""Contributions: what a person pays, as a function of contribution month, sector, payer and programmes.

The dated table is data/prices.csv: a `base` row is the price in the law, a `discount` row replaces it for the sector,
the payer and the months it names. Both months of a row belong to it; an empty one means that the row has no such end.
Amounts are rupiah for one person and one month, at the lowest income base of Rp1.000.000. A contribution month is the
month that is covered, and any day in it may stand for it. A period is the sum of its months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from itertools import takewhile
from typing import NamedTuple

from conversations.rules.tables import Source, document, rows, source


class Payer(Enum):
    """Who pays the contribution; where nobody knows yet, ask for the price with `SELF`."""

    SELF = "self"
    SPONSOR = "sponsor"
    APBD = "apbd"

    @property
    def public(self) -> bool:
        """Whether the money is the state's, which excludes the half price (data/payment.toml)."""
        return self.value == str(document("payment")["excluded"]["payer"])


class Tier(Enum):
    """Which programmes are paid for: JKK and JKM, or JHT as well."""

    BASIC = "basic"
    WITH_JHT = "with_jht"

    @property
    def programmes(self) -> tuple[str, ...]:
        """The programmes of this tier, as the price table names them."""
        return ("jkk", "jkm", "jht") if self is Tier.WITH_JHT else ("jkk", "jkm")


@dataclass(frozen=True, slots=True)
class Offer:
    """What one tier costs in rupiah: `monthly` in the first month, `base` in the law, `totals` by months ahead."""

    tier: Tier
    monthly: int
    base: int
    totals: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Quote:
    """What both tiers cost from `first_month` on.

    `half_price_until` is the first day of the last month of the discount that holds in the first month, None at full
    price. `sources` are those of every price in the first month.
    """

    first_month: date
    transport: bool
    payer: Payer
    basic: Offer
    with_jht: Offer
    half_price_until: date | None
    sources: tuple[Source, ...]

    def of(self, tier: Tier) -> Offer:
        """The offer for one tier."""
        return self.basic if tier is Tier.BASIC else self.with_jht


def periods() -> tuple[int, ...]:
    """How many months can be paid at once: 1, 3, 6 or 12."""
    return tuple(document("payment")["ahead"]["months"])


def later(month: date, months: int) -> date:
    """The first day of the month `months` after the one that holds `month`."""
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)


def first_month(today: date) -> date:
    """The first day of the first contribution month for someone who registers on `today`."""
    return later(today, document("payment")["first"]["months_after_registration"])


@cache
def monthly(month: date, transport: bool, payer: Payer, tier: Tier) -> int:  # noqa: FBT001 - a fact, not a switch
    """The price in rupiah of one contribution month."""
    return _sum(_due(month, _Case(transport, payer.public), tier))


def base(tier: Tier, month: date = date.max) -> int:
    """The price of one month in the law, without any discount: that of `month`, or the newest one known."""
    return _sum([_base(programme, month) for programme in tier.programmes])


def total(first_month: date, months: int, transport: bool, payer: Payer, tier: Tier) -> int:  # noqa: FBT001 - likewise
    """The price in rupiah of `months` contribution months from `first_month` on; ValueError below one month."""
    if months < 1:
        raise ValueError("a contribution is paid for at least one month")
    return sum(monthly(later(first_month, ahead), transport, payer, tier) for ahead in range(months))


@cache
def quote(first_month: date, transport: bool, payer: Payer) -> Quote:  # noqa: FBT001 - likewise
    """What a person would pay from `first_month` on, for both tiers."""
    start, case = later(first_month, 0), _Case(transport, payer.public)

    def offer(tier: Tier) -> Offer:
        totals = {months: total(start, months, transport, payer, tier) for months in periods()}
        return Offer(tier, monthly(start, transport, payer, tier), base(tier, start), totals)

    return Quote(
        first_month=start,
        transport=transport,
        payer=payer,
        basic=offer(Tier.BASIC),
        with_jht=offer(Tier.WITH_JHT),
        half_price_until=_discounted_until(start, case),
        sources=tuple(dict.fromkeys(row.source for row in _due(start, case, Tier.WITH_JHT))),
    )


class _Case(NamedTuple):
    """What besides the month decides whether a discount holds."""

    transport: bool
    public: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table; None in `transport`, `public`, `first` or `last` means any."""

    kind: str
    programme: str
    transport: bool | None
    public: bool | None
    first: date | None
    last: date | None
    rupiah: int
    source: Source

    def covers(self, programme: str, month: date) -> bool:
        """Whether this row is about the programme in the month that holds the day `month`."""
        begun = self.first is None or self.first <= month
        return programme == self.programme and begun and (self.last is None or month.replace(day=1) <= self.last)


@cache
def _table() -> tuple[_Row, ...]:
    return tuple(
        _Row(
            kind=row["kind"],
            programme=row["programme"],
            transport={"transport": True, "other": False, "any": None}[row["sector"]],
            public={"public": True, "private": False, "any": None}[row["payer"]],
            first=_month(row["from_month"]),
            last=_month(row["to_month"]),
            rupiah=int(row["rupiah"]),
            source=source(row),
        )
        for row in rows("prices")
    )


def _due(month: date, case: _Case, tier: Tier) -> list[_Row]:
    """The row that sets the price of each programme of the tier."""
    return [_discount(programme, month, case) or _base(programme, month) for programme in tier.programmes]


def _base(programme: str, month: date) -> _Row:
    return next(row for row in _table() if row.kind == "base" and row.covers(programme, month))


def _discount(programme: str, month: date, case: _Case) -> _Row | None:
    fitting = (row for row in _table() if row.kind == "discount" and row.covers(programme, month))
    mine = (row for row in fitting if row.transport in (None, case.transport) and row.public in (None, case.public))
    return next(mine, None)


def _discounted_until(start: date, case: _Case) -> date | None:
    """The last month of the unbroken discount that holds at `start`, looking five years ahead at most."""
    months = (later(start, ahead) for ahead in range(60))
    cheaper = takewhile(lambda month: any(row.kind == "discount" for row in _due(month, case, Tier.BASIC)), months)
    return max(cheaper, default=None)


def _sum(due: list[_Row]) -> int:
    return sum(row.rupiah for row in due)


def _month(text: str) -> date | None:
    return date.fromisoformat(f"{text}-01") if text else None
