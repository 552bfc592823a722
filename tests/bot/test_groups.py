"""The promise: updates that are handled together are handled as if each were alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select, text

from bot.app import App
from bot.demo import stage
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import SENDS, Fault
from bot.sending.pace import UNLIMITED
from bot.sending.sender import AT_ONCE
from bot.watching import metrics
from bot.worker import TOGETHER
from storage import inbox
from storage.tables import inbox as rows
from storage.tables import outbox, sessions

LOOKS = 300


async def together(sandbox: Sandbox, app: App, *acts: tuple[Person, str]) -> None:
    """Let people say something so that one transaction finds all of it: the writer is busy until it has arrived."""
    before = sandbox.world.updates.count
    async with app.database.write():
        for person, words in acts:
            await person.says(words)
        assert sandbox.world.updates.count == before + len(acts)
        await asyncio.sleep(0)


async def tried(app: App) -> Counter[tuple[int, int]]:
    """Return how many updates of each chat were tried in vain how often."""
    async with app.database.read() as tx:
        return Counter((row.lane, row.attempts) for row in await tx.connection.execute(select(rows)) if row.attempts)


async def test_one_that_fails_leaves_no_mark_on_the_others(tmp_path: Path) -> None:
    """Where one of many cannot be handled, the others are answered once and have not failed; it alone is tried again."""
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        crowd = [sandbox.person(f"Orang {number}") for number in range(TOGETHER)]
        for person in crowd:
            await person.start()
        for person in crowd:
            await person.hears("Bolehkah")
        unlucky = crowd[TOGETHER // 2]
        async with app.database.write() as tx:
            refuse = f"WHEN NEW.person = {unlucky.id} BEGIN SELECT RAISE(ABORT, 'refused'); END"
            await tx.connection.execute(text(f"CREATE TRIGGER refused BEFORE INSERT ON sessions {refuse}"))
        await together(sandbox, app, *((person, "apa ini?") for person in crowd))
        for person in crowd:
            if person is not unlucky:
                await person.hears("tekan salah satu tombol")
        assert await tried(app) == {(unlucky.id, 1): 1}
        async with app.database.write() as tx:
            await tx.connection.execute(text("DROP TRIGGER refused"))
        await unlucky.hears("tekan salah satu tombol", within=30)
        await app.settled(sandbox.world.updates.count)
        async with app.database.read() as tx:
            assert await inbox.dead(tx) == []
            letters = select(outbox.c.chat_id, func.count()).where(outbox.c.chat_id.in_([one.id for one in crowd]))
            assert {count for _chat, count in await tx.connection.execute(letters.group_by(outbox.c.chat_id))} == {2}
            kept = select(sessions.c.version).where(sessions.c.person == unlucky.id)
            assert await tx.connection.scalar(kept) == 2


async def test_each_is_answered_in_its_own_chat_and_language(tmp_path: Path) -> None:
    """Conversations fetched and saved together stay apart: each goes on where that person was."""
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        ani, budi, cici = (sandbox.person(name) for name in ("Ani", "Budi", "Cici"))
        for person in (ani, budi, cici):
            await person.start()
            await person.hears("Bolehkah")
        await cici.says("/batal")
        await cici.hears("di sini?")
        await cici.presses("Ya, berhenti")
        await cici.hears("dihapus")
        await ani.presses("saya setuju")
        await ani.hears("NIK, 16 angka")
        await together(sandbox, app, (ani, "12"), (budi, "12"), (cici, "/bantuan"))
        await ani.hears("16 angka")
        await budi.hears("tekan salah satu tombol")
        await cici.hears("/daftar")
        await app.settled(sandbox.world.updates.count)
        async with app.database.read() as tx:
            assert set(await tx.connection.scalars(select(sessions.c.person))) == {ani.id, budi.id}


async def test_a_full_sender_rests(tmp_path: Path) -> None:
    """While as many calls are under way as may be, more letters are due and nothing lands, the sender does nothing."""

    def writes() -> float:
        return metrics.REGISTRY.get_sample_value("sertakan_transaction_seconds_count", {"kind": "write"}) or 0

    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
        crowd = [sandbox.person(f"Orang {number}") for number in range(AT_ONCE + 10)]
        sandbox.faults.fail_next(SENDS, len(crowd), Fault.TIMEOUT)
        for person in crowd:
            await person.start()
        while sandbox.faults.happened[Fault.TIMEOUT] < AT_ONCE or app.worker.ended < len(crowd):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        before = writes()
        for _look in range(LOOKS):  # each lets everybody else go on
            async with app.database.read() as tx:
                assert await tx.connection.scalar(select(func.count()).select_from(outbox))
        assert writes() - before < LOOKS / 3  # the clock makes some
