"""What follows when a programme is over: whoever waits for it without a place goes back to the queue, and is told."""

from __future__ import annotations

from dataclasses import replace

from conversations.rules import prices
from conversations.words import Value, _
from handlers import notices
from handlers.rounds import always
from handlers.visit import Visit
from storage import offers, programmes, registrations
from storage.programmes import CLOSED, Programme
from storage.registrations import MovedError, State

AT_ONCE = 100  # people in one transaction


async def close(visit: Visit, programme: Programme) -> Programme:
    """Close a programme: open offers end, those who wait are set free; whoever has a place keeps it."""
    closed = await programmes.save(visit.tx, replace(programme, state=CLOSED), by=visit.id, now=visit.now)
    for offer in await offers.open_of(visit.tx, programme.code):
        await offers.answer(visit.tx, offer.id, "void", visit.id, visit.now)
    await _free(visit, closed)
    return closed


@always("over")
async def free_all(visit: Visit) -> None:
    """Set free who still waits for a programme that is closed, or whose time has ended meanwhile."""
    for code in await programmes.over(visit.tx, prices.first_month(visit.today)):
        if (programme := await programmes.get(visit.tx, code)) is not None:
            await _free(visit, programme)


async def _free(visit: Visit, programme: Programme) -> None:
    """Set some free, and tell them. Who pays alone loses nothing when a drive ends, so there is nothing to tell."""
    alone = programme.payer == "self"
    recalled: set[str] = set()
    for one in await registrations.unplaced(visit.tx, programme.code, limit=AT_ONCE):
        try:
            freed = await registrations.set_free(
                visit.tx, one.number, payer="self" if alone else "unknown", now=visit.now
            )
        except MovedError:
            continue  # decided this moment
        if not alone:
            await notices.tell(visit, freed, why=_why(programme))
        if one.state in {State.WITH_DEPARTMENT, State.WAITING_LIST}:
            recalled.add(one.area)
    for area in sorted(recalled):
        await notices.call_sponsors(visit, area)


def _why(programme: Programme) -> Value:
    return _(
        "ℹ️ <b>{programme}</b> has ended without a place for this registration. The officer may choose another programme.",
        programme=programme.name,
    )
