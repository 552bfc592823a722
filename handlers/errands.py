"""Errands: what the office does without anybody's update to answer, by itself or for somebody who began it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from handlers.office import Office
from handlers.visit import Visit
from locales import words
from storage import outbox, people
from storage.drawer import Drawer
from storage.people import Person
from storage.transaction import Transaction


@asynccontextmanager
async def errand(tx: Transaction, office: Office) -> AsyncIterator[Visit]:
    """Give a visit of nobody, for what the office does by itself: it writes to others, and says nothing to its own."""
    now = office.clock()
    nobody = Person(0, None, now, None, 0, None)
    visit = Visit(tx, office, now, nobody, words(None), Drawer(tx, ()))
    yield visit
    await outbox.post(tx, visit.letters, now)


@asynccontextmanager
async def call(tx: Transaction, office: Office, person: int, wish: Mapping[str, object]) -> AsyncIterator[Visit]:
    """Give a visit of somebody who is not here just now, for what was begun with them; `wish` knows their language.

    In a transaction that only reads, nothing is said.
    """
    now = office.clock()
    known = await people.meet(tx, person, now)
    drawer = await Drawer.of(tx, [person])
    visit = Visit(tx, office, now, known, words(known.language or str(wish.get("language"))), drawer)
    yield visit
    await drawer.put_back()
    await outbox.post(tx, visit.letters, now)
