"""History: it only grows, and a change behind its back shows."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from storage import history, registrations
from storage.database import Database
from storage.registrations import Application, State
from storage.tables import history as table
from storage.tables import registrations as registrations_table
from storage.transaction import Transaction

Apply = Callable[..., Application]
SPONSOR = 500
MINUTE = timedelta(minutes=1)


class UndoError(Exception):
    """Ends an example's transaction, so that the next one begins afresh."""


async def a_life(tx: Transaction, application: Application, now: datetime) -> str:
    """Submit, ask for a correction, correct, approve; return the number."""
    number = (await registrations.submit(tx, application, now)).number
    await registrations.move(
        tx,
        number,
        State.NEEDS_CORRECTION,
        actor=SPONSOR,
        reason="name",
        now=now + MINUTE,
        frm=State.QUEUED,
        wanted="name",
    )
    await registrations.correct(tx, number, application, actor=application.registered_by, now=now + 2 * MINUTE)
    await registrations.move(
        tx, number, State.APPROVED, actor=SPONSOR, reason=None, now=now + 3 * MINUTE, frm=State.QUEUED
    )
    return number


async def unguard(tx: Transaction) -> None:
    """Do as an intruder with the database's own rights: take the triggers away."""
    if tx.connection.dialect.name == "sqlite":
        for change in ("update", "delete"):
            await tx.connection.exec_driver_sql(f"DROP TRIGGER history_no_{change}")
    else:
        await tx.connection.exec_driver_sql("DROP TRIGGER history_only_grows ON history")


async def test_every_change_is_an_entry(database: Database, now: datetime, apply: Apply) -> None:
    """Who, when, from, to and why are there for every change, in order."""
    async with database.write() as tx:
        number = await a_life(tx, apply(), now)
        told = [
            (one.at - now, one.actor, one.from_state, one.to_state, one.reason)
            for one in await history.entries(tx, number)
        ]
        assert told == [
            (0 * MINUTE, 1001, None, "queued", None),
            (1 * MINUTE, SPONSOR, "queued", "needs_correction", "name"),
            (2 * MINUTE, 1001, "needs_correction", "queued", "corrected"),
            (3 * MINUTE, SPONSOR, "queued", "approved", None),
        ]
        assert await history.verify(tx, number)


@pytest.mark.parametrize("change", [update(table).values(actor=1), delete(table), "TRUNCATE history"])
async def test_it_only_grows(kind: str, database: Database, now: datetime, apply: Apply, change: object) -> None:
    """The database itself refuses to change or delete what is written."""
    if isinstance(change, str) and kind == "sqlite":
        return  # SQLite has no TRUNCATE
    async with database.write() as tx:
        number = await a_life(tx, apply(), now)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write() as tx:
            await tx.connection.execute(text(change) if isinstance(change, str) else change)  # type: ignore[call-overload]
    async with database.read() as tx:
        assert await history.verify(tx, number)


TAMPERINGS = st.sampled_from(["actor", "at", "to_state", "reason", "reason of another", "link", "delete", "state"])


@given(what=TAMPERINGS, which=st.integers(0, 3))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_tampering_shows(database: Database, now: datetime, apply: Apply, what: str, which: int) -> None:
    """Any one value changed, any entry missing, or a state without its entry: the chain no longer holds."""
    with contextlib.suppress(UndoError):
        async with database.write() as tx:
            number = await a_life(tx, apply(), now)
            await unguard(tx)
            ids = list(await tx.connection.scalars(select(table.c.id).order_by(table.c.id)))
            here = table.c.id == ids[which]
            changes = {
                "actor": update(table).where(here).values(actor=9),
                "at": update(table).where(here).values(at=now + timedelta(microseconds=1)),
                "to_state": update(table).where(here).values(to_state="lapsed"),
                "reason": update(table).where(here).values(reason=b"1" * 40),
                "reason of another": update(table)
                .where(here)
                .values(reason=tx.vault.seal(b"because", f"history.reason:{number}")),
                "link": update(table).where(here).values(link=bytes(32)),
                "delete": delete(table).where(here),
                "state": update(registrations_table).values(state="active"),
            }
            assert await history.verify(tx, number)
            await tx.connection.execute(changes[what])
            assert not await history.verify(tx, number)
            raise UndoError


async def test_no_history_is_not_verified(database: Database) -> None:
    """A number nobody has does not count as a whole chain."""
    async with database.read() as tx:
        assert await history.entries(tx, "K7M-4QXT") == []
        assert not await history.verify(tx, "K7M-4QXT")


def test_repr_hides_the_reason(now: datetime) -> None:
    """What a reviewer wrote does not show in a traceback."""
    assert "Slamet" not in repr(history.Entry("K7M-4QXT", now, 1, None, "queued", "Slamet"))
