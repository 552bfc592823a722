"""Pledges and offers: what a sponsor may see and do, what only the worker may answer, and the admin's programmes."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from village import VILLAGE, Office, waits

from bot import rounds
from storage import history, offers, programmes, registrations, roles, words
from storage.programmes import CLOSED, Programme
from storage.tables import offers as table

FIRST, LAST = date(2026, 11, 1), date(2027, 10, 1)
SECRETS = ("Kasmuri", "Melati", "0001", "3319")


def pledge(owner: int, people: int = 2, code: str = "S-1", area: str = VILLAGE) -> Programme:
    """A sponsor's programme for the village."""
    return Programme(code, "Bu Sri", "sponsor", area, "basic", 3, FIRST, LAST, people=people, owner=owner)


async def pledged(office: Office, waiting: int = 3, people: int = 2) -> None:
    """Let the stranger pledge for the village, where so many wait."""
    async with office.app.database.write() as tx:
        now = office.clock()
        await programmes.save(tx, pledge(office.people["stranger"].id, people), by=None, now=now)
        for number in range(3, waiting):
            office.numbers.append((await waits(tx, number, now)).number)


async def offered(office: Office) -> offers.Offer:
    """Let the stranger offer the pledge to who waits longest, and return the offer."""
    await office.people["stranger"].presses_raw("s|adopt|offer|S-1|first")
    await office.settle()
    async with office.app.database.read() as tx:
        [made] = await offers.open_of(tx, "S-1")
        return made


async def test_of_fewer_than_five_nothing_is_told(office: Office) -> None:
    """Where three wait a sponsor learns neither work nor age; an offer naming one of them goes to nobody else's choice."""
    await pledged(office)
    sponsor = office.people["stranger"]
    await sponsor.presses_raw("s|adopt|list|S-1")
    await office.settle()
    shown = sponsor.chat.messages[-1]
    assert "kurang dari lima" in shown.plain
    assert [label for label in shown.labels if "jek" in label] == []


async def test_of_five_work_age_and_district_are_told_and_no_name(office: Office) -> None:
    """Where five wait, work, age band and district stand on the buttons, and nothing by which somebody is known."""
    await pledged(office, waiting=5)
    sponsor = office.people["stranger"]
    await sponsor.presses_raw("s|adopt|list|S-1")
    await office.settle()
    assert "Ojek pangkalan, 30–44 tahun, Kota Kudus" in sponsor.chat.messages[-1].labels
    seen = sponsor.chat.transcript()
    assert not [secret for secret in SECRETS if secret in seen]


async def test_only_the_sponsor_of_a_pledge_acts_on_it(office: Office) -> None:
    """Forged buttons of a pledge do nothing for anybody else, admins included, and show nothing of it."""
    await pledged(office)
    for name in ("admin", "sponsor", "other"):
        for data in ("s|pledge|open|S-1", "s|pledge|close|S-1", "s|pledge|closed|S-1", "s|adopt|list|S-1",
                     "s|adopt|offer|S-1|first"):  # fmt: skip
            await office.people[name].presses_raw(data)
            await office.settle()
        assert "Bu Sri" not in office.people[name].chat.transcript()
    async with office.app.database.read() as tx:
        found = await programmes.get(tx, "S-1")
        assert found is not None
        assert found.state == programmes.OPEN
        assert await offers.pending(tx, "S-1") == 0


async def test_only_the_worker_answers(office: Office) -> None:
    """Neither the sponsor nor an admin can say yes for the worker; the worker's yes puts the registration under the pledge."""
    await pledged(office)
    offer = await offered(office)
    for name in ("stranger", "admin", "sponsor"):
        await office.people[name].presses_raw(f"s|adopt|yes|{offer.id}")
        await office.settle()
    assert {one.programme for one in await office.all()} == {None}
    async with office.app.database.read() as tx:
        kept = await offers.get(tx, offer.id)
        assert kept is not None
        assert kept.answer is None


async def test_a_facilitator_is_asked_for_who_has_no_telegram(office: Office) -> None:
    """For an attested registration the one who entered it is asked, with the worker's name in part, and says yes for them."""
    await pledged(office)
    facilitator = office.people["other"]
    async with office.app.database.write() as tx:
        first = await registrations.get(tx, office.numbers[0])
        assert first is not None
        for number in office.numbers:
            await registrations.move(
                tx, number, registrations.State.WITHDRAWN, actor=None, reason=None, now=office.clock(),
                frm=registrations.State.QUEUED,
            )  # fmt: skip
        attested = registrations.Application(
            None, facilitator.id, VILLAGE, "ojek", True, "basic", "unknown", None, "id",
            {**(first.document or {}), "nik": "3319020505909017"}, "3319020505909017", None, claim="attested",
        )  # fmt: skip
        number = (await registrations.submit(tx, attested, office.clock())).number
    office.numbers = [number]
    offer = await offered(office)
    assert (await facilitator.hears("Mohon tanyakan kepada")).plain.startswith("Mohon tanyakan kepada Kasmuri")
    await facilitator.presses("Ya, saya setuju")
    await office.settle()
    [adopted] = await office.all()
    assert (adopted.programme, adopted.payer, adopted.tier) == ("S-1", "sponsor", "basic")
    async with office.app.database.read() as tx:
        answered = await offers.get(tx, offer.id)
        assert answered is not None
        assert answered.answer == "yes"
        assert await tx.connection.scalar(select(table.c.answered_by).where(table.c.id == offer.id)) == facilitator.id
        assert await history.verify(tx, number)
    assert "Kasmuri" in (await office.people["stranger"].hears("setuju")).plain


async def test_no_more_offers_than_places(office: Office) -> None:
    """A pledge for one person makes one offer at a time."""
    await pledged(office, people=1)
    await offered(office)
    await office.people["stranger"].presses_raw("s|adopt|offer|S-1|first")
    await office.settle()
    async with office.app.database.read() as tx:
        assert await offers.pending(tx, "S-1") == 1


async def test_an_offer_ends_after_seven_days(office: Office) -> None:
    """Nobody's answer ends an offer after seven days; the sponsor is told, and the place is free for another."""
    await pledged(office, people=1)
    offer = await offered(office)
    office.clock.pass_by(timedelta(days=7, hours=1).total_seconds())
    await rounds.make(office.app.database, office.app.office)
    office.app.sender.wake()
    await office.people["stranger"].hears("tidak dijawab")
    async with office.app.database.read() as tx:
        ended = await offers.get(tx, offer.id)
        assert ended is not None
        assert ended.answer == "expired"
        assert await offers.pending(tx, "S-1") == 0


async def test_closing_a_pledge_frees_who_waits(office: Office) -> None:
    """Closed, a pledge asks nobody any more, and those in the queue are without a payer again."""
    await pledged(office)
    sponsor = office.people["stranger"]
    async with office.app.database.write() as tx:
        await registrations.put_under(
            tx, office.numbers[1], "S-1", payer="sponsor", tier="basic", actor=1, now=office.clock()
        )
    offer = await offered(office)
    await sponsor.presses_raw("s|pledge|closed|S-1")
    await office.settle()
    async with office.app.database.read() as tx:
        closed, freed = await programmes.get(tx, "S-1"), await registrations.get(tx, office.numbers[1])
        ended = await offers.get(tx, offer.id)
        assert closed is not None
        assert freed is not None
        assert ended is not None
        assert (closed.state, freed.programme, freed.payer, ended.answer) == (CLOSED, None, "unknown", "void")


async def test_programmes_of_other_areas_stay_as_they_are(office: Office) -> None:
    """An admin of one village neither sees nor changes a programme of a wider area; nobody else sees any."""
    async with office.app.database.write() as tx:
        wide = Programme("kudus", "Jamsostek Kudus", "apbd", "33.19", "basic", 12, FIRST, LAST, people=100)
        await programmes.save(tx, wide, by=None, now=office.clock())
        await roles.grant(tx, office.people["other"].id, "admin", VILLAGE, by=None, now=office.clock())
    for name in ("other", "sponsor", "stranger"):
        person = office.people[name]
        await person.says("/program")
        for action in ("open", "edit", "close", "shares", "reshare"):
            await person.presses_raw(f"s|programme|{action}|kudus")
            await office.settle()
        await person.presses_raw("s|trade|add|ojek|kudus")
        await office.settle()
        assert "Jamsostek Kudus" not in person.chat.transcript()
    async with office.app.database.read() as tx:
        found = await programmes.get(tx, "kudus")
        assert found is not None
        assert found.state == programmes.OPEN


async def test_a_quota_below_what_is_promised_is_said_and_asked_again(office: Office) -> None:
    """Fewer places than are promised are refused with the number, and the form stands open to be changed."""
    admin = office.people["admin"]
    async with office.app.database.write() as tx:
        made = Programme("kudus", "Jamsostek Kudus", "apbd", "33.19", "basic", 12, FIRST, LAST, people=100)
        await programmes.save(tx, made, by=None, now=office.clock())
        for number in office.numbers[:2]:
            await registrations.put_under(tx, number, "kudus", payer="apbd", tier="basic", actor=1, now=office.clock())
            await registrations.move(
                tx, number, registrations.State.APPROVED, actor=1, reason=None, now=office.clock(),
                frm=registrations.State.QUEUED, cost=registrations.Cost(12, 201_600, FIRST),
            )  # fmt: skip
    for line in ("/program", "[Jamsostek Kudus]", "[✏️ Ubah]", "[Ubah jawaban]", "[Jatah tempat]", "1", "[Simpan]"):
        await office.settle()
        await (admin.presses(line[1:-1]) if line.startswith("[") else admin.says(line))
    await office.settle()
    assert "Sudah 2 tempat" in admin.chat.transcript()
    assert "Jatah tempat: 1" in admin.chat.messages[-1].plain
    async with office.app.database.read() as tx:
        found = await programmes.get(tx, "kudus")
        assert found is not None
        assert found.people == 100


async def test_words_are_understood_once_an_admin_says_what_they_mean(office: Office) -> None:
    """An admin maps words to an occupation; the next worker who types them has it, and a programme may take it up."""
    admin = office.people["admin"]
    async with office.app.database.write() as tx:
        narrow = Programme(
            "kota", "Kota", "apbd", "33.19", "basic", 12, FIRST, LAST, people=9, terms={"occupations": ["batik"]}
        )
        await programmes.save(tx, narrow, by=None, now=office.clock())
        for nik in ("3319022505909001", "3319022505909002"):
            await words.count(tx, "ngarit", nik, office.clock())
    for line in ("/program", "[Kata pekerjaan (1)]", "[ngarit]", "[Berikutnya]", "[Peternak]", "[Terima di Kota]"):
        await office.settle()
        await (admin.presses(line[1:-1]) if line.startswith("[") else admin.says(line))
    await office.settle()
    assert office.app.office.solved == {"ngarit": "livestock"}
    office.app.office.solved.clear()
    await rounds.make(office.app.database, office.app.office)
    assert office.app.office.solved == {"ngarit": "livestock"}
    async with office.app.database.read() as tx:
        found = await programmes.get(tx, "kota")
        assert found is not None
        assert found.terms["occupations"] == ["batik", "livestock"]


async def test_programmes_are_listed_and_offered_only_where_one_is_an_admin(office: Office) -> None:
    """An admin of one village sees its programme alone, and may put a kind of work on no other's list; the bot's own admin, on both."""
    async with office.app.database.write() as tx:
        for name, area in (("Kabupaten", "33.19"), ("Desa", VILLAGE)):
            narrow = Programme(name, name, "apbd", area, "basic", 12, FIRST, LAST, terms={"occupations": ["batik"]})
            await programmes.save(tx, narrow, by=None, now=office.clock())
        for nik in ("3319022505909001", "3319022505909002"):
            for written in ("ngarit", "derep"):
                await words.count(tx, written, nik, office.clock())
        await roles.grant(tx, office.people["other"].id, "admin", VILLAGE, by=None, now=office.clock())
    for who, written, seen in (("other", "ngarit", ["Desa"]), ("admin", "derep", ["Desa", "Kabupaten"])):
        person = office.people[who]
        await person.says("/program")
        await office.settle()
        assert [label for label in sorted(person.chat.messages[-1].labels) if label in {"Desa", "Kabupaten"}] == seen
        for label in ("Kata pekerjaan", written, "Berikutnya", "Peternak"):
            await person.presses(label)
            await office.settle()
        offered = [label for label in person.chat.messages[-1].labels if "Terima di" in label]
        assert sorted(label.rpartition(" ")[2] for label in offered) == seen
