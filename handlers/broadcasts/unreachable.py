"""People who can no longer be written to: whoever registered them hears of it, so that somebody visits them."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.rules import names
from conversations.words import Lines, Value, _, paragraphs
from handlers.visit import Key, Visit, button
from storage import broadcasts, registrations, roles
from storage.broadcasts import Broadcast
from storage.registrations import Registration

NAMED = 5  # in the message; all of them stand among the person's entries


async def tell(visit: Visit, broadcast: Broadcast) -> None:
    """Tell each helper, when a broadcast is over, whom of those they registered it could not reach."""
    for helper, numbers in (await broadcasts.unreached(visit.tx, broadcast.id)).items():
        held = [role for role in await roles.of(visit.tx, helper) if role.role != "verifier"]
        found = [await registrations.get(visit.tx, number) for number in numbers]
        theirs = [one for one in found if one is not None and any(roles.covers(role.area, one.area) for role in held)]
        if theirs:
            await visit.write_to(
                [helper], _text(theirs), [[Key(_("📋 My entries"), button("neighbours", "mine", "0"))]]
            )


def _text(lost: Sequence[Registration]) -> Value:
    lines = [
        _("• <b>{number}</b> {name}", number=one.number, name=names.mask(str((one.document or {}).get("name") or "…")))
        for one in lost[:NAMED]
    ]
    more = len(lost) - NAMED
    return paragraphs(
        _("📵 Of those you registered, <b>{count}</b> can no longer be reached on Telegram:", count=len(lost)),
        Lines([*lines, _("… and {more} more, among your entries.", more=more) if more > 0 else ""]),
        _("When you pass by, please tell them that they can write to me again with /start."),
    )
