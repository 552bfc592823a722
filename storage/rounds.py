"""Rounds: what is done once a day, remembered as a row, so that a bot that was stopped is late and never skips."""

from datetime import date

from sqlalchemy import delete, select

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


async def made(tx: Transaction) -> dict[str, date]:
    """Return the day for which each round was last made."""
    return {row.name: row.done_on for row in await tx.connection.execute(select(rounds))}


async def again(tx: Transaction, name: str) -> None:
    """Let a round be made once more, whichever day it was made for."""
    await tx.connection.execute(delete(rounds).where(rounds.c.name == name))
