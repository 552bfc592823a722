"""A crowd of recipients, for tests of sending to many: made up, planned, and looked at afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import insert, select

from bot.app import App
from bot.sandbox.client import Person, Sandbox
from handlers.office import Clock
from storage import broadcasts, people, roles
from storage.broadcasts import Audience, Stage
from storage.database import Database
from storage.tables import people as known
from storage.tables import recipients
from storage.transaction import Transaction

WORDS = "Kabar untuk semua."
PATIENCE = 60.0  # seconds; a guard, far beyond the usual


def crowd(sandbox: Sandbox, size: int) -> list[Person]:
    """Make people who have started the bot long ago."""
    made = [sandbox.person(f"Orang {number}") for number in range(size)]
    for person in made:
        person.has_started()
    return made


async def announce(
    database: Database,
    crowd: Sequence[Person],
    clock: Clock,
    *,
    canary: int = 0,
    stage: Stage = Stage.DUE,
    zone: str = "WIB",
    quiet: bool = False,
    necessary: bool = False,
    due_in: float = 0,
    words: str = WORDS,
) -> int:
    """Plan a broadcast to facilitators who have agreed to news, and return its id."""
    now = clock()
    due_at = now + timedelta(seconds=due_in)
    body = {
        "audience": Audience("facilitators").as_json(),
        "texts": {"id": words},
        "picture": None,
        "button": None,
        "title": "Kabar",
    }
    async with database.write() as tx:
        number = await broadcasts.create(
            tx,
            area="33.19",
            body=body,
            necessary=necessary,
            quiet=quiet,
            due_at=due_at,
            canary=canary,
            by=None,
            now=now,
        )
        for person in crowd:
            await people.meet(tx, person.id, now)
            await roles.grant(tx, person.id, "facilitator", "33.19", by=None, now=now)
        await tx.connection.execute(known.update().values(news_at=now, language="id"))
        row = {"broadcast": number, "registration": None, "occasion": "", "language": "id", "zone": zone, "wave": 1}
        row |= {"state": "waiting", "due_at": due_at}
        await tx.connection.execute(insert(recipients), [{**row, "person": person.id} for person in crowd])
        await broadcasts.draw_canary(tx, number, canary)
        await broadcasts.move(tx, number, Stage.PREPARING, stage, now=now)
    return number


async def move(database: Database, number: int, frm: Stage, to: Stage, clock: Clock) -> bool:
    """Move a broadcast as an admin does."""
    async with database.write() as tx:
        return await broadcasts.move(tx, number, frm, to, now=clock())


async def states(tx: Transaction, number: int) -> Counter[tuple[str, str | None]]:
    """Count a broadcast's recipients by state and reason."""
    rows = await tx.connection.execute(
        select(recipients.c.state, recipients.c.reason).where(recipients.c.broadcast == number)
    )
    return Counter((row.state, row.reason) for row in rows)


def copies(person: Person) -> int:
    """Count how many times a person got the words."""
    return sum(message.plain == WORDS for message in person.chat.messages)


async def reaches(app: App, number: int, stage: Stage) -> None:
    """Wait until a broadcast is in a stage and nothing is in flight."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await app.settled(0)
            async with app.database.read() as tx:
                found = await broadcasts.get(tx, number)
            if found is not None and found.stage is stage:
                return


async def sent(sandbox: Sandbox, count: int) -> None:
    """Wait until so many more messages have been asked for."""
    end = asked(sandbox) + count
    async with asyncio.timeout(PATIENCE):
        while asked(sandbox) < end:
            await sandbox.api.bell.rung()


def asked(sandbox: Sandbox) -> int:
    """Count the messages that have been asked for."""
    return sum(call.method == "sendMessage" for call in sandbox.calls)
