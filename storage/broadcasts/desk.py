"""Broadcasts themselves: made, looked at, moved from stage to stage, one step by one person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, func, insert, select, update

from storage.broadcasts.records import ENDED, SENDING, Broadcast, Stage, body_place, broadcast
from storage.moment import Moment
from storage.registrations.scope import within
from storage.tables import broadcasts, recipients
from storage.transaction import Transaction

GIVEN_UP = {
    (Stage.PREPARING, Stage.READY, Stage.ASKED): Stage.DISCARDED,
    (Stage.HELD, Stage.PAUSED): Stage.STOPPED,
}
"""Where those end that nobody goes on with."""

_open = broadcasts.c.finished_at.is_(None)


async def create(
    tx: Transaction,
    *,
    area: str,
    body: Mapping[str, Any],
    necessary: bool,
    quiet: bool,
    due_at: datetime | None,
    canary: int,
    by: int | None,
    now: datetime,
    campaign: str | None = None,
    stage: Stage = Stage.PREPARING,
) -> int:
    """Write a broadcast down and return its id; nothing is planned yet.

    People see the ids of broadcasts as numbers, from 1 on. Those of campaigns are below zero, and made one at a time.
    """
    lowest = select(func.coalesce(func.min(broadcasts.c.id), 0)).scalar_subquery()
    own = {} if campaign is None else {"id": case((lowest < 0, lowest), else_=0) - 1}
    made = await tx.connection.execute(
        insert(broadcasts)
        .values(
            **own,
            campaign=campaign,
            area=area,
            stage=stage.value,
            body=tx.vault.seal_json(dict(body), body_place(now)),
            necessary=necessary,
            quiet=quiet,
            due_at=due_at,
            canary=canary,
            cursor=0,
            created_by=by,
            created_at=now,
            changed_at=now,
        )
        .returning(broadcasts.c.id)
    )
    return int(made.scalar_one())


async def get(tx: Transaction, number: int, *, locked: bool = False) -> Broadcast | None:
    """Return a broadcast; `locked` keeps others from moving it until the transaction ends."""
    query = select(broadcasts).where(broadcasts.c.id == number)
    row = (await tx.connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return None if row is None else broadcast(tx, row)


async def open_ones(tx: Transaction, *stages: Stage) -> list[Broadcast]:
    """List those that want attention, campaigns first, else in the order they were made; only of `stages` if given.

    One that was stopped is listed where that is asked for, until its last recipient is accounted for.
    """
    wanted = stages or tuple(stage for stage in Stage if stage not in ENDED)
    query = select(broadcasts).where(_open, broadcasts.c.stage.in_([stage.value for stage in wanted]))
    rows = await tx.connection.execute(query.order_by(broadcasts.c.campaign.is_(None), func.abs(broadcasts.c.id)))
    return [broadcast(tx, row) for row in rows]


async def latest(tx: Transaction, areas: Sequence[str], limit: int) -> list[Broadcast]:
    """List the newest broadcasts whose authors could write to one of these areas or within; neither campaigns nor what was discarded."""
    theirs = (
        broadcasts.c.campaign.is_(None),
        broadcasts.c.stage != Stage.DISCARDED.value,
        within(areas, broadcasts.c.area),
    )
    rows = await tx.connection.execute(select(broadcasts).where(*theirs).order_by(broadcasts.c.id.desc()).limit(limit))
    return [broadcast(tx, row) for row in rows]


async def stages(tx: Transaction) -> dict[str, int]:
    """Count the broadcasts in each stage, as long as their ledgers are kept; campaigns are not among them."""
    row = broadcasts.c
    held = select(row.stage, func.count().label("held")).where(row.campaign.is_(None)).group_by(row.stage)
    return {one.stage: one.held for one in await tx.connection.execute(held.order_by(row.stage))}


async def move(
    tx: Transaction, number: int, frm: Stage | Collection[Stage], to: Stage, *, now: datetime, by: int | None = None
) -> bool:
    """Move a broadcast on, unless it is no longer where it was seen; tell whether it moved.

    The first stage of sending notes when it began. `by` is who confirmed. Where it is stopped or discarded, whoever
    waits is skipped as "stopped" in the rounds that follow, and what is in flight ends by itself; then it has ended.
    """
    stages = [frm] if isinstance(frm, Stage) else list(frm)
    changes: dict[str, Any] = {"stage": to.value, "changed_at": now}
    if by is not None:
        changes["confirmed_by"] = by
    if to in SENDING:
        changes["started_at"] = func.coalesce(broadcasts.c.started_at, bindparam("begun", now, type_=Moment))
    if to is Stage.DONE:
        changes["finished_at"] = now
    moved = await tx.connection.execute(
        update(broadcasts)
        .where(broadcasts.c.id == number, broadcasts.c.stage.in_([stage.value for stage in stages]))
        .values(changes)
    )
    return moved.rowcount > 0


async def forget(tx: Transaction, before: datetime, now: datetime) -> None:
    """Give up what nobody has touched since a moment, nor meant for later; campaigns rest as long as it is wished.

    What was never released is discarded, what was held or paused is stopped.
    """
    row = broadcasts.c
    left = (row.campaign.is_(None), row.changed_at < before, func.coalesce(row.due_at, row.changed_at) < before)
    for stages, to in GIVEN_UP.items():
        lying = (*left, row.stage.in_([stage.value for stage in stages]))
        await tx.connection.execute(update(broadcasts).where(*lying).values(stage=to.value, changed_at=now))


async def sweep(tx: Transaction, before: datetime, limit: int = 1000) -> int:
    """Delete up to `limit` recipients of broadcasts that ended before this moment, and broadcasts without any left.

    Returns how many recipients went. Campaigns do not end: of them goes who was written to, or left out, before this
    moment. It has to be so long ago that no occasion comes back, so that none is told twice.
    """
    over = select(broadcasts.c.id).where(broadcasts.c.finished_at < before)
    old = select(recipients.c.id).where(recipients.c.broadcast.in_(over)).limit(limit)
    gone = (await tx.connection.execute(delete(recipients).where(recipients.c.id.in_(old)))).rowcount
    for campaign in await tx.connection.scalars(select(broadcasts.c.id).where(broadcasts.c.campaign.is_not(None))):
        if gone < limit:
            told = _told(campaign, before, limit - gone)
            gone += (await tx.connection.execute(delete(recipients).where(recipients.c.id.in_(told)))).rowcount
    empty = ~select(recipients.c.id).where(recipients.c.broadcast == broadcasts.c.id).exists()
    await tx.connection.execute(delete(broadcasts).where(broadcasts.c.finished_at < before, empty))
    return gone


def _told(campaign: int, before: datetime, limit: int) -> Select[tuple[int]]:
    """Find whom a campaign has told something before a moment: looking at its oldest rows only costs next to nothing."""
    row = recipients.c
    settled = (row.broadcast == campaign, row.finished_at.is_not(None))
    oldest = select(row.id, row.finished_at).where(*settled).order_by(row.id).limit(limit).subquery()
    return select(oldest.c.id).where(oldest.c.finished_at < before)
