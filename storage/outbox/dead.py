"""Letters that failed: what is known of them without their payload, and sending them once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import exists, select, update

from storage.outbox.letters import BELL
from storage.tables import is_in, outbox
from storage.transaction import Transaction

_later = outbox.alias("later")
_dead = is_in(outbox.c.state, "failed") & outbox.c.finished_at.is_not(None)
_overtaken = exists().where(
    _later.c.chat_id == outbox.c.chat_id,
    _later.c.slot == outbox.c.slot,
    _later.c.id > outbox.c.id,
    is_in(_later.c.state, "waiting", "sending", "sent"),
)

Why = Literal["none", "blanked", "overtaken"]
"""There is no such dead letter; its payload is gone; a later one shows the same place on the screen."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A letter that failed, without its payload; `whole` tells whether that is still there. `reason` is a code."""

    id: int
    method: str
    attempts: int
    reason: str | None
    created_at: datetime
    failed_at: datetime
    whole: bool


async def dead(tx: Transaction) -> Sequence[DeadLetter]:
    """List what failed, oldest first."""
    row = outbox.c
    whole = row.payload.is_not(None)
    query = select(row.id, row.method, row.attempts, row.reason, row.created_at, row.finished_at, whole).where(_dead)
    return [DeadLetter(*one) for one in await tx.connection.execute(query.order_by(row.finished_at, row.id))]


async def revive(tx: Transaction, letter: int, now: datetime) -> Why | None:
    """Let a failed letter be sent once more, before what waits for the same chat; say why not, where that is so."""
    again = {"state": "waiting", "attempts": 0, "due_at": now, "finished_at": None, "reason": None}
    mine = (outbox.c.id == letter, _dead)
    revived = update(outbox).where(*mine, outbox.c.payload.is_not(None), ~_overtaken).values(again)
    if (await tx.connection.execute(revived)).rowcount == 1:
        tx.ring(BELL)
        return None
    left = select(outbox.c.payload.is_not(None).label("whole")).where(*mine)
    row = (await tx.connection.execute(left)).one_or_none()
    if row is None:
        return "none"
    return "overtaken" if row.whole else "blanked"


async def drop(tx: Transaction, letter: int, now: datetime) -> bool:
    """Blank a failed letter, and count it no more; False when there is none with this id."""
    changes = {"state": "withdrawn", "reason": "dropped", "payload": None, "finished_at": now}
    dropped = update(outbox).where(outbox.c.id == letter, _dead).values(changes)
    return (await tx.connection.execute(dropped)).rowcount == 1
