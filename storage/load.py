"""The load: what waits, how long, and whether the database takes a write. For whoever watches the bot."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select

from storage import inbox, outbox
from storage.broadcasts import Stage
from storage.depth import Depth
from storage.tables import broadcasts, rounds
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Load:
    """Both boxes, and how many broadcasts are in which stage; campaigns are not among them."""

    inbox: Depth
    outbox: Depth
    broadcasts: dict[Stage, int]


async def load(tx: Transaction, now: datetime) -> Load:
    """Look at what waits."""
    stages = (
        select(broadcasts.c.stage, func.count().label("n")).where(broadcasts.c.campaign.is_(None)).group_by("stage")
    )
    counted = {row.stage: row.n for row in await tx.connection.execute(stages)}
    return Load(
        await inbox.depth(tx, now),
        await outbox.depth(tx, now),
        {stage: counted.get(stage.value, 0) for stage in Stage},
    )


async def rehearse(tx: Transaction) -> None:
    """Write a row and take it away again: a full disk or a database that only reads shows here, at the commit at last."""
    name = f"rehearsal {secrets.token_hex(4)}"  # of its own, so that no two processes wait for each other
    await tx.connection.execute(insert(rounds).values(name=name, done_on=date.min))
    await tx.connection.execute(delete(rounds).where(rounds.c.name == name))
