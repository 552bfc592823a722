"""The flight deck: who gets a broadcast and who does not, before anything is sent."""

from __future__ import annotations

from conversations.words import Number, _
from handlers.visit import Visit
from storage import broadcasts
from storage.broadcasts import Broadcast


async def show(visit: Visit, broadcast: Broadcast) -> None:
    """Show how many get it, and how many do not."""
    counts = await broadcasts.counts(visit.tx, broadcast.id)
    waiting = counts.of("waiting")
    visit.show(
        _(
            "<b>{waiting}</b> people get it, {others} do not.",
            waiting=Number(waiting),
            others=Number(counts.planned - waiting),
        )
    )
