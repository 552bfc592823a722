"""Where each campaign looks for who may be due: registrations whose dates lie in its window."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, datetime, timedelta

from conversations.rules import occasions
from conversations.rules.occasions import FRESH, LATE, UNCOVERED, WAITING, Offsets
from conversations.rules.prices import Tier
from conversations.rules.reminders_of_paying import PAYER_DUE
from storage.broadcasts import due
from storage.broadcasts.due import Due, PaidFor
from storage.transaction import Transaction

YEARS = 20  # of cover, after which nobody is asked any more
NEAR = timedelta(days=3)  # months differ in length by so many days

Seek = Callable[[Transaction, date, datetime, Offsets], AsyncIterator[list[Due]]]


def _correction(tx: Transaction, _today: date, now: datetime, _offsets: Offsets) -> AsyncIterator[list[Due]]:
    return due.standing(tx, "needs_correction", before=now)


def _queue(tx: Transaction, _today: date, now: datetime, offsets: Offsets) -> AsyncIterator[list[Due]]:
    return due.standing(tx, *WAITING, before=now - timedelta(days=offsets[0] - 1))


def _payment(tx: Transaction, today: date, _now: datetime, offsets: Offsets) -> AsyncIterator[list[Due]]:
    return due.paid_until(tx, "active", today, today + timedelta(days=offsets[0]))


def _lapsed(tx: Transaction, today: date, _now: datetime, offsets: Offsets) -> AsyncIterator[list[Due]]:
    last = today - timedelta(days=1 + offsets[0])
    return due.paid_until(tx, "lapsed", last - timedelta(days=LATE), last)


async def _discount(tx: Transaction, today: date, _now: datetime, offsets: Offsets) -> AsyncIterator[list[Due]]:
    """List nobody while no price rises soon."""
    rises = [occasions.rise(today, Tier.BASIC.value, transport=one) for one in (True, False)]
    if any(month is not None and month <= today + timedelta(days=1 + offsets[0]) for month in rises):
        async for page in due.paying(tx):
            yield page


def _confirmed(tx: Transaction, today: date, _now: datetime, _offsets: Offsets) -> AsyncIterator[list[Due]]:
    return due.covered_from(tx, today - timedelta(days=FRESH), today)


async def _yearly(tx: Transaction, today: date, _now: datetime, offsets: Offsets) -> AsyncIterator[list[Due]]:
    for years in range(1, YEARS + 1):
        async for page in _covered_for(tx, today, 12 * years, offsets):
            yield page


def _full_benefit(tx: Transaction, today: date, _now: datetime, offsets: Offsets) -> AsyncIterator[list[Due]]:
    return _covered_for(tx, today, occasions.waiting_months(), offsets)


def _covered_for(tx: Transaction, today: date, months: int, offsets: Offsets) -> AsyncIterator[list[Due]]:
    """List who reached so many months of cover lately."""
    since = occasions.months_later(today, -months) - timedelta(days=offsets[0])
    return due.covered_from(tx, since - timedelta(days=LATE) - NEAR, since + NEAR)


def _under_65(tx: Transaction, _today: date, _now: datetime, _offsets: Offsets) -> AsyncIterator[list[Due]]:
    return due.born(tx, *UNCOVERED)


async def payers(tx: Transaction, code: str, today: date, offsets: Offsets) -> list[PaidFor]:
    """List for whom private payers have to pay on, or what has stopped, as the campaign for payers says."""
    if code == PAYER_DUE.code:
        return await due.paid_for(tx, "active", today, today + timedelta(days=offsets[0]))
    last = today - timedelta(days=1 + offsets[0])
    return await due.paid_for(tx, "lapsed", last - timedelta(days=LATE), last)


SEEKS: Mapping[str, Seek] = {
    "correction": _correction,
    "queue": _queue,
    "payment": _payment,
    "lapse": _lapsed,
    "after_lapse": _lapsed,
    "discount": _discount,
    "confirmed": _confirmed,
    "yearly": _yearly,
    "full_benefit": _full_benefit,
    "under_65": _under_65,
}
