"""Offers of a private sponsor to pay for somebody who waits in the queue; nothing happens without that person's yes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, and_, func, or_, select, update

from storage.registrations import Registration, State
from storage.registrations.records import record
from storage.tables import is_in, offers, programmes, registrations
from storage.transaction import Transaction

LIFETIME = timedelta(days=7)

Answer = Literal["yes", "no", "expired", "void"]

_open = offers.c.answered_at.is_(None)


class OfferedError(Exception):
    """Another offer for this registration is still open."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer: `programme` would pay for `registration`; `answer` is None while it is open."""

    id: int
    registration: str
    programme: str
    expires_at: datetime
    answer: str | None


_PLAIN = [one.name for one in fields(Offer)]


async def adoptable(tx: Transaction, area: str, *, but: int, limit: int = 100) -> list[Registration]:
    """List who waits in an area for somebody to pay, longest first: without a programme and without an open offer.

    Those whom `but` owns or entered are left out, and those who said no to an offer of theirs: it is not made again.
    """
    lies_within = registrations.c.area.startswith(f"{area}.", autoescape=True)
    taken = select(offers.c.id).where(offers.c.registration == registrations.c.number, _open)
    refused = (
        select(offers.c.id)
        .join(programmes, programmes.c.code == offers.c.programme)
        .where(offers.c.registration == registrations.c.number, offers.c.answer == "no", programmes.c.owner == but)
    )
    rows = await tx.connection.execute(
        select(registrations)
        .where(
            is_in(registrations.c.state, State.QUEUED),
            or_(registrations.c.area == area, lies_within),
            registrations.c.programme.is_(None),
            registrations.c.payer.in_(("unknown", "sponsor")),
            registrations.c.duplicate_of.is_(None),
            registrations.c.registered_by != but,
            or_(registrations.c.person.is_(None), registrations.c.person != but),
            ~taken.exists(),
            ~refused.exists(),
        )
        .order_by(registrations.c.queued_at, registrations.c.number)
        .limit(limit)
    )
    return [record(tx, row) for row in rows]


async def make(tx: Transaction, registration: str, programme: str, now: datetime) -> Offer:
    """Make an offer that holds for `LIFETIME`; raises OfferedError."""
    made = await tx.connection.execute(
        tx.insert(offers)
        .values(registration=registration, programme=programme, made_at=now, expires_at=now + LIFETIME)
        .on_conflict_do_nothing()
        .returning(offers)
    )
    row = made.one_or_none()
    if row is None:
        raise OfferedError(f"Registration {registration} has an open offer.")
    return _offer(row)


async def get(tx: Transaction, number: int) -> Offer | None:
    """Return the offer with this id."""
    row = (await tx.connection.execute(select(offers).where(offers.c.id == number))).one_or_none()
    return None if row is None else _offer(row)


async def answer(tx: Transaction, number: int, how: Answer, by: int | None, now: datetime) -> bool:
    """Close an offer with its answer; False when it was answered already."""
    closed = await tx.connection.execute(
        update(offers).where(offers.c.id == number, _open).values(answer=how, answered_by=by, answered_at=now)
    )
    return closed.rowcount == 1


async def pending(tx: Transaction, programme: str) -> int:
    """Count the open offers of a programme."""
    return await tx.connection.scalar(select(func.count()).where(offers.c.programme == programme, _open)) or 0


async def open_of(tx: Transaction, programme: str) -> list[Offer]:
    """List the open offers of a programme."""
    rows = await tx.connection.execute(select(offers).where(offers.c.programme == programme, _open))
    return [_offer(row) for row in rows]


async def expired(tx: Transaction, now: datetime, *, limit: int = 100) -> list[Offer]:
    """List open offers whose time is over."""
    over = and_(_open, offers.c.expires_at <= now)
    return [_offer(row) for row in await tx.connection.execute(select(offers).where(over).limit(limit))]


def _offer(row: Row[Any]) -> Offer:
    return Offer(**{name: getattr(row, name) for name in _PLAIN})
