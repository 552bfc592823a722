"""How an admin has set a campaign: on or off, and what differs from its usual offset, cap and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.tables import campaigns
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign's settings; what is not in `settings` is as usual."""

    code: str
    on: bool
    settings: dict[str, Any]
    changed_by: int | None
    changed_at: datetime


async def campaign(tx: Transaction, code: str) -> Campaign | None:
    """Return what has been set for a campaign, None while everything is as usual."""
    row = (await tx.connection.execute(select(campaigns).where(campaigns.c.code == code))).one_or_none()
    return None if row is None else Campaign(**row._mapping)  # noqa: SLF001  # its public name


async def set_campaign(
    tx: Transaction, code: str, *, on: bool, settings: Mapping[str, Any], by: int | None, now: datetime
) -> None:
    """Set a campaign; from now on it is so."""
    values = {"on": on, "settings": dict(settings), "changed_by": by, "changed_at": now}
    made = tx.insert(campaigns).values(code=code, **values)
    await tx.connection.execute(made.on_conflict_do_update(index_elements=["code"], set_=values))
