"""A registration as the rules of reminders see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from conversations.rules.campaigns import GOVERNMENT, SELF, SPONSOR
from conversations.rules.occasions import Subject
from storage import programmes
from storage.broadcasts.due import Due
from storage.registrations import Registration
from storage.transaction import Transaction

Payers = Mapping[str, str]
"""Who pays under each programme, by its code."""


async def payers(tx: Transaction) -> Payers:
    """Return who pays under each programme."""
    return {one.code: one.payer for one in await programmes.all_(tx)}


def payer(row: Due | Registration, known: Payers) -> str:
    """Return who pays, in the three ways that are worded differently.

    Whoever did not say that they pay themselves is told of nothing to pay.
    """
    under = known.get(row.programme or "")
    if row.payer == "self" and under in {None, "self"}:
        return SELF
    return GOVERNMENT if (under or row.payer) == "apbd" else SPONSOR


def born(document: Mapping[str, Any] | None) -> date | None:
    """Return the day of birth in a form that was sent."""
    day = (document or {}).get("birth_date")
    return date.fromisoformat(day) if isinstance(day, str) else None


def subject(row: Due | Registration, known: Payers, zone: ZoneInfo, born: date | None = None) -> Subject:
    """Return what the rules need of a registration, with its moments in the operator's zone."""
    return Subject(
        number=row.number,
        state=str(row.state),
        payer=payer(row, known),
        transport=row.transport,
        tier=row.tier,
        queued=row.queued_at.astimezone(zone),
        decided=None if row.decided_at is None else row.decided_at.astimezone(zone),
        changed=row.changed_at.astimezone(zone),
        cover_from=row.cover_from,
        paid_until=row.paid_until,
        born=born,
    )
