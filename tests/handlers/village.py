"""A village with a running bot: its sponsor, another village's, an admin, a stranger, and three people who wait."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.demo import stage
from bot.sandbox.client import Person, Sandbox
from bot.sending.pace import UNLIMITED
from bot.transcript import StageClock
from conversations.consent import VERSION
from storage import people, registrations, roles
from storage.registrations import Application, Registration
from storage.transaction import Transaction

VILLAGE, OTHER_VILLAGE = "33.19.02.1001", "33.19.03.2007"


@dataclass
class Office:
    """A running bot with people of every kind."""

    sandbox: Sandbox
    app: App
    people: dict[str, Person]
    numbers: list[str]
    clock: StageClock

    async def settle(self) -> None:
        """Wait until everything is answered."""
        await self.app.settled(self.sandbox.world.updates.count)

    async def all(self) -> list[Registration]:
        """Every registration."""
        async with self.app.database.read() as tx:
            found = [await registrations.get(tx, number) for number in self.numbers]
            return [one for one in found if one is not None]


def form(number: int, now: datetime, nik: str | None = None) -> Application:
    """Return the form of a made-up person of the village."""
    person, nik = 7_200_000_000 + number, nik or f"331902050590900{number + 1}"
    phone = f"+62811000091{number:02}"
    document = {
        "consent": {"option": "agree", "version": VERSION, "at": now.isoformat()},
        "nik": nik,
        "nik_right": "yes",
        "name": "Kasmuri",
        "phone": phone,
        "occupation": {"code": "ojek", "words": None},
        "village": {"code": VILLAGE, "words": None},
        "address": "Jl. Melati No. 3",
        "employer": "no",
        "payer": "unknown",
        "tier": "basic",
        "summary": "send",
    }
    return Application(person, person, VILLAGE, "ojek", True, "basic", "unknown", None, "id", document, nik, phone)


async def waits(tx: Transaction, number: int, now: datetime, nik: str | None = None) -> Registration:
    """Let a made-up person wait in the village's queue."""
    made = form(number, now, nik)
    await people.meet(tx, made.registered_by, now)
    return await registrations.submit(tx, made, now)


async def entered(tx: Transaction, number: int, now: datetime, by: int, **more: Any) -> Registration:
    """Let somebody enter a made-up neighbour who has no Telegram."""
    made = form(number, now)
    document = {name: value for name, value in made.document.items() if name != "consent"}
    document |= {
        "relation": "neighbour",
        "consent_how": {"option": "present", "version": VERSION, "at": now.isoformat()},
    }
    attested = {"person": None, "registered_by": by, "claim": registrations.ATTESTED, "document": document}
    return await registrations.submit(tx, replace(made, **{**attested, **more}), now)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A bot with three people waiting in one village, its sponsor, another village's sponsor, an admin, a stranger."""
    clock = StageClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
    async with stage(tmp_path, clock=clock, pace=UNLIMITED, limits=None) as (sandbox, app, admin):
        cast = {"admin": admin, **{name: sandbox.person(name) for name in ("sponsor", "other", "stranger")}}
        async with app.database.write() as tx:
            waiting = [await waits(tx, number, clock()) for number in range(3)]
            await roles.grant(tx, cast["sponsor"].id, "sponsor", VILLAGE, by=None, now=clock())
            await roles.grant(tx, cast["other"].id, "sponsor", OTHER_VILLAGE, by=None, now=clock())
        made = Office(sandbox, app, cast, [one.number for one in waiting], clock)
        for person in cast.values():
            await person.start()
        await made.settle()
        yield made
