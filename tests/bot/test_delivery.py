"""The promise: every message arrives, in its chat's order, within Telegram's limits, whatever the network does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from applicants import applicants
from sqlalchemy import func, select

from bot.app import App
from bot.demo import stage
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import SENDS, Fault
from bot.sandbox.limits import TELEGRAM, Limits
from bot.sending.pace import UNHURRIED, UNLIMITED, Pace
from storage import registrations
from storage.tables import inbox, outbox, people

CONSENT, FULL, NIK = "saya setuju", "Baca selengkapnya", "NIK, 16 angka"


@asynccontextmanager
async def at_work(
    folder: Path, *, pace: Pace = UNLIMITED, limits: Limits | None = None
) -> AsyncIterator[tuple[Sandbox, App]]:
    """Run sandbox and bot together."""
    async with stage(folder, pace=pace, limits=limits) as (sandbox, app, _admin):
        yield sandbox, app


def heard(person: Person) -> list[str]:
    """Return what the bot has said to a person."""
    return [message.plain for message in person.chat.messages if message.sender == "bot"]


async def endings(app: App, person: Person) -> list[tuple[str, str | None]]:
    """Return what became of the letters to a person, in their order."""
    async with app.database.read() as tx:
        rows = await tx.connection.execute(
            select(outbox.c.state, outbox.c.reason).where(outbox.c.chat_id == person.id).order_by(outbox.c.id)
        )
        return [(row.state, row.reason) for row in rows]


async def test_nothing_is_sent_in_a_halt(tmp_path: Path) -> None:
    """After a 429 no call goes out before its time has passed; then everybody gets their answer."""
    async with at_work(tmp_path, pace=UNHURRIED, limits=TELEGRAM) as (sandbox, _app):
        crowd = [sandbox.person(f"Orang {number}") for number in range(12)]
        sandbox.faults.fail_next(SENDS, 1, Fault.TOO_MANY, retry_after=2)
        for person in crowd:
            await person.start()
        for person in crowd:
            await person.hears("Bolehkah")
        (halt,) = [call.at for call in sandbox.calls if call.status == 429]
        early = [call for call in sandbox.calls if halt < call.at < halt + 2 and call.method != "getUpdates"]
        assert (early, sandbox.sent_inside_halt) == ([], 0)


async def test_a_long_halt_sends_nothing_twice(tmp_path: Path) -> None:
    """Letters that wait for the end of a halt are given back, and each goes out once."""
    async with at_work(tmp_path) as (sandbox, app):
        crowd = [sandbox.person(f"Orang {number}") for number in range(12)]
        sandbox.faults.fail_next(SENDS, 1, Fault.TOO_MANY, retry_after=1)
        for person in crowd:
            await person.start()
        await app.settled(len(crowd))
        for person in crowd:
            await person.hears("Bolehkah")
            assert len([message for message in person.chat.messages if message.sender == "bot"]) == 1


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.RESET, Fault.TIMEOUT, Fault.LOST])
async def test_a_failed_call_is_made_again(tmp_path: Path, fault: Fault) -> None:
    """Whatever the network does to a message, it arrives in the end, and other people notice nothing."""
    async with at_work(tmp_path) as (sandbox, app):
        app.sender.calls.answer_within = 1
        ani, budi = sandbox.person("Ani"), sandbox.person("Budi")
        sandbox.faults.fail_next(SENDS, 1, fault, chat=ani.id)
        await ani.start()
        await budi.start()
        await budi.hears("Bolehkah")
        await ani.hears("Bolehkah")
        await ani.presses(CONSENT)
        await ani.hears(NIK)
        await app.settled(3)
        assert set(await endings(app, ani)) <= {("sent", None)}


async def test_somebody_who_blocked_the_bot(tmp_path: Path) -> None:
    """Letters to somebody who blocked the bot fail, the person is known to be out of reach, nobody else is affected."""
    async with at_work(tmp_path) as (sandbox, app):
        ani, budi = sandbox.person("Ani"), sandbox.person("Budi")
        sandbox.faults.fail_next(SENDS, 1_000, Fault.BLOCKED, chat=budi.id)
        for _again in range(3):
            await budi.start()
        await ani.start()
        await ani.hears("Bolehkah")
        await app.settled(4)
        assert await endings(app, budi) == [("failed", "blocked")] * 3
        assert await _unreachable(app) == {budi.id}
        sandbox.faults.clear()
        await budi.blocks()
        await budi.unblocks()
        await budi.start()
        await budi.hears("Bolehkah")
        assert await _unreachable(app) == set()


async def _unreachable(app: App) -> set[int]:
    async with app.database.read() as tx:
        gone = select(people.c.telegram_id).where(people.c.unreachable_at.is_not(None))
        return set((await tx.connection.execute(gone)).scalars())


async def test_the_message_to_edit_is_gone(tmp_path: Path) -> None:
    """When somebody has deleted the message that is to change, the words come as a new one."""
    async with at_work(tmp_path) as (sandbox, _app):
        ani = sandbox.person("Ani")
        await ani.start()
        asked = await ani.hears("Bolehkah")
        await ani.presses(FULL)
        sandbox.world.delete(ani._chat, asked._message)
        assert (await ani.hears("Hak Bapak/Ibu")).id > asked.id


async def test_an_update_that_comes_again(tmp_path: Path) -> None:
    """An update that Telegram delivers once more, under its old id, does nothing."""
    async with at_work(tmp_path) as (sandbox, app):
        ani = sandbox.person("Ani")
        await ani.start()
        await ani.hears("Bolehkah")
        await ani.presses(CONSENT)
        await ani.hears(NIK)
        await app.settled(2)
        before, fetched = ani.chat.transcript(), len(sandbox.calls)
        sandbox.redelivers()
        while len([call for call in list(sandbox.calls)[fetched:] if call.method == "getUpdates"]) < 1:
            await sandbox.api.bell.rung()
        await ani.says("/bahasa")
        await ani.hears("bahasa apa")
        await app.settled(3)
        assert ani.chat.transcript().startswith(before)
        async with app.database.read() as tx:
            assert await tx.connection.scalar(select(func.count()).select_from(inbox)) == 3


async def test_a_button_pressed_twice(tmp_path: Path) -> None:
    """The same press under two ids acts once: one registration, and one answer to each press."""
    async with at_work(tmp_path) as (sandbox, app):
        (worker,) = applicants(sandbox, 1)
        await worker.reaches("summary")
        await worker.answers()
        await worker.answers()
        await worker.finishes()
        await app.settled(sandbox.world.updates.count)
        assert len(worker.numbers) == 1
        async with app.database.read() as tx:
            assert sum((await registrations.counts(tx)).values()) == 1
        presses = sandbox.world.presses.values()
        assert all(press.answered for press in presses)


async def test_the_order_in_a_chat(tmp_path: Path) -> None:
    """Answers come in the order of what was said, also when calls fail in between."""
    said = ["/iuran", "/bantuan", "/batal", "/status", "/bahasa", "/bantuan", "/iuran", "/batal"]
    async with at_work(tmp_path) as (sandbox, app):
        slow, quick = sandbox.person("Pelan"), sandbox.person("Cepat")
        for line in ("/start", *said):
            await (slow.start() if line == "/start" else slow.says(line))
            await slow.hears("")
            await app.settled(sandbox.world.updates.count)
        sandbox.faults.fail_next(SENDS, 1, Fault.BROKEN, chat=quick.id)
        sandbox.faults.fail_next(SENDS, 1, Fault.TOO_MANY, chat=quick.id)
        await quick.start()
        for line in said:
            await quick.says(line)
        await quick.waits(lambda _chat: len(heard(quick)) >= len(heard(slow)))
        assert heard(quick) == heard(slow)
        assert len(heard(slow)) > len(said)


async def test_sixty_people_at_once(tmp_path: Path) -> None:
    """When sixty people start and press at the same moment, Telegram has no reason to say no."""
    async with at_work(tmp_path, pace=UNHURRIED, limits=TELEGRAM) as (sandbox, _app):
        crowd = [sandbox.person(f"Orang {number}") for number in range(60)]
        for person in crowd:
            await person.start()
        for person in crowd:
            await person.hears("Bolehkah", within=30)
        for label, answer in ((FULL, "Hak Bapak/Ibu"), (CONSENT, NIK)):
            for person in crowd:
                await person.presses(label)
            for person in crowd:
                await person.hears(answer, within=30)
        assert [call for call in sandbox.calls if call.status == 429] == []
