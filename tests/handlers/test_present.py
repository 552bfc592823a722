"""A registration is shown as it is now, and nobody is called to a queue in which nothing waits any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from village import Office, entered, form

from bot.sandbox.client import Person
from storage import programmes, registrations, roles
from storage.programmes import Programme
from storage.registrations import State

KUDUS = Programme(
    "kudus", "Kudus", "apbd", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1),
    people=26_000, budget=5_000_000_000,
)  # fmt: skip


async def registered(office: Office) -> tuple[Person, str]:
    """Let somebody with Telegram wait in the village's queue."""
    worker = office.sandbox.person("Kasmuri")
    await worker.start()
    await office.settle()
    async with office.app.database.write() as tx:
        theirs = replace(form(5, office.clock()), person=worker.id, registered_by=worker.id)
        number = (await registrations.submit(tx, theirs, office.clock())).number
    office.numbers.append(number)
    return worker, number


async def under(office: Office, number: str, **terms: object) -> None:
    """Found a programme that somebody else pays, and put a registration under it."""
    async with office.app.database.write() as tx:
        now = office.clock()
        await programmes.save(tx, replace(KUDUS, terms=terms), by=None, now=now)
        await registrations.put_under(tx, number, KUDUS.code, payer="apbd", tier="basic", actor=1, now=now)


async def test_the_card_of_a_neighbour_says_how_they_are_related_and_agreed(office: Office) -> None:
    """Who was registered by another is shown with the relation, and with how consent was given; others are not."""
    async with office.app.database.write() as tx:
        number = (await entered(tx, 5, office.clock(), office.people["stranger"].id)).number
    sponsor = office.people["sponsor"]
    await sponsor.presses_raw(f"s|queue|show|{number}")
    card = (await sponsor.hears(number)).plain
    assert "Hubungan: Tetangga" in card
    assert "Persetujuan: ✅ Hadir dan setuju" in card
    await sponsor.presses_raw(f"s|queue|show|{office.numbers[0]}")
    assert "Hubungan" not in (await sponsor.hears(office.numbers[0])).plain


async def test_who_pays_is_shown_as_it_is_now(office: Office) -> None:
    """Once an officer has put somebody under a programme, card and /data name it, and no longer what was answered."""
    sponsor, (worker, number) = office.people["sponsor"], await registered(office)
    await under(office, number)
    await sponsor.presses_raw(f"s|queue|show|{number}")
    await worker.says("/data")
    for shown in (await sponsor.hears(number), await worker.hears("Nama")):
        assert "Program: Kudus" in shown.plain
        assert "Belum tahu" not in shown.plain
        assert "Pilihan paket" not in shown.plain


async def test_free_places_are_those_that_can_be_paid(office: Office) -> None:
    """A programme for 26.000 people whose budget lasts for 24.801 has so many places, written as people write it."""
    sponsor, number = office.people["sponsor"], office.numbers[0]
    await under(office, number)
    await sponsor.presses_raw(f"s|queue|show|{number}")
    assert "sisa tempat: 24.801" in (await sponsor.hears(number)).plain


async def test_nobody_is_called_for_what_is_decided(office: Office) -> None:
    """A department that has decided before its call went out is not called; one for which another waits is, for one."""
    verifier, (worker, last) = office.people["stranger"], await registered(office)
    office.numbers = [*office.numbers[:2], last]
    async with office.app.database.write() as tx:
        now = office.clock()
        await roles.grant(tx, verifier.id, "verifier", "33.19", department="Dinas Perhubungan", by=None, now=now)
    for number in office.numbers[:2]:
        await under(office, number, by_department=True, departments={"*": "Dinas Perhubungan"})
        await approve(office, "sponsor", number)
    await approve(office, "stranger", office.numbers[0])
    await later(office)
    [call] = [message for message in verifier.chat.messages if message.plain.startswith("🔔")]
    assert "satu" in call.plain
    await approve(office, "stranger", office.numbers[1])
    await under(office, office.numbers[2], by_department=True, departments={"*": "Dinas Perhubungan"})
    await approve(office, "sponsor", office.numbers[2])
    office.clock.pass_by(10)
    await approve(office, "stranger", office.numbers[2])
    await later(office)
    assert [message for message in verifier.chat.messages if message.plain.startswith("🔔")] == []
    assert {one.state for one in await office.all()} == {State.APPROVED}
    assert "petugas desa dan Dinas Perhubungan" in worker.chat.transcript()


async def approve(office: Office, who: str, number: str) -> None:
    """Let somebody approve a registration from its card."""
    await office.people[who].presses_raw(f"s|queue|show|{number}")
    await office.settle()
    await office.people[who].presses("Setujui")
    await office.settle()


async def later(office: Office) -> None:
    """Let an hour pass, and send what was due."""
    office.clock.pass_by(3600)
    office.app.sender.wake()
    await office.settle()
