"""Preparing a broadcast: its recipients are written down page by page, then it is ready to be looked at."""

from __future__ import annotations

from datetime import timedelta

from conversations.rules.zones import Zone, zone_of
from handlers.office import Office
from storage import broadcasts
from storage.broadcasts import Broadcast, Limits, Stage
from storage.database import Database

WEEK = timedelta(days=7)


async def prepare(database: Database, office: Office, broadcast: Broadcast) -> None:
    """Write down who gets a broadcast, a page in a transaction; killed at any point, it goes on from there."""

    def zone(area: str) -> str:
        return zone_of(area) if area else Zone.WIB

    done = False
    while not done:
        async with database.write() as tx:
            now = office.clock()
            held = await broadcasts.get(tx, broadcast.id, locked=True)
            if held is None or held.stage is not Stage.PREPARING:
                return
            limits = Limits(office.messages_a_week, now - WEEK)
            today = now.astimezone(office.zone).date()
            planned = await broadcasts.plan_next(tx, held, today=today, now=now, limits=limits, zone_of=zone)
            if done := planned.done:
                await broadcasts.draw_canary(tx, held.id, held.canary)
                await broadcasts.move(tx, held.id, Stage.PREPARING, Stage.READY, now=now)
