"""After a restore: what waited when the backup was made has most likely been sent since, and nobody knows any more what.

So nothing that was under way goes out again. Who is sure that no bot has run since may leave everything as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, update

from storage.broadcasts.records import ENDED, Stage
from storage.tables import broadcasts, is_in, outbox, recipients, rounds
from storage.transaction import Transaction

_RELEASED = [stage.value for stage in (Stage.DUE, Stage.CANARY, Stage.HELD, Stage.RUNNING, Stage.PAUSED)]
_UNRELEASED = [stage.value for stage in Stage if stage not in ENDED and stage.value not in _RELEASED]


@dataclass(frozen=True, slots=True)
class Halted:
    """How much was not left to go on: letters, messages to many, and the broadcasts these belonged to."""

    letters: int
    recipients: int
    broadcasts: int


async def halt(tx: Transaction, now: datetime, today: date) -> Halted:
    """Take back whatever may have been sent since the backup was made.

    Letters are withdrawn. Recipients whose turn may have come are unknown, as after a sender that died, and broadcasts
    that had not ended are stopped or discarded. Rounds of today count as made, and reminders begin with what becomes
    due from now on.
    """
    gone = {"reason": "restored", "leased_until": None, "finished_at": now}
    letters = await tx.connection.execute(
        update(outbox).where(outbox.c.finished_at.is_(None)).values(state="withdrawn", payload=None, **gone)
    )
    row = broadcasts.c
    open_ = is_in(recipients.c.state, "waiting", "sending")
    passed = or_(is_in(recipients.c.state, "sending"), recipients.c.due_at <= now)
    lost = gone | {"reason": "cut off"}
    written = await tx.connection.execute(update(recipients).where(open_, passed).values(state="unknown", **lost))
    stopped = 0
    for stages, to in ((_RELEASED, Stage.STOPPED), (_UNRELEASED, Stage.DISCARDED)):
        ended = and_(row.campaign.is_(None), row.finished_at.is_(None), row.stage.in_(stages))
        stopped += (
            await tx.connection.execute(update(broadcasts).where(ended).values(stage=to.value, changed_at=now))
        ).rowcount
    looked = update(broadcasts).where(row.campaign.is_not(None), row.cursor > 0)
    await tx.connection.execute(looked.values(cursor=int(now.timestamp())))
    await tx.connection.execute(update(rounds).where(rounds.c.done_on < today).values(done_on=today))
    return Halted(letters.rowcount, written.rowcount, stopped)
