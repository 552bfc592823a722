"""Rows for the tests of broadcasts, written without the ways by which they come about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert

from storage import broadcasts
from storage.broadcasts import Audience, Broadcast, Limits, Planned, Recipient, Stage
from storage.registrations.records import document_place
from storage.tables import broadcasts as broadcast_table
from storage.tables import campaigns, people, recipients, registrations, roles, sessions
from storage.transaction import Transaction

WEEK = timedelta(days=7)
VILLAGE = "33.19.02.2003"
EVERYWHERE = ("WIT", "WITA", "WIB")
TEXTS = {"id": "Halo", "jv": "Halo"}


async def clear(tx: Transaction) -> None:
    """Empty every table that a broadcast reads or writes."""
    for table in (recipients, broadcast_table, campaigns, sessions, roles, registrations, people):
        await tx.connection.execute(delete(table))


async def person(tx: Transaction, number: int, now: datetime, **more: Any) -> None:
    """Let the bot know somebody, who agreed to news unless `news_at` is given."""
    known = {"telegram_id": number, "met_at": now, "nik_tries": 0, "news_at": now, "language": None, **more}
    await tx.connection.execute(insert(people).values(known))


async def registered(tx: Transaction, number: str, owner: int | None, now: datetime, **more: Any) -> None:
    """Write a registration down, of a form that nobody reads."""
    row = {
        "number": number,
        "person": owner,
        "registered_by": owner or 99,
        "area": VILLAGE,
        "occupation": "ojek",
        "transport": True,
        "tier": "basic",
        "payer": "self",
        "language": "id",
        "state": "active",
        "document": tx.vault.seal_json({}, document_place(number)),
        "hints": [],
        "queued_at": now,
        "created_at": now,
        "changed_at": now,
        **more,
    }
    await tx.connection.execute(insert(registrations).values(row))


async def crowd(tx: Transaction, number: int, now: datetime) -> None:
    """Make so many people, by the ids 1, 2, 3 …, each with a registration."""
    for one in range(1, number + 1):
        await person(tx, one, now)
        await registered(tx, f"N{one}", one, now)


async def made(tx: Transaction, now: datetime, **more: Any) -> int:
    """Write down a broadcast to everybody, being prepared unless `stage` says otherwise."""
    audience = more.pop("audience", Audience())
    usual = {
        "area": "",
        "body": {"audience": audience.as_json(), "texts": TEXTS},
        "necessary": False,
        "quiet": True,
        "due_at": None,
        "canary": 50,
        "by": 1,
        "now": now,
    }
    return await broadcasts.create(tx, **{**usual, **more})


async def stored(tx: Transaction, number: int) -> Broadcast:
    """Return a broadcast that is there."""
    found = await broadcasts.get(tx, number)
    assert found is not None
    return found


async def page(tx: Transaction, number: int, now: datetime, *, limit: int = 1000, most: int = 2) -> Planned:
    """Write down the next recipients of a broadcast, all of them in the zone WIB."""
    return await broadcasts.plan_next(
        tx,
        await stored(tx, number),
        today=now.date(),
        now=now,
        limits=Limits(most, now - WEEK),
        zone_of=lambda area: "WIT" if area.startswith("94") else "WIB",
        limit=limit,
    )


async def released(tx: Transaction, now: datetime, **more: Any) -> int:
    """Write down a broadcast to everybody with all its recipients, running unless `stage` says otherwise."""
    stage = more.pop("stage", Stage.RUNNING)
    number = await made(tx, now, **more)
    await page(tx, number, now)
    assert await broadcasts.move(tx, number, Stage.PREPARING, stage, now=now)
    return number


async def claimed(
    tx: Transaction, now: datetime, limit: int = 100, awake: Sequence[str] = EVERYWHERE
) -> list[Recipient]:
    """Claim without what the broadcasts say, after skipping whoever waits in those that were cut short."""
    for one in await broadcasts.open_ones(tx, Stage.STOPPED, Stage.DISCARDED):
        await broadcasts.wind_up(tx, one.id, now)
    return [one for _broadcast, one in await broadcasts.claim(tx, limit, now, awake, lease=timedelta(minutes=1))]


async def states(tx: Transaction, number: int) -> dict[str, int]:
    """Count a broadcast's recipients by state."""
    return (await broadcasts.counts(tx, number)).states


async def remind(tx: Transaction, campaign: int, who: int, due_at: datetime, zone: str = "WIB") -> None:
    """Plan one message of a campaign."""
    await broadcasts.plan_one(
        tx, campaign, who, registration=None, occasion="once", language="id", zone=zone, due_at=due_at
    )
