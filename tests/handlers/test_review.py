"""The sponsor's queue, beyond what the transcripts show."""

from __future__ import annotations

from datetime import timedelta

from village import VILLAGE, Office, waits

from bot import housekeeping
from bot.sandbox.client import Person
from storage import outbox, registrations, roles, sessions
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
    """Two people with one NIK: both get a first yes, a second person approves one, and the other is refused then."""
    async with office.app.database.write() as tx:
        double = await waits(tx, 7, office.clock(), nik=NIK)
    office.numbers = [office.numbers[0], double.number]
    for who in ("sponsor", "admin"):
        for number in office.numbers:
            await office.people[who].presses_raw(f"s|queue|show|{number}")
            await office.people[who].hears(number)
            await office.people[who].presses("Setujui")
            await office.settle()
    toasts = [toast.text for toast in office.people["admin"].toasts]
    assert any("NIK yang sama dan sudah disetujui" in toast for toast in toasts)
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


async def test_withdrawn_within_the_minute_nothing_else_is_told(office: Office) -> None:
    """A worker who withdraws before the decision is sent never reads that it was approved."""
    worker, sponsor = office.people["stranger"], office.people["sponsor"]
    await registers(office, worker, "3319020505909031")
    await sponsor.says("/antrean")
    for _skipped in range(3):
        await office.settle()
        await sponsor.presses("Lewati")
    await office.settle()
    await sponsor.presses("Setujui")
    await office.settle()
    await worker.says("/data")
    for label in ("Cabut dan hapus", "Ya, cabut dan hapus"):
        await office.settle()
        await worker.presses(label)
    await office.settle()
    office.clock.pass_by(61)
    office.app.sender.wake()
    await office.settle()
    chat = worker.chat.transcript()
    assert "Sudah dicabut" in chat
    assert "disetujui" not in chat
    assert "Menunggu diperiksa" not in chat


async def test_a_sponsor_of_a_district_is_told_of_all_that_waits_there(office: Office) -> None:
    """The call to the queue counts every village of the sponsor, not only the one of the last registration."""
    district, worker = office.people["other"], office.people["stranger"]
    async with office.app.database.write() as tx:
        await roles.grant(tx, district.id, "sponsor", "33.19.02", by=None, now=office.clock())
    await registers(office, worker, "3319020505909032", village="33.19.03.2007")
    call = next(message for message in district.chat.messages if message.plain.startswith("🔔"))
    assert "4" in call.plain


async def test_every_decision_moves_those_who_wait_behind(office: Office) -> None:
    """After a rejection too, the next in the village sees the new place in the message they have."""
    worker, sponsor = office.people["stranger"], office.people["sponsor"]
    await registers(office, worker, "3319020505909033")
    assert "Urutan di antrean: 4" in worker.chat.transcript()
    await sponsor.says("/antrean")
    await sponsor.hears("NIK")
    await sponsor.presses("Tolak")
    await sponsor.hears("Mengapa")
    await sponsor.presses("Tidak bisa dihubungi")
    await office.settle()
    assert "Urutan di antrean: 3" in worker.chat.transcript()


async def test_saying_no_in_a_correction_leaves_the_registration(office: Office) -> None:
    """Somebody who declines a renewed consent while correcting is told the truth: the registration is still there."""
    worker = office.people["stranger"]
    await registers(office, worker, "3319020505909034")
    async with office.app.database.read() as tx:
        before = (await registrations.of_person(tx, worker.id))[0]
    await worker.says("/data")
    await office.settle()
    await worker.presses("Perbaiki")
    await office.settle()
    async with office.app.database.write() as tx:
        stored = await sessions.load(tx, worker.id, "correction")
        assert stored is not None
        older = {**stored.body, "answers": {**stored.body["answers"], "consent": {"option": "agree", "version": "old"}}}
        await sessions.save(tx, worker.id, "correction", older, office.clock())
    await worker.says("halo")
    await office.settle()
    await worker.presses("Tidak")
    await office.settle()
    assert "tetap seperti semula" in worker.chat.transcript()
    assert "Tidak ada data yang disimpan" not in worker.chat.transcript()
    async with office.app.database.read() as tx:
        assert await registrations.of_person(tx, worker.id) == [before]


async def test_a_conversation_whose_flow_is_gone_stops_nobody(office: Office) -> None:
    """After a deploy that took a flow away, its open session is passed over by every command and word."""
    stranger = office.people["stranger"]
    async with office.app.database.write() as tx:
        await sessions.save(tx, stranger.id, "gone", {"flow": "gone", "version": 1}, office.clock())
    for text in ("/batal", "/bantuan", "/status", "halo"):
        await stranger.says(text)
        await office.settle()
    assert "daftar" in stranger.chat.transcript()


async def registers(office: Office, worker: Person, nik: str, village: str = VILLAGE) -> None:
    """Send a whole registration from a village, after everybody who waits already."""
    office.clock.pass_by(1)
    await worker.start("v-" + village.replace(".", ""))
    for line in ("[Ya, saya setuju]", nik, "[Ya, benar]", "Slamet", "081234567891", "[Ojek pangkalan]", "Jl. Mawar 1",
                 "[Tidak]", "[Belum tahu]", "[① Paket]", "[Kirim]"):  # fmt: skip
        await office.settle()
        await (worker.presses(line[1:-1]) if line.startswith("[") else worker.says(line))
    await office.settle()
