"""Registering others: who may, for whom, and what becomes of the right once it is gone or the worker takes over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from village import OTHER_VILLAGE, VILLAGE, Office

from bot.sandbox.client import Person
from conversations import consent
from storage import programmes, registrations, roles, sessions
from storage.programmes import Programme
from storage.registrations import Registration, State

FORM = (
    "[Satu orang]", "[Tetangga]", "[Hadir]", "3319020505909051", "[Ya, benar]", "Siti Aminah", "[Tidak punya HP]",
    "[Ojek pangkalan]",
)  # fmt: skip
REST = ("Jl. Mawar 1", "[Tidak]")
UNDECIDED = ("[Belum tahu]", "[① Paket]", "[Kirim]")


async def acts(office: Office, person: Person, *lines: str) -> None:
    """Press and type, one after the other."""
    for line in lines:
        await office.settle()
        await (person.presses(line[1:-1]) if line.startswith("[") else person.says(line))
    await office.settle()


async def helper(office: Office, name: str, area: str = VILLAGE) -> Person:
    """Somebody with the role of a facilitator in an area."""
    person = office.sandbox.person(name)
    await person.start()
    await office.settle()
    async with office.app.database.write() as tx:
        await roles.grant(tx, person.id, "facilitator", area, by=None, now=office.clock())
    return person


async def entries(office: Office, person: Person) -> list[Registration]:
    """What a person has entered for others."""
    async with office.app.database.read() as tx:
        return await registrations.entered_by(tx, person.id)


async def found(office: Office, number: str) -> Registration:
    """A registration as it is now."""
    async with office.app.database.read() as tx:
        registration = await registrations.get(tx, number)
    assert registration is not None
    return registration


async def entered(office: Office, person: Person) -> Registration:
    """A neighbour registered by this person."""
    await acts(office, person, "/daftarkan", *FORM, *REST, *UNDECIDED)
    return (await entries(office, person))[0]


def programme(code: str, owner: int | None = None) -> Programme:
    """A programme in the village."""
    payer = "apbd" if owner is None else "sponsor"
    return Programme(code, code.title(), payer, VILLAGE, "basic", 6, date(2026, 12, 1), date(2027, 5, 1), owner=owner)


async def test_an_entry_is_attested_by_who_made_it(office: Office) -> None:
    """It belongs to nobody yet, holds no phone, and names how the neighbour agreed, when, and who says so."""
    person = await helper(office, "Bu")
    entry = await entered(office, person)
    assert (entry.person, entry.claim, entry.registered_by) == (None, "attested", person.id)
    assert entry.document is not None
    assert entry.document["phone"] is False
    proof = entry.document["consent_how"]
    assert (proof["option"], proof["version"], proof["by"]) == ("present", consent.VERSION, person.id)


async def test_a_role_taken_away_ends_the_form_and_the_entries(office: Office) -> None:
    """Whoever loses the role in the middle sends nothing, and no longer touches what was entered before."""
    person = await helper(office, "Bu")
    entry = await entered(office, person)
    await acts(office, person, "/daftarkan", *(line.replace("9051", "9052") for line in FORM), *REST, *UNDECIDED[:-1])
    async with office.app.database.write() as tx:
        for role in await roles.of(tx, person.id):
            await roles.revoke(tx, role.id, office.clock())
    await acts(office, person, "[Kirim]")
    assert [one.number for one in await entries(office, person)] == [entry.number]
    for action in ("refresh", "edit", "withdraw", "erase"):
        await person.presses_raw(f"s|own|{action}|{entry.number}")
    await office.settle()
    assert await found(office, entry.number) == entry


async def test_nobody_registers_outside_the_own_villages(office: Office) -> None:
    """A forged village is not taken, and a stranger's forged button opens no form."""
    person, stranger = await helper(office, "Bu", OTHER_VILLAGE), office.people["stranger"]
    await acts(office, person, "/daftarkan", "[Satu orang]", "[Tetangga]")
    await stranger.presses_raw("s|neighbours|one|")
    await office.settle()
    async with office.app.database.read() as tx:
        assert await sessions.load(tx, stranger.id, "neighbour") is None
        stored = await sessions.load(tx, person.id, "neighbour")
    assert stored is not None
    body = {**stored.body, "answers": {**stored.body["answers"], "village": {"code": VILLAGE, "words": None}}}
    async with office.app.database.write() as tx:
        await sessions.save(tx, person.id, "neighbour", {**body, "learned": {}}, office.clock())
    await acts(office, person, *FORM[2:], *REST, *UNDECIDED)
    assert await entries(office, person) == []
    last = person.chat.last
    assert last is not None
    assert "tidak bisa mendaftarkan" in last.plain


async def test_entries_of_another_are_not_shown(office: Office) -> None:
    """Neither the list nor a guessed number shows a facilitator what another one entered."""
    one, other = await helper(office, "Bu"), await helper(office, "Pak")
    entry = await entered(office, one)
    for action in ("open", "again"):
        await other.presses_raw(f"s|neighbours|{action}|{entry.number}")
    await other.presses_raw("s|neighbours|mine|0")
    await office.settle()
    assert "Siti" not in other.chat.transcript()


async def test_once_taken_over_it_is_the_workers(office: Office) -> None:
    """Who entered it no longer withdraws or edits it, and puts right only what the reviewer asks for."""
    person, worker = await helper(office, "Bu"), office.people["stranger"]
    entry = await entered(office, person)
    async with office.app.database.write() as tx:
        proof = {"option": "agree", "version": consent.VERSION, "at": office.clock().isoformat()}
        await registrations.claimed(tx, entry.number, worker.id, consent=proof, language="id", now=office.clock())
    for action in ("edit", "withdraw", "erase"):
        await person.presses_raw(f"s|own|{action}|{entry.number}")
    await office.settle()
    async with office.app.database.read() as tx:
        assert await sessions.load(tx, person.id, "neighbour_fix") is None
    assert (await found(office, entry.number)).state is State.QUEUED
    async with office.app.database.write() as tx:
        await registrations.move(
            tx, entry.number, State.NEEDS_CORRECTION, actor=office.people["sponsor"].id, reason="incomplete",
            now=office.clock(), frm=State.QUEUED, wanted="name",
        )  # fmt: skip
    await person.presses_raw(f"s|own|correct|{entry.number}")
    await acts(office, person, "Siti Aminah Karto")
    after = await found(office, entry.number)
    assert after.document is not None
    assert (after.state, after.person, after.document["name"]) == (State.QUEUED, worker.id, "Siti Aminah Karto")
    assert after.document["consent"]["option"] == "agree"
    await worker.presses_raw(f"s|own|erase|{entry.number}")
    await office.settle()
    assert (await found(office, entry.number)).state is State.WITHDRAWN


async def test_who_pays_registers_under_the_own_programme_only(office: Office) -> None:
    """Without a role, one's own programme opens the form, and the government's is not offered."""
    payer = office.people["stranger"]
    async with office.app.database.write() as tx:
        await programmes.save(tx, programme("kudus"), by=None, now=office.clock())
        await programmes.save(tx, programme("tetangga", payer.id), by=payer.id, now=office.clock())
    await acts(office, payer, "/daftarkan", *FORM, *REST, "[Kirim]")
    entry = (await entries(office, payer))[0]
    assert (entry.programme, entry.payer, entry.tier) == ("tetangga", "sponsor", "basic")
    assert "Kudus:" not in payer.chat.transcript()


async def test_a_programme_closed_meanwhile_is_left_out(office: Office) -> None:
    """The registration goes in without it: the officer may put the person under another."""
    person = await helper(office, "Bu")
    async with office.app.database.write() as tx:
        await programmes.save(tx, programme("kudus"), by=None, now=office.clock())
    await acts(office, person, "/daftarkan", *FORM, *REST, "[Ada yang membayarkan]", "[Kudus]")
    async with office.app.database.write() as tx:
        await programmes.save(tx, replace(programme("kudus"), state=programmes.CLOSED), by=None, now=office.clock())
    await acts(office, person, "[Kirim]")
    entry = (await entries(office, person))[0]
    assert (entry.programme, entry.payer) == (None, "sponsor")


async def test_a_correction_keeps_the_programme_that_an_officer_chose(office: Office) -> None:
    """What was put under a programme after it was sent stays there when an answer is put right."""
    person = await helper(office, "Bu")
    entry = await entered(office, person)
    async with office.app.database.write() as tx:
        await programmes.save(tx, programme("kudus"), by=None, now=office.clock())
        await registrations.put_under(
            tx, entry.number, "kudus", payer="apbd", tier="basic", actor=office.people["sponsor"].id, now=office.clock()
        )
        await registrations.move(
            tx, entry.number, State.NEEDS_CORRECTION, actor=office.people["sponsor"].id, reason="incomplete",
            now=office.clock(), frm=State.QUEUED, wanted="address",
        )  # fmt: skip
    await person.presses_raw(f"s|own|correct|{entry.number}")
    await acts(office, person, "Jl. Kenanga No. 5")
    after = await found(office, entry.number)
    assert (after.state, after.programme, after.payer) == (State.QUEUED, "kudus", "apbd")
