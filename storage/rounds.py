"""Rounds: what is done once a day, remembered as a row, so that a bot that was stopped is late and never skips."""

from datetime import date

from storage.tables import rounds
from storage.transaction import Transaction


async def begin(tx: Transaction, name: str, day: date) -> bool:
    """Tell whether the round of this day is still to be made; it counts as made once the transaction commits."""
    made = await tx.connection.execute(
        tx.insert(rounds)
        .values(name=name, done_on=day)
        .on_conflict_do_update(index_elements=["name"], set_={"done_on": day}, where=rounds.c.done_on < day)
        .returning(rounds.c.name)
    )
    return made.one_or_none() is not None
