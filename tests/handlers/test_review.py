"""The sponsor's queue, beyond what the transcripts show."""

from __future__ import annotations

from datetime import timedelta

from village import VILLAGE, Office, waits

from bot import housekeeping
from storage import outbox, registrations, sessions
from storage.registrations import State

NIK = "3319020505909001"


async def test_an_approval_is_of_what_was_read(office: Office) -> None:
    """A registration corrected after its card was opened is shown anew instead of being approved unseen."""
    sponsor = office.people["sponsor"]
    await sponsor.says("/antrean")
    card = await sponsor.hears("Kasmuri")
    number = card.plain[:8]
    async with office.app.database.write() as tx:
        before = await registrations.get(tx, number)
        assert before is not None
        assert before.document is not None
        changed = {**before.document, "name": "Kasmuri bin Karto"}
        form = registrations.Application(
            before.person, before.registered_by, before.area, before.occupation, before.transport, before.tier,
            before.payer, None, "id", changed, before.document["nik"], None,
        )  # fmt: skip
        office.clock.pass_by(1)
        await registrations.correct(tx, number, form, actor=before.registered_by, now=office.clock())
    await sponsor.presses_on(card, "Setujui")
    await office.settle()
    assert (await sponsor.gets_toast("memperbaiki")).alert
    assert "Kasmuri bin Karto" in sponsor.chat.transcript()
    assert {one.state for one in await office.all()} == {State.QUEUED}


async def test_of_one_nik_only_one_is_approved(office: Office) -> None:
    """Two people with one NIK: after one is approved, approving the other is refused with the reason."""
    sponsor = office.people["sponsor"]
    async with office.app.database.write() as tx:
        double = await waits(tx, 7, office.clock(), nik=NIK)
    office.numbers = [office.numbers[0], double.number]
    await sponsor.says("/antrean")
    for _card in range(4):
        await sponsor.hears("NIK")
        await sponsor.presses("Setujui")
        await office.settle()
        if any("NIK yang sama dan sudah disetujui" in toast.text for toast in sponsor.toasts):
            break
        await sponsor.presses("Lanjut")
    assert sorted(one.state for one in await office.all()) == [State.APPROVED, State.QUEUED]


async def test_many_registrations_make_one_call_to_the_queue(office: Office) -> None:
    """Within a quarter of an hour the sponsor is called once; what came meanwhile is counted in the next call."""
    sponsor = office.people["sponsor"]
    for number in range(3):
        worker = office.sandbox.person(f"Pekerja {number}")
        await worker.start("v-3319021001")
        for line in ("[Ya, saya setuju]", f"331902050590901{number}", "[Ya, benar]", "Slamet", f"08123456789{number}",
                     "[Ojek pangkalan]", "Jl. Mawar 1", "[Tidak]", "[Belum tahu]", "[① Paket]", "[Kirim]"):  # fmt: skip
            await office.settle()
            await (worker.presses(line[1:-1]) if line.startswith("[") else worker.says(line))
        await office.settle()
    calls = [message for message in sponsor.chat.messages if message.plain.startswith("🔔")]
    assert len(calls) == 1
    office.clock.pass_by(15 * 60 + 1)
    office.app.sender.wake()
    await office.settle()
    calls = [message for message in sponsor.chat.messages if message.plain.startswith("🔔")]
    assert [("6" in call.plain) for call in calls] == [True]


async def test_nothing_is_sent_before_the_minute_is_over(office: Office) -> None:
    """A decision leaves its letters waiting for one minute; undone, they are never sent and the place is kept."""
    sponsor = office.people["sponsor"]
    before = await office.all()
    await sponsor.says("/antrean")
    await sponsor.hears("NIK")
    await sponsor.presses("Setujui")
    await office.settle()
    async with office.app.database.read() as tx:
        due = await outbox.next_due(tx)
    assert due == office.clock() + timedelta(minutes=1)
    await sponsor.presses("Batalkan keputusan")
    await office.settle()
    after = await office.all()
    assert [(one.number, one.state, one.queued_at) for one in after] == [
        (one.number, one.state, one.queued_at) for one in before
    ]


async def test_promises_about_time_are_kept(office: Office) -> None:
    """After 30 days unfinished answers are gone and a rejected registration holds no data; the others stay."""
    stranger = office.people["stranger"]
    await stranger.presses("Ya, saya setuju")
    await office.settle()
    async with office.app.database.write() as tx:
        await registrations.move(
            tx, office.numbers[0], State.REJECTED, actor=1, reason="=no", now=office.clock(), frm=State.QUEUED
        )
    office.clock.pass_by(29 * 86400)
    await housekeeping.tidy(office.app.database, office.clock)
    async with office.app.database.read() as tx:
        assert await sessions.count(tx) == 1
    office.clock.pass_by(2 * 86400)
    await housekeeping.tidy(office.app.database, office.clock)
    async with office.app.database.read() as tx:
        assert await sessions.count(tx) == 0
    kept = [one.document is not None for one in await office.all()]
    assert sorted(kept) == [False, True, True]
    assert (await office.all())[0].area == VILLAGE
