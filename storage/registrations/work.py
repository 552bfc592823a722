"""The work of those who wait with words of their own, once an admin has said what the words mean."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from storage import history
from storage.registrations.places import held
from storage.registrations.records import Registration, document_place, locked
from storage.states import State
from storage.tables import is_in, registrations
from storage.transaction import Transaction

OTHER = "other"  # the occupation of who wrote own words
WAITS = (State.QUEUED, State.NEEDS_CORRECTION)


async def understand(
    tx: Transaction, occupation: str, *, transport: bool, means: Callable[[str], bool], actor: int, now: datetime
) -> int:
    """Give an occupation to those in the queue whose own words `means` tells to mean it, and return how many.

    They keep their place in the queue. Who holds a place of a programme keeps it as it was given.
    """
    waits = is_in(registrations.c.state, *WAITS)
    others = select(registrations.c.number).where(waits, registrations.c.occupation == OTHER)
    understood = 0
    for number in list(await tx.connection.scalars(others.order_by(registrations.c.number))):
        before = await locked(tx, number)
        own = str(((before.document or {}).get("occupation") or {}).get("words") or "")
        if before.state in WAITS and means(own) and await held(tx, number) is None:
            await _become(tx, before, {"code": occupation, "words": own}, transport=transport, now=now)
            state = before.state.value
            await history.append(tx, history.Entry(number, now, actor, state, state, "occupation"))
            understood += 1
    return understood


async def _become(
    tx: Transaction, before: Registration, work: dict[str, str], *, transport: bool, now: datetime
) -> None:
    """Write the work into columns and form; whoever said a first yes is asked again."""
    document = tx.vault.seal_json({**(before.document or {}), "occupation": work}, document_place(before.number))
    changes = {
        "occupation": work["code"],
        "transport": transport,
        "document": document,
        "first_yes_by": None,
        "changed_at": now,
    }
    mine = registrations.c.number == before.number
    await tx.connection.execute(update(registrations).where(mine).values(changes))
