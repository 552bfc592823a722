"""A programme that is over leaves nobody hanging: who waits without a place goes back to the queue and is told why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from village import Office, form

from bot import rounds
from bot.sandbox.client import Person
from storage import history, programmes, registrations
from storage.audit import Audit
from storage.programmes import Programme
from storage.registrations import Cost, State

KUDUS = Programme("kudus", "Kudus", "apbd", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1), people=1)
YEAR = Cost(12, 201_600, date(2026, 12, 1))
REVIEWER = 500
WAITING = (State.QUEUED, State.NEEDS_CORRECTION, State.WITH_DEPARTMENT, State.WAITING_LIST)


async def crowd(office: Office) -> dict[State, Person]:
    """Let one person be in each state in which somebody waits for the programme, and one have its only place."""
    people: dict[State, Person] = {}
    office.numbers = []
    async with office.app.database.write() as tx:
        await programmes.save(tx, KUDUS, by=None, now=office.clock())
    for place, state in enumerate((State.APPROVED, *WAITING), start=3):
        person = people[state] = office.sandbox.person(f"Pekerja {place}")
        await person.start()
        await office.settle()
        async with office.app.database.write() as tx:
            now = office.clock()
            theirs = replace(
                form(place, now), person=person.id, registered_by=person.id, programme="kudus", payer="apbd"
            )
            one = await registrations.submit(tx, theirs, now)
            if state != State.QUEUED:
                await registrations.move(
                    tx, one.number, state, actor=REVIEWER, reason=None, now=now, frm=State.QUEUED, wanted="name",
                    cost=YEAR, department="Dinas",
                )  # fmt: skip
        office.numbers.append(one.number)
    return people


async def hold(office: Office, people: dict[State, Person]) -> None:
    """See that nobody hangs: all wait in the village without it, the approved one keeps the place, all are told once."""
    approved, *waiting = await office.all()
    assert (approved.state, approved.programme) == (State.APPROVED, "kudus")
    assert [one.state for one in waiting] == [State.QUEUED, State.NEEDS_CORRECTION, State.QUEUED, State.QUEUED]
    assert {(one.programme, one.payer, one.department) for one in waiting} == {(None, "unknown", None)}
    for state in WAITING:
        assert people[state].chat.transcript().count("Kudus sudah ditutup") == 1
    assert "sudah ditutup" not in people[State.APPROVED].chat.transcript()
    async with office.app.database.read() as tx:
        assert all([await history.verify(tx, one.number) for one in waiting])
        assert [found async for found in Audit(tx).findings()] == []


async def test_an_admin_closes_a_programme_with_a_waiting_list(office: Office) -> None:
    """The admin is told how many wait before closing; then they are free, and whoever has a place keeps it."""
    people, admin = await crowd(office), office.people["admin"]
    await admin.presses_raw("s|programme|close|kudus")
    assert "4 orang menunggu" in (await admin.hears("Tutup Kudus")).plain
    await admin.presses("Ya, tutup")
    await office.settle()
    await hold(office, people)


async def test_a_programme_whose_time_has_ended(office: Office) -> None:
    """When the last month is past, the same happens by itself, at the next look at the clock, and only once."""
    people = await crowd(office)
    async with office.app.database.write() as tx:
        ended = replace(KUDUS, first_month=date(2025, 10, 1), last_month=date(2026, 9, 1))
        await programmes.save(tx, ended, by=None, now=office.clock())
    for _look in range(2):
        await rounds.make(office.app.database, office.app.office)
        office.app.sender.wake()
        await office.settle()
    await hold(office, people)
