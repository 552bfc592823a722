"""Preparing a broadcast: its recipients are written down page by page, and each one's message is tried out.

What cannot be sent is known before anything is: whoever lacks a value is left out with that reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from conversations.rules.zones import awake
from handlers.broadcasts import deck
from handlers.broadcasts.rendering import LeftOut, Ready, render_all
from handlers.errands import call, errand
from handlers.office import Office
from handlers.visit import Visit
from storage import broadcasts
from storage.broadcasts import Broadcast, Ended, Limits, Recipient, Stage
from storage.database import Database
from storage.transaction import Transaction

log = structlog.get_logger("preparing")

PAGE = 250  # recipients in one transaction, so that replies never wait long for it


async def prepare(database: Database, office: Office, broadcast: Broadcast) -> None:
    """Write down who gets a broadcast, a page in a transaction; killed at any point, it goes on from there."""
    done = False
    while not done:
        async with database.write() as tx, errand(tx, office) as visit:
            held = await _still_preparing(tx, broadcast)
            done = held is None or await _page(visit, held)
    async with database.write() as tx:
        if (held := await _still_preparing(tx, broadcast)) is not None:
            await _finish(tx, office, held)


async def _still_preparing(tx: Transaction, broadcast: Broadcast) -> Broadcast | None:
    """Return the broadcast as it is now, if nobody has thrown it away meanwhile."""
    held = await broadcasts.get(tx, broadcast.id, locked=True)
    return held if held is not None and held.stage is Stage.PREPARING else None


async def _page(visit: Visit, held: Broadcast) -> bool:
    """Write down the next recipients, leave out whose message cannot be made, and tell whether they were the last."""
    office = visit.office
    limits = Limits.a_week(office.messages_a_week, _begins(held, visit.now))
    planned = await broadcasts.plan_next(
        visit.tx, held, today=visit.today, now=visit.now, limits=limits, zone_of=office.zone_of, limit=PAGE
    )
    waiting = [one for one in planned.rows if one.state == "waiting"]
    made = await _tried(visit, held, waiting)
    out = [
        Ended(one.id, result.state, result.reason)
        for one, result in zip(waiting, made, strict=True)
        if isinstance(result, LeftOut)
    ]
    await broadcasts.leave_out(visit.tx, out, visit.now)
    return planned.done


def _begins(held: Broadcast, now: datetime) -> datetime:
    """Return when a broadcast can begin at the earliest."""
    return max(now, held.due_at or now)


async def _tried(visit: Visit, held: Broadcast, waiting: Sequence[Recipient]) -> list[Ready | LeftOut]:
    """Try the messages out, all at once; where one cannot be made, one by one, so that it holds up nobody else."""
    try:
        async with visit.tx.savepoint():
            return await render_all(visit, held, waiting)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one, the others go on
        if len(waiting) == 1:
            log.error("a message could not be made", recipient=waiting[0].id, error=type(error).__name__)  # noqa: TRY400  # the message may be personal
            return [LeftOut("skipped", "fault")]
        return [made for one in waiting for made in await _tried(visit, held, [one])]


async def _finish(tx: Transaction, office: Office, held: Broadcast) -> None:
    """Draw the first wave, where there are enough for one, and show the author who gets it and who does not."""
    counts = await broadcasts.counts(tx, held.id)
    if counts.of("waiting") > held.canary:
        up = awake(_begins(held, office.clock())) if held.quiet else ()
        await broadcasts.draw_canary(tx, held.id, held.canary, up)
    await broadcasts.move(tx, held.id, Stage.PREPARING, Stage.READY, now=office.clock())
    ready = await broadcasts.get(tx, held.id)
    if ready is not None and ready.created_by is not None:
        async with call(tx, office, ready.created_by, {}) as author:
            await deck.show(author, ready)
