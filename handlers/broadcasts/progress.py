"""Progress: one message to the author of a broadcast that says how far it is."""

from __future__ import annotations

from conversations.words import _
from handlers.visit import Visit
from storage import broadcasts
from storage.broadcasts import Broadcast


async def show(visit: Visit, broadcast: Broadcast) -> None:
    """Show how far a broadcast is, in the place where it was shown before."""
    if broadcast.created_by is None:
        return
    counts = await broadcasts.counts(visit.tx, broadcast.id)
    text = _("Broadcast: {sent} of {planned} sent.", sent=counts.of("sent"), planned=counts.planned)
    await visit.write_to([broadcast.created_by], text, slot=f"siaran:{broadcast.id}")
