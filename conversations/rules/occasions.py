"""Occasions: when a registration is due for a reminder, worked out from its dates alone.

An occasion has a name that is the same however late one looks, so that what is written down once is never written down
again. It lasts for a while, so that a bot which stood still makes it late; what is no longer true has none. Days are
the operator's calendar days.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from conversations.rules import prices
from conversations.rules.prices import Payer, Tier
from conversations.rules.programmes import OLDEST
from conversations.rules.tables import document

LATE = 14
"""Days for which an occasion is still made up for, where nothing else ends it."""
WEEK = 7
FRESH = 62
"""Days after the first one of cover in which somebody is told that cover has begun: a later news is none."""
WAITING = frozenset({"queued", "waiting_list"})
UNCOVERED = WAITING | {"needs_correction", "with_department", "approved", "handed_over", "not_matched"}
AHEAD = 3
"""Months in which a change of price is looked for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What matters of a registration. Moments are in the operator's zone; `payer` is self, sponsor, government or unknown.

    `decided` is when it was last decided, `changed` when anything last changed, `born` the day of birth where known.
    """

    number: str
    state: str
    payer: str
    transport: bool
    tier: str
    queued: datetime
    decided: datetime | None
    changed: datetime
    cover_from: date | None
    paid_until: date | None
    born: date | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """One reminder that is due: its name, which is stored, and the moment it waits for on that day, if any."""

    name: str
    at: datetime | None = None


Offsets = tuple[int, ...]
Rule = Callable[[Subject, date, Offsets], Occasion | None]


def correction(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days after it was asked to be put right, and again."""
    if subject.state != "needs_correction" or subject.decided is None:
        return None
    waited = (today - subject.decided.date()).days
    reached = [days for days in offsets if days <= waited]
    if not reached or waited > max(offsets) + LATE:
        return None
    named = f"{subject.number}:{subject.decided:%Y-%m-%dT%H:%M}:{max(reached)}"
    return Occasion(named, subject.decided + timedelta(days=max(reached)))


def queue(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days after it joined the queue or the waiting list, and each week from then on."""
    waited = (today - subject.queued.date()).days - offsets[0]
    if subject.state not in WAITING or waited < 0:
        return None
    weeks = waited // WEEK
    at = subject.queued + timedelta(days=offsets[0] + weeks * WEEK)
    return Occasion(f"{subject.number}:{subject.queued:%Y-%m-%d}:{weeks}", at)


def payment(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days before what is paid ends, which is the last day of a month."""
    until = subject.paid_until
    if subject.state != "active" or until is None or not until - timedelta(days=offsets[0]) <= today <= until:
        return None
    return Occasion(f"{subject.number}:{until}")


def lapsed(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days after the first day without cover; never on the day on which it was told."""
    if subject.state != "lapsed" or subject.paid_until is None or subject.changed.date() >= today:
        return None
    day = subject.paid_until + timedelta(days=1 + offsets[0])
    return Occasion(f"{subject.number}:{subject.paid_until}") if _lately(day, today) else None


def discount(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days before the price rises, for who pays alone and has not yet paid beyond that."""
    if subject.state != "active" or subject.payer != "self":
        return None
    month = rise(today, subject.tier, transport=subject.transport)
    if month is None or today < month - timedelta(days=1 + offsets[0]):
        return None
    if subject.paid_until is not None and subject.paid_until >= month:
        return None
    return Occasion(f"{subject.number}:{month:%Y-%m}")


def confirmed(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days after BPJS's confirmation was entered, once cover has begun."""
    since = subject.cover_from
    if subject.state != "active" or since is None or not since <= today <= since + timedelta(days=FRESH):
        return None
    due = subject.changed.date() + timedelta(days=offsets[0]) <= today
    return Occasion(f"{subject.number}:{since}") if due else None


def yearly(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days after each year of cover."""
    if subject.state != "active" or subject.cover_from is None:
        return None
    years = today.year - subject.cover_from.year
    for one in (years, years - 1):
        day = months_later(subject.cover_from, 12 * one) + timedelta(days=offsets[0])
        if one >= 1 and _lately(day, today):
            return Occasion(f"{subject.number}:{one}")
    return None


def full_benefit(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days after the months that a family has to wait for all of the death benefit."""
    if subject.state != "active" or subject.cover_from is None:
        return None
    day = months_later(subject.cover_from, waiting_months()) + timedelta(days=offsets[0])
    return Occasion(f"{subject.number}:{subject.cover_from}") if _lately(day, today) else None


def under_65(subject: Subject, today: date, offsets: Offsets) -> Occasion | None:
    """So many days before the birthday from which nobody can be registered any more."""
    if subject.state not in UNCOVERED or subject.born is None:
        return None
    last = too_old_on(subject.born)
    return Occasion(subject.number) if last - timedelta(days=offsets[0]) <= today < last else None


def rise(today: date, tier: str, *, transport: bool) -> date | None:
    """Return the first day of the next month, of those that begin soon, in which who pays alone pays more."""
    known = Tier(tier) if tier in {one.value for one in Tier} else Tier.BASIC

    def price(month: date) -> int:
        return prices.monthly(month, transport, Payer.SELF, known)

    this = prices.later(today, 0)
    soon = [prices.later(this, ahead) for ahead in range(1, AHEAD + 1)]
    return next((month for month in soon if price(month) > price(prices.later(month, -1))), None)


def too_old_on(born: date) -> date:
    """Return the birthday on which somebody becomes too old to be registered."""
    return months_later(born, 12 * (OLDEST + 1))


def waiting_months() -> int:
    """Return after how many months a family gets all of the death benefit."""
    return int(document("benefits")["death"]["waiting_months"])


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of a month that is shorter."""
    first = prices.later(day, months)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def _lately(day: date, today: date) -> bool:
    return day <= today <= day + timedelta(days=LATE)
