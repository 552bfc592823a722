"""Turns: what becomes of a recipient whose turn has come: a message, nothing after all, or another day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.watching.logs import where
from handlers.broadcasts import rendering
from handlers.broadcasts.rendering import LeftOut, Ready
from handlers.campaigns import rendering as reminders
from handlers.visit import Visit
from storage import broadcasts
from storage.broadcasts import Broadcast, Limits, Recipient

log = structlog.get_logger("broadcaster")

PAUSE = timedelta(days=1)  # a reminder that would be one too many this week is looked at again after it


async def barred(visit: Visit, claimed: Sequence[tuple[Broadcast, Recipient]]) -> dict[int, LeftOut]:
    """Return who of the claimed may not be written to now, by the id of the recipient."""
    limits = Limits.a_week(visit.office.messages_a_week, visit.now)
    in_hand = [recipient.id for _one, recipient in claimed]
    out: dict[int, LeftOut] = {}
    for one in {one.id: one for one, _recipient in claimed}.values():
        theirs = [recipient for other, recipient in claimed if other.id == one.id]
        ids = [recipient.person for recipient in theirs]
        found = await broadcasts.barred(visit.tx, one, ids, limits, but=in_hand)
        out |= {who.id: LeftOut(*found[who.person]) for who in theirs if who.person in found}
    return out


async def made(visit: Visit, one: Broadcast, recipient: Recipient, bar: LeftOut | None) -> Ready | LeftOut | None:
    """Return a recipient's message, or why there is none; None puts off a reminder of which there are enough this week."""
    if bar is not None and (one.campaign is None or bar.reason != "capped"):
        return bar
    message = await _rendered(visit, one, recipient)
    return None if bar is not None and isinstance(message, Ready) else message


async def _rendered(visit: Visit, one: Broadcast, recipient: Recipient) -> Ready | LeftOut:
    """Make a recipient's message; one that cannot be made does not hold up the others."""
    render = rendering.render if one.campaign is None else reminders.render
    try:
        async with visit.tx.savepoint():
            return await render(visit, one, recipient)
    except Exception as error:  # noqa: BLE001  # whatever it was, it is theirs alone
        log.error("a message could not be made", recipient=recipient.id, error=where(error))  # noqa: TRY400  # the message may be personal
        return LeftOut("skipped", "fault")
