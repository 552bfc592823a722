"""Review by forged buttons: out of area, of another department, or with a role that was taken away, nothing happens."""

from __future__ import annotations

import pytest
from village import VILLAGE, Office, waits

from storage import registrations, roles
from storage.registrations import State

ACTIONS = ("s|queue|approve|{one}|0", "s|queue|show|{one}", "s|double|show|{one}", "s|double|keep|{one}|{two}|0",
           "s|double|admin|{one}", "s|under|show|{one}", "s|under|put|{one}|-", "s|bulk|undo|1")  # fmt: skip


@pytest.mark.parametrize("who", ["stranger", "other", "verifier", "revoked"])
async def test_nothing_happens_to_those_of_others(office: Office, who: str) -> None:
    """Every action on a village's pair of duplicates, tried by four who may not: no change, and no name is shown."""
    person = office.people["stranger" if who in {"verifier", "revoked"} else who]
    async with office.app.database.write() as tx:
        now = office.clock()
        double = await waits(tx, 8, now, nik="3319020505909001")
        if who == "verifier":
            await roles.grant(tx, person.id, "verifier", "33.19", department="Dinas Pertanian", by=None, now=now)
        if who == "revoked":
            role = await roles.grant(tx, person.id, "sponsor", VILLAGE, by=None, now=now)
            await roles.revoke(tx, role.id, now)
    office.numbers.append(double.number)
    before = await office.all()
    for action in ACTIONS:
        await person.presses_raw(action.format(one=office.numbers[0], two=double.number))
    await office.settle()
    assert await office.all() == before
    assert "Kasmuri" not in person.chat.transcript()


async def test_a_village_does_not_speak_for_the_department(office: Office) -> None:
    """What is with the department is no longer the village's to approve, and its verifier decides nothing queued."""
    sponsor, verifier = office.people["sponsor"], office.people["stranger"]
    first, second = office.numbers[:2]
    async with office.app.database.write() as tx:
        now = office.clock()
        await roles.grant(tx, verifier.id, "verifier", "33.19", department="Dinas Perhubungan", by=None, now=now)
        moved = await registrations.move(
            tx,
            first,
            State.WITH_DEPARTMENT,
            actor=1,
            reason=None,
            now=now,
            frm=State.QUEUED,
            department="Dinas Perhubungan",
        )
        queued = await registrations.get(tx, second)
    assert queued is not None
    before = await office.all()
    stamps = [str(round(one.changed_at.timestamp() * 1000)) for one in (moved, queued)]
    await sponsor.presses_raw(f"s|queue|approve|{first}|{stamps[0]}")
    await verifier.presses_raw(f"s|queue|approve|{second}|{stamps[1]}")
    await office.settle()
    assert await office.all() == before
    await verifier.presses_raw(f"s|queue|approve|{first}|{stamps[0]}")
    await office.settle()
    assert [one.state for one in await office.all()] == [State.APPROVED, State.QUEUED, State.QUEUED]


@pytest.mark.parametrize("left", ["", "33.19.03.2007"])
async def test_several_are_decided_only_where_one_still_may(office: Office, left: str) -> None:
    """A sponsor whose village was taken away while the list stood open approves none, with or without another village."""
    sponsor = office.people["sponsor"]
    await sponsor.says("/antrean")
    await sponsor.hears("antrean: 3")
    await sponsor.presses("Beberapa sekaligus")
    await sponsor.hears("mau diapakan")
    await sponsor.presses("yang bersih")
    await sponsor.hears("tanpa peringatan")
    async with office.app.database.write() as tx:
        now = office.clock()
        for role in await roles.of(tx, sponsor.id):
            await roles.revoke(tx, role.id, now)
        if left:
            await roles.grant(tx, sponsor.id, "sponsor", left, by=None, now=now)
    before = await office.all()
    await sponsor.presses("Setujui")
    await sponsor.hears("Tidak ada yang diputuskan")
    await office.settle()
    assert await office.all() == before
