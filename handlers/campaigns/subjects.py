"""A registration as the rules of reminders see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from conversations.rules.occasions import Subject
from handlers import payers
from handlers.payers import Payers
from storage.broadcasts.due import Due
from storage.registrations import Registration


def born(document: Mapping[str, Any] | None) -> date | None:
    """Return the day of birth in a form that was sent."""
    day = (document or {}).get("birth_date")
    return date.fromisoformat(day) if isinstance(day, str) else None


def subject(row: Due | Registration, known: Payers, zone: ZoneInfo, born: date | None = None) -> Subject:
    """Return what the rules need of a registration, with its moments in the operator's zone."""
    return Subject(
        number=row.number,
        state=str(row.state),
        payer=payers.of(row, known),
        transport=row.transport,
        tier=row.tier,
        queued=row.queued_at.astimezone(zone),
        decided=None if row.decided_at is None else row.decided_at.astimezone(zone),
        changed=row.changed_at.astimezone(zone),
        cover_from=row.cover_from,
        paid_until=row.paid_until,
        born=born,
    )
