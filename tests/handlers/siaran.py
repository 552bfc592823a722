"""A broadcast to the village of the tests, and what is pressed under it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from village import VILLAGE, Office

from bot.sandbox.client import Person
from handlers import news
from handlers.broadcasts import preparing
from storage import broadcasts, people
from storage.broadcasts import Broadcast, Counts, Ended
from storage.tables import recipients
from storage.transaction import Transaction

TEXT = "Pak Camat datang hari Senin."
AT = "s|deck|{action}|{number}"


async def written(office: Office, author: Person, *, area: str = VILLAGE, agreed: int = 3, **more: Any) -> int:
    """Let somebody compose news for the village, prepare it, and show its deck; `agreed` of its people want news."""
    async with office.app.database.write() as tx:
        now = office.clock()
        for person in range(7_200_000_000, 7_200_000_000 + agreed):
            await people.agree_to_news(tx, person, news.VERSION, now)
        await people.named(tx, author.id, "Bu Lurah")
        body = {"audience": {"area": area}, "texts": {"id": TEXT}, "picture": None, "button": None, "title": "Camat"}
        usual = {"necessary": False, "quiet": True, "due_at": None, "canary": 0}
        number = await broadcasts.create(tx, area=area, body=body, by=author.id, now=now, **{**usual, **more})
        made = await broadcasts.get(tx, number)
    assert made is not None
    await preparing.prepare(office.app.database, office.app.office, made)
    await press(office, author, "open", number)
    return number


async def press(office: Office, who: Person, action: str, number: int) -> None:
    """Let somebody press a button of a deck, also one they were never shown."""
    await who.presses_raw(AT.format(action=action, number=number))
    await office.settle()


async def stands(office: Office, number: int) -> Broadcast:
    """Return the broadcast as it is."""
    async with office.app.database.read() as tx:
        found = await broadcasts.get(tx, number)
    assert found is not None
    return found


async def counted(office: Office, number: int) -> Counts:
    """Return what has become of its messages."""
    async with office.app.database.read() as tx:
        return await broadcasts.counts(tx, number)


async def sent(tx: Transaction, number: int, now: datetime, *ends: str) -> None:
    """Let the first of its messages that wait end like this: a state, or a state and its reason."""
    waiting = await broadcasts.list_after(tx, number, 0, len(ends), "waiting")
    mine = recipients.c.id.in_([row.id for row in waiting])
    await tx.connection.execute(update(recipients).where(mine).values(state="sending"))
    for row, end in zip(waiting, ends, strict=True):
        state, _space, reason = end.partition(" ")
        ended: Any = Ended(row.id, state, reason or None)  # type: ignore[arg-type]
        await broadcasts.settle(tx, [ended], now)
