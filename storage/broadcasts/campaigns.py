"""Campaigns: how an admin has set each one, the broadcast that holds its recipients, and what it has done lately."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update

from storage.broadcasts.records import Stage
from storage.tables import broadcasts, campaigns, is_in, recipients
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign's settings; what is not in `settings` is as usual."""

    code: str
    on: bool
    settings: dict[str, Any]
    changed_by: int | None
    changed_at: datetime


class Opened(NamedTuple):
    """A campaign's broadcast: its id, where it stands, and up to when it was last looked who is due (Unix time)."""

    id: int
    stage: Stage
    cursor: int


class Done(NamedTuple):
    """How many a campaign has written to, and how many of them did something with the message."""

    sent: int
    acted: int


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


async def all_set(tx: Transaction) -> dict[str, Campaign]:
    """Return what has been set for campaigns, by code."""
    rows = await tx.connection.execute(select(campaigns))
    return {row.code: Campaign(**row._mapping) for row in rows}  # noqa: SLF001  # its public name


async def opened(tx: Transaction) -> dict[str, Opened]:
    """Return the broadcasts of campaigns, by code."""
    row = broadcasts.c
    found = await tx.connection.execute(
        select(row.campaign, row.id, row.stage, row.cursor).where(row.campaign.is_not(None))
    )
    return {one.campaign: Opened(one.id, Stage(one.stage), one.cursor) for one in found}


async def looked(tx: Transaction, broadcast: int, until: int) -> None:
    """Note up to when it was looked who is due; 0 lets the next look begin anew."""
    await tx.connection.execute(update(broadcasts).where(broadcasts.c.id == broadcast).values(cursor=until))


async def planned(tx: Transaction, broadcast: int, people: Collection[int]) -> set[tuple[int, str]]:
    """Return which occasions of these people were written down already."""
    row = recipients.c
    mine = select(row.person, row.occasion).where(row.broadcast == broadcast, row.person.in_(people))
    return {(one.person, one.occasion) for one in await tx.connection.execute(mine)}


async def withdraw(tx: Transaction, broadcast: int) -> None:
    """Take back what waits, so that it is written down again as the campaign is set now."""
    waiting = (recipients.c.broadcast == broadcast, is_in(recipients.c.state, "waiting"))
    await tx.connection.execute(delete(recipients).where(*waiting))


async def got(tx: Transaction, broadcast: int, person: int, since: datetime) -> int:
    """Count what somebody got, or may have got, of a campaign since a moment."""
    row = recipients.c
    theirs = (row.person == person, is_in(row.state, "sent", "unknown"), row.finished_at > since)
    query = select(func.count()).where(*theirs, row.broadcast == broadcast)
    return await tx.connection.scalar(query) or 0


async def has_paid(tx: Transaction, person: int, occasion: str) -> bool:
    """Tell whether somebody has said, by a button under a reminder of this occasion, that it is paid."""
    row = recipients.c
    said = (row.person == person, is_in(row.state, "sent", "unknown"), row.occasion == occasion, row.action == "paid")
    return bool(await tx.connection.scalar(select(select(row.id).where(*said).exists())))


async def done(tx: Transaction, since: datetime) -> dict[int, Done]:
    """Count what campaigns have done since a moment, by the id of their broadcasts."""
    row = recipients.c
    counted = select(row.broadcast, func.count().label("sent"), func.count(row.acted_at).label("acted"))
    theirs = select(broadcasts.c.id).where(broadcasts.c.campaign.is_not(None))
    which = (row.broadcast.in_(theirs), is_in(row.state, "sent"), row.finished_at > since)
    rows = await tx.connection.execute(counted.where(*which).group_by(row.broadcast))
    return {one.broadcast: Done(one.sent, one.acted) for one in rows}
