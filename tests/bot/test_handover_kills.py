"""The way to BPJS and back goes on where it was killed: the file arrives, the same each time, and cover is told once."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msoffcrypto
import pytest
from bot_process import settings, vault
from hurried import hurried, stopped
from lists import nik

from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import Fault
from sheets.writing import csv_text
from storage import handovers, history, people, registrations
from storage.database import Database
from storage.handovers import Handover
from storage.registrations import Application, State

PEOPLE, VILLAGE, GUARD = 120, "33.19.02.1001", 200.0
BACK = ["Nomor pendaftaran", "KPJ", "Terlindungi sejak"]
KILLS = 3  # while answers are recorded


@pytest.fixture
async def watch(database_url: str) -> AsyncIterator[Database]:
    """The bot's database, to look on and to prepare what is to be handed over."""
    opened = await Database.open(database_url, vault())
    yield opened
    await opened.close()


async def test_killed_on_the_way_to_bpjs_and_back(watch: Database, database_url: str, tmp_path: Path) -> None:
    """Killed six times, the bot hands everybody over once, sends one file, and tells nobody of cover again and again."""
    async with Sandbox.start(limits=None) as sandbox, asyncio.timeout(GUARD):
        admin, other, ani = (sandbox.person(name) for name in ("Admin", "Kedua", "Ani"))
        environment = settings(sandbox, database_url, ADMINS=f"{admin.id},{other.id}")
        async with hurried(environment, tmp_path):
            for person in (admin, other, ani):
                await person.start()
                await person.hears("Selamat datang", within=60)
        numbers = await confirmed(watch, admin.id, other.id, ani.id)
        sandbox.faults.fail_next("sendDocument", 1, Fault.LOST)
        for state in ("handed", "ready"):
            async with hurried(environment, tmp_path):
                while (await handover(watch)).state not in {state, "ready"}:
                    pass
        async with hurried(environment, tmp_path):
            while sandbox.faults.left:
                await sandbox.faults.bell.rung()
        async with hurried(environment, tmp_path):
            await admin.waits(lambda _chat: len(files(admin)) > 0, 60)
            await admin.presses_raw("s|handover|return|1")
            await admin.hears("Jawaban BPJS untuk serahan 1", within=60)
            rows = [[number, f"123{place:08}", "01-12-2026"] for place, number in enumerate(numbers)]
            await admin.sends_document("jawaban.csv", csv_text(BACK, rows))
            await admin.hears(f"Baru: {PEOPLE}", within=60)
            await admin.presses(f"Catat {PEOPLE}")
            await covered(watch, 1)
        for kill in range(1, KILLS):
            async with hurried(environment, tmp_path):
                await covered(watch, kill * PEOPLE // KILLS)
        async with hurried(environment, tmp_path) as process:
            await admin.hears("terjawab semua", within=60)
            await ani.waits(lambda _chat: told(ani).keys() == set(numbers), 60)
            assert await stopped(process) == 0
        await check(watch, admin, numbers)
        assert files(other) == files(ani) == []
        assert max(told(ani).values()) <= 2
        assert told(ani).total() <= PEOPLE + KILLS


async def confirmed(database: Database, admin: int, other: int, ani: int) -> list[str]:
    """Let neighbours of Ani's be approved, and one admin propose what the other confirms; return their numbers."""
    now = datetime.now(UTC)
    long_ago, lately = now - timedelta(minutes=10), now - timedelta(minutes=5)
    async with database.write() as tx:
        for person in (admin, other, ani):
            await people.meet(tx, person, long_ago)
        numbers = []
        for place in range(PEOPLE):
            one = await registrations.submit(tx, form(place, ani), long_ago)
            how = {"actor": None, "reason": None, "now": long_ago, "frm": State.QUEUED}
            await registrations.move(tx, one.number, State.APPROVED, **how)  # type: ignore[arg-type]
            numbers.append(one.number)
        asked = await handovers.propose(tx, None, mapping="default", count=PEOPLE, by=admin, now=lately)
        await handovers.confirm(tx, asked.id, by=other, now=now)
    return numbers


def form(place: int, ani: int) -> Application:
    """Return the form of somebody Ani entered."""
    document = {"nik": nik(place), "name": "Kasmuri Wibowo", "address": "Jl. Melati 3", "months": "3"}
    kinds = (VILLAGE, "tailor", False, "basic", "self", None, "id")
    return Application(None, ani, *kinds, document, nik(place), None, claim=registrations.ATTESTED)


async def handover(database: Database) -> Handover:
    """Return the hand-over as it stands."""
    async with database.read() as tx:
        found = await handovers.get(tx, 1)
    assert found is not None
    return found


async def covered(database: Database, least: int) -> None:
    """Wait until the cover of so many is recorded."""
    found = 0
    while found < least:
        async with database.read() as tx:
            found = (await registrations.counts(tx))["active"]


def files(person: Person) -> list[bytes]:
    """Return the files on a person's screen."""
    return [one.document for one in person.chat.messages if one.document and one.sender == "bot"]


def told(person: Person) -> Counter[str]:
    """Count by number the messages on the screen that tell of cover."""
    said = [one.plain for one in person.chat.messages if "terlindungi sejak" in one.plain]
    return Counter(line.split()[1] for text in said for line in text.splitlines()[:1])


async def check(database: Database, admin: Person, numbers: list[str]) -> None:
    """Hold the file against its checksum, and each registration against its history."""
    found = await handover(database)
    for file in files(admin):
        book, body = msoffcrypto.OfficeFile(io.BytesIO(file)), io.BytesIO()
        book.load_key(password=found.password)
        book.decrypt(body)
        assert sha256(body.getvalue()).hexdigest() == found.checksum
    assert 1 <= len(files(admin)) <= 3
    async with database.read() as tx:
        assert await handovers.outcomes(tx, 1) == {"active": PEOPLE}
        for number in numbers:
            past = [one.to_state for one in await history.entries(tx, number)]
            assert past == ["queued", "approved", "handed_over", "active"]
            one = await registrations.get(tx, number)
            assert one is not None
            assert one.cover_from == date(2026, 12, 1)
            assert await history.verify(tx, number)
