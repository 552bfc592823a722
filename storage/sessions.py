"""Conversations under way: one encrypted JSON object per person and flow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select

from storage.tables import sessions
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Stored:
    """A session as saved; `version` counts the saves."""

    person: int
    flow: str
    body: dict[str, Any] = field(repr=False)
    version: int
    touched_at: datetime


async def latest(tx: Transaction, person: int) -> Stored | None:
    """Return the person's session touched last."""
    mine = select(sessions).where(sessions.c.person == person)
    return await _one(tx, mine.order_by(sessions.c.touched_at.desc(), sessions.c.flow).limit(1))


async def load(tx: Transaction, person: int, flow: str) -> Stored | None:
    """Return the person's session of this flow."""
    return await _one(tx, select(sessions).where(sessions.c.person == person, sessions.c.flow == flow))


async def save(tx: Transaction, person: int, flow: str, body: Mapping[str, object], now: datetime) -> None:
    """Store the session in place of what was there."""
    new = tx.insert(sessions)
    await tx.connection.execute(
        new.values(
            person=person, flow=flow, body=tx.vault.seal_json(body, _place(person, flow)), version=1, touched_at=now
        ).on_conflict_do_update(
            index_elements=["person", "flow"],
            set_={
                "body": new.excluded.body,
                "version": sessions.c.version + 1,
                "touched_at": new.excluded.touched_at,
            },
        )
    )


async def drop(tx: Transaction, person: int, flow: str) -> None:
    """Delete the person's session of this flow."""
    await tx.connection.execute(delete(sessions).where(sessions.c.person == person, sessions.c.flow == flow))


async def drop_all(tx: Transaction, person: int) -> None:
    """Delete every session of a person."""
    await tx.connection.execute(delete(sessions).where(sessions.c.person == person))


async def count(tx: Transaction) -> int:
    """Count the conversations under way."""
    return await tx.connection.scalar(select(func.count()).select_from(sessions)) or 0


async def sweep(tx: Transaction, before: datetime) -> int:
    """Delete conversations nobody has touched since this moment and return how many went."""
    return (await tx.connection.execute(delete(sessions).where(sessions.c.touched_at < before))).rowcount


async def _one(tx: Transaction, query: Select[Any]) -> Stored | None:
    row = (await tx.connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Stored(
        person=row.person,
        flow=row.flow,
        body=tx.vault.open_json(row.body, _place(row.person, row.flow)),
        version=row.version,
        touched_at=row.touched_at,
    )


def _place(person: int, flow: str) -> str:
    return f"sessions.body:{person}:{flow}"
