"""What came of a broadcast: what people did who got it, who could not be reached, and the ledger line by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Exists, Select, exists, func, select

from storage.registrations.records import CLAIMED
from storage.states import State
from storage.tables import history, is_in, people, recipients, registrations
from storage.transaction import Transaction

_tried = is_in(recipients.c.state, "sent", "failed", "unknown")
_got = is_in(recipients.c.state, "sent", "unknown")


@dataclass(frozen=True, slots=True)
class Effects:
    """What those did who got the message, or may have: who pressed a button by `actions`, who registered, who paid.

    One person may be counted under several.
    """

    actions: dict[str, int]
    finished: int
    paid: int

    @property
    def pressed(self) -> int:
        """How many pressed any button."""
        return sum(self.actions.values())


@dataclass(frozen=True, slots=True)
class Tried:
    """How many messages ended within a time, and when the first of them did."""

    count: int
    first: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient as a report tells of them: no name and no Telegram id. `area` is empty where it is not known."""

    id: int
    registration: str | None
    area: str
    state: str
    reason: str | None
    at: datetime | None
    action: str | None
    finished: bool
    paid: bool


async def zones(tx: Transaction, broadcast: int) -> dict[str, int]:
    """Count those who still wait, by time zone."""
    waiting = (recipients.c.broadcast == broadcast, is_in(recipients.c.state, "waiting"))
    query = select(recipients.c.zone, func.count().label("number")).where(*waiting).group_by(recipients.c.zone)
    return {row.zone: row.number for row in await tx.connection.execute(query)}


async def tried_since(tx: Transaction, broadcast: int, since: datetime) -> Tried:
    """Count the messages that ended one way or another since a moment."""
    tried = (recipients.c.broadcast == broadcast, _tried, recipients.c.finished_at > since)
    row = (await tx.connection.execute(select(func.count(), func.min(recipients.c.finished_at)).where(*tried))).one()
    return Tried(*row)


async def effects(tx: Transaction, broadcast: int, until: datetime) -> Effects:
    """Count what followed the messages of a broadcast, up to a moment; who said to have paid counts as having paid."""
    mine = (recipients.c.broadcast == broadcast, _got)
    acted = select(recipients.c.action, func.count().label("number")).where(*mine, recipients.c.acted_at.is_not(None))
    rows = await tx.connection.execute(acted.group_by(recipients.c.action))
    finished = select(func.count()).select_from(recipients).where(*mine, _registered(until))
    paid = select(func.count()).select_from(recipients).where(*mine, _has_paid(until))
    return Effects(
        {row.action: row.number for row in rows},
        await tx.connection.scalar(finished) or 0,
        await tx.connection.scalar(paid) or 0,
    )


async def lines(tx: Transaction, broadcast: int, after: int, limit: int, until: datetime) -> list[Line]:
    """List the recipients of a broadcast by id, beginning after this one, each with what followed up to a moment."""
    row = recipients.c
    query: Select[Any] = (
        select(
            row.id,
            row.registration,
            func.coalesce(registrations.c.area, "").label("area"),
            row.state,
            row.reason,
            row.finished_at.label("at"),
            row.action,
            (_got & _registered(until)).label("finished"),
            (_got & _has_paid(until)).label("paid"),
        )
        .select_from(recipients.outerjoin(registrations, registrations.c.number == row.registration))
        .where(row.broadcast == broadcast, row.id > after)
        .order_by(row.id)
        .limit(limit)
    )
    return [Line(**one._mapping) for one in await tx.connection.execute(query)]  # noqa: SLF001  # its public name


async def unreached(tx: Transaction, since: datetime, until: datetime) -> dict[int, list[tuple[str, str]]]:
    """List whose owners have been out of reach since a moment in this time, number and area, by who entered them."""
    lost = (people.c.unreachable_at >= since, people.c.unreachable_at < until)
    query = (
        select(registrations.c.registered_by, registrations.c.number, registrations.c.area)
        .select_from(people.join(registrations, registrations.c.person == people.c.telegram_id))
        .where(*lost, registrations.c.claim == CLAIMED, registrations.c.document.is_not(None))
        .order_by(registrations.c.number)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for row in await tx.connection.execute(query):
        found.setdefault(row.registered_by, []).append((row.number, row.area))
    return found


async def out_of_reach(tx: Transaction, persons: set[int]) -> set[int]:
    """Return those of these people to whom messages no longer arrive."""
    lost = (people.c.telegram_id.in_(persons), people.c.unreachable_at.is_not(None))
    return set(await tx.connection.scalars(select(people.c.telegram_id).where(*lost))) if persons else set()


def _registered(until: datetime) -> Exists:
    """Tell whether the recipient sent a registration after the message."""
    row = registrations.alias("sent_later").c
    return exists().where(
        row.person == recipients.c.person, row.created_at > recipients.c.finished_at, row.created_at <= until
    )


def _has_paid(until: datetime) -> ColumnElement[bool]:
    """Tell whether somebody paid after the message: covered on, or again, as BPJS told it, or as they said themselves."""
    row = history.c
    recorded = exists().where(
        row.registration == recipients.c.registration,
        is_in(row.to_state, State.ACTIVE),
        is_in(row.from_state, State.ACTIVE, State.LAPSED),
        row.at > recipients.c.finished_at,
        row.at <= until,
    )
    return recorded | func.coalesce(recipients.c.action == "paid", False)
