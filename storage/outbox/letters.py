"""Posting letters, and taking them back while they have not been sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import insert, update

from storage import trace
from storage.tables import is_in, outbox
from storage.transaction import Transaction

BELL = "outbox"


class Priority(IntEnum):
    """Who goes first when the limits bite: replies before notices."""

    REPLY = 0
    NOTICE = 1


@dataclass(frozen=True, slots=True)
class Letter:
    """One call to make: `method` with `payload` (JSON) to a chat.

    `slot` names a place on the person's screen: the message that shows it is edited, unless the letter is `fresh`.
    `ref` is what `withdraw` finds it by; `due_at` is the earliest moment to send, at once when None.
    `ticket` is its own name, and begins with the trace of the update it comes of.
    """

    chat_id: int
    method: str
    payload: Mapping[str, object] = field(repr=False)
    priority: Priority = Priority.REPLY
    slot: str | None = None
    ref: str | None = None
    fresh: bool = False
    due_at: datetime | None = None
    ticket: str = field(default_factory=trace.ticket, compare=False)


async def post(tx: Transaction, letters: Sequence[Letter], now: datetime) -> None:
    """Post letters in this order; one with a slot replaces the unsent letters for that slot.

    What is replaced hands on its due time and priority when they are the earlier ones, and its wish to be `fresh`.
    """
    rows = [_row(tx, await _replacing(tx, letter, now), now) for letter in _latest(letters)]
    if rows:
        await tx.connection.execute(_POST, rows)
        tx.ring(BELL)


async def withdraw(tx: Transaction, ref: str, now: datetime) -> int:
    """Take back the letters with this ref whose sending has not begun, and return how many."""
    taken = await tx.connection.execute(
        update(outbox)
        .where(outbox.c.ref == ref, outbox.c.finished_at.is_(None), is_in(outbox.c.state, "waiting"))
        .values(state="withdrawn", payload=None, finished_at=now)
    )
    return taken.rowcount


def place(ticket: str) -> str:
    """Name the place a payload is sealed for."""
    return f"outbox.payload:{ticket}"


def _latest(letters: Sequence[Letter]) -> list[Letter]:
    """Leave out the letters that a later one in the same batch replaces."""
    latest: dict[tuple[int, str] | int, Letter] = {}
    for position, letter in enumerate(letters):
        key = (letter.chat_id, letter.slot) if letter.slot is not None else position
        before = latest.pop(key, None)
        latest[key] = letter if before is None else _inherit(letter, before.due_at, before.priority, fresh=before.fresh)
    return list(latest.values())


async def _replacing(tx: Transaction, letter: Letter, now: datetime) -> Letter:
    """Withdraw the unsent letters for this letter's slot and return it with what it inherits."""
    if letter.slot is None:
        return letter
    replaced = await tx.connection.execute(
        update(outbox)
        .where(
            outbox.c.chat_id == letter.chat_id,
            outbox.c.slot == letter.slot,
            outbox.c.finished_at.is_(None),
            is_in(outbox.c.state, "waiting"),
        )
        .values(state="withdrawn", reason="replaced", payload=None, finished_at=now)
        .returning(outbox.c.due_at, outbox.c.priority, outbox.c.fresh)
    )
    for row in replaced.all():
        letter = _inherit(letter, row.due_at, row.priority, fresh=row.fresh)
    return letter


def _inherit(letter: Letter, due_at: datetime | None, priority: int, *, fresh: bool) -> Letter:
    return replace(
        letter,
        due_at=min(due_at, letter.due_at) if due_at and letter.due_at else None,
        priority=Priority(min(priority, letter.priority)),
        fresh=fresh or letter.fresh,
    )


_POST = insert(outbox)


def _row(tx: Transaction, letter: Letter, now: datetime) -> dict[str, Any]:
    return {
        "ticket": letter.ticket,
        "chat_id": letter.chat_id,
        "priority": letter.priority.value,
        "method": letter.method,
        "payload": tx.vault.seal_json(letter.payload, place(letter.ticket)),
        "slot": letter.slot,
        "ref": letter.ref,
        "fresh": letter.fresh,
        "state": "waiting",
        "attempts": 0,
        "due_at": letter.due_at or now,
        "created_at": now,
    }
