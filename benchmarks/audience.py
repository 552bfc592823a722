"""The recipients of the benchmarks: made-up people who agreed to news, each with a registration, written down straight."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert

from storage.database import Database
from storage.registrations.records import document_place
from storage.tables import people, registrations
from storage.transaction import Transaction

AT_ONCE = 5000  # people in one transaction
FORM = {
    "consent": {"option": "agree", "version": "2026-11", "at": "2026-11-20T08:00:00+00:00"},
    "nik_right": "yes",
    "name": "Slamet Contoh Raharjo",
    "phone": "+6281100000000",
    "occupation": {"code": "ojek", "words": None},
    "address": "Jl. Mawar No. 12, RT 03 RW 02",
    "employer": "no",
    "payer": "self",
    "tier": "basic",
    "months": 12,
    "remarks": "." * 200,
}


async def populate(database: Database, ids: Sequence[int], villages: Sequence[str], now: datetime) -> None:
    """Give these people a registration each, spread over the villages; what is paid ends within the next sixty days."""
    for first in range(0, len(ids), AT_ONCE):
        page = ids[first : first + AT_ONCE]
        async with database.write() as tx:
            met = [{"telegram_id": one, "met_at": now, "nik_tries": 0, "link_tries": 0, "news_at": now} for one in page]
            await tx.connection.execute(insert(people), met)
            rows = [registered(tx, one, villages[one % len(villages)], now) for one in page]
            await tx.connection.execute(insert(registrations), rows)


def registered(tx: Transaction, person: int, village: str, now: datetime) -> dict[str, object]:
    """Make the row of a registration whose sealed form has the usual size."""
    number = f"B{person:07}"
    return {
        "number": number,
        "person": person,
        "registered_by": person,
        "area": village,
        "occupation": "ojek",
        "transport": True,
        "tier": "basic",
        "payer": "self",
        "claim": "own",
        "language": "id",
        "state": "active",
        "document": tx.vault.seal_json({**FORM, "village": {"code": village, "words": None}}, document_place(number)),
        "nik_index": os.urandom(32),
        "hints": [],
        "paid_until": now.date() + timedelta(days=person % 60),
        "queued_at": now,
        "created_at": now,
        "changed_at": now,
    }
