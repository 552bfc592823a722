"""Conversations under way: one encrypted JSON object per person and flow."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, select
from sqlalchemy.sql.dml import Insert

from storage.tables import sessions
from storage.transaction import Inserting, Transaction

_AT_ONCE = 100  # sessions read at a time
_mine = select(sessions).where(sessions.c.person == bindparam("person"))
_latest = _mine.order_by(sessions.c.touched_at.desc(), sessions.c.flow).limit(1)
_theirs = select(sessions).where(sessions.c.person.in_(bindparam("persons", expanding=True)))
_dropping = delete(sessions).where(sessions.c.person == bindparam("whose"), sessions.c.flow == bindparam("which"))
_this = _mine.where(sessions.c.flow == bindparam("flow"))


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
    return await _one(tx, _latest, person=person)


async def load(tx: Transaction, person: int, flow: str) -> Stored | None:
    """Return the person's session of this flow."""
    return await _one(tx, _this, person=person, flow=flow)


async def of_many(tx: Transaction, persons: Collection[int], flow: str) -> dict[int, Stored]:
    """Return the sessions of this flow that these people have, by person."""
    theirs = (sessions.c.person.in_(persons), sessions.c.flow == flow)
    rows = await tx.connection.execute(select(sessions).where(*theirs))
    return {row.person: opened(tx, row) for row in rows}


async def rows_of(tx: Transaction, persons: Collection[int]) -> Sequence[Row[Any]]:
    """Return all sessions of these people as they lie in the table; `opened` opens one."""
    return (await tx.connection.execute(_theirs, {"persons": [*persons]})).all()


async def save(tx: Transaction, person: int, flow: str, body: Mapping[str, object], now: datetime) -> None:
    """Store the session in place of what was there."""
    await save_all(tx, [Stored(person, flow, dict(body), 1, now)])


async def save_all(tx: Transaction, stored: Collection[Stored]) -> None:
    """Store sessions in place of what was there; how often that was is counted in the table."""
    rows = [
        {
            "person": one.person,
            "flow": one.flow,
            "body": tx.vault.seal_json(one.body, place(one.person, one.flow)),
            "version": 1,
            "touched_at": one.touched_at,
        }
        for one in stored
    ]
    if rows:
        await tx.connection.execute(_saving(tx.insert), rows)


async def drop(tx: Transaction, person: int, flow: str) -> None:
    """Delete the person's session of this flow."""
    await drop_all(tx, [(person, flow)])


async def drop_all(tx: Transaction, which: Collection[tuple[int, str]]) -> None:
    """Delete sessions, each by its person and flow."""
    if which:
        await tx.connection.execute(_dropping, [{"whose": person, "which": flow} for person, flow in which])


async def touched(tx: Transaction, flow: str, after: datetime, until: datetime) -> AsyncIterator[Stored]:
    """List the conversations of a flow that were last touched after a moment and not after another."""
    query = select(sessions).where(
        sessions.c.flow == flow, sessions.c.touched_at > after, sessions.c.touched_at <= until
    )
    async with tx.connection.stream(query.execution_options(yield_per=_AT_ONCE)) as result:
        async for row in result:
            yield opened(tx, row)


async def count(tx: Transaction) -> int:
    """Count the conversations under way."""
    return await tx.connection.scalar(select(func.count()).select_from(sessions)) or 0


async def sweep(tx: Transaction, before: datetime) -> int:
    """Delete conversations nobody has touched since this moment and return how many went."""
    return (await tx.connection.execute(delete(sessions).where(sessions.c.touched_at < before))).rowcount


@cache
def _saving(insert: Inserting) -> Insert:
    new = insert(sessions)
    return new.on_conflict_do_update(
        index_elements=["person", "flow"],
        set_={"body": new.excluded.body, "version": sessions.c.version + 1, "touched_at": new.excluded.touched_at},
    )


async def _one(tx: Transaction, query: Select[Any], **which: object) -> Stored | None:
    row = (await tx.connection.execute(query, which)).one_or_none()
    return None if row is None else opened(tx, row)


def opened(tx: Transaction, row: Row[Any]) -> Stored:
    """Open a session as it lies in the table; raises SealBrokenError."""
    return Stored(
        person=row.person,
        flow=row.flow,
        body=tx.vault.open_json(row.body, place(row.person, row.flow)),
        version=row.version,
        touched_at=row.touched_at,
    )


def place(person: int, flow: str) -> str:
    """Name the place a conversation is sealed for."""
    return f"sessions.body:{person}:{flow}"
