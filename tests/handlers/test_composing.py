"""/siarkan in a running bot: who may write to whom is asked at every step, and what was composed is what is stored."""

from __future__ import annotations

from sqlalchemy import select
from village import OTHER_VILLAGE, VILLAGE, Office, entered

from bot.sandbox.client import Person
from storage import broadcasts, people, registrations, roles
from storage.broadcasts import Broadcast, Stage
from storage.tables import broadcasts as table


async def does(office: Office, who: Person, *lines: str) -> None:
    """Let somebody type and press, in brackets, one after the other."""
    for line in lines:
        await (who.presses(line[1:-1]) if line.startswith("[") else who.says(line))
        await office.settle()


async def made(office: Office) -> list[Broadcast]:
    """Return every broadcast that somebody composed."""
    async with office.app.database.read() as tx:
        numbers = await tx.connection.scalars(select(table.c.id).where(table.c.campaign.is_(None)).order_by(table.c.id))
        found = [await broadcasts.get(tx, number) for number in list(numbers)]
        return [one for one in found if one is not None]


TO_PICTURE = ("/siarkan", "[Yang sudah mendaftar]", "[Tidak, semuanya]", "Halo <b>{nama_depan}</b>", "[Kirimi teks]")


async def test_a_sponsor_writes_news_to_the_own_village(office: Office) -> None:
    """A sponsor's message is for the own village, is no necessary notice, and the picture is the one that was sent."""
    sponsor = office.people["sponsor"]
    await does(office, sponsor, *TO_PICTURE)
    photo = await sponsor.sends_photo()
    await office.settle()
    assert photo.id in {message.id for message in sponsor.chat.messages}
    await does(office, sponsor, "[Bayar di mana?]", "[Sekarang]", "[Siapkan]")
    [found] = await made(office)
    assert (found.area, found.necessary, found.quiet, found.due_at) == (VILLAGE, False, True, None)
    assert found.created_by == sponsor.id
    assert found.audience.area == VILLAGE
    assert found.body["texts"] == dict.fromkeys(("id", "en"), "Halo <b>{nama_depan}</b>")
    assert found.body["button"] == "where"
    assert found.body["picture"]
    assert found.stage is Stage.READY


async def test_the_number_of_people_is_told_after_every_answer(office: Office) -> None:
    """Three people wait in the village; the sponsor of another one reaches none of them, and reads who could be reached."""
    for name, count in (("sponsor", "3 orang"), ("other", "belum ada orangnya")):
        who = office.people[name]
        await does(office, who, "/siarkan", "[Yang sudah mendaftar]")
        assert count in who.chat.messages[-1].plain


async def test_whose_role_has_ended_writes_to_nobody(office: Office) -> None:
    """A role that ends while its holder composes ends the counting, and nothing is written down in the end."""
    sponsor = office.people["sponsor"]
    await does(office, sponsor, *TO_PICTURE, "[Tanpa gambar]", "[Tanpa tombol]", "[Sekarang]")
    async with office.app.database.write() as tx:
        [role] = await roles.of(tx, sponsor.id)
        await roles.revoke(tx, role.id, office.clock())
    await does(office, sponsor, "[Ubah jawaban]", "[Kepada]", "[Yang sudah mendaftar]")
    assert "orang." not in sponsor.chat.messages[-1].plain
    await does(office, sponsor, "[Siapkan]")
    assert "Hanya admin dan petugas desa" in sponsor.chat.messages[-1].plain + str(sponsor.toasts)
    assert await made(office) == []


async def test_a_place_that_was_taken_away_is_no_place(office: Office) -> None:
    """Somebody who was moved to another village while composing no longer writes to the old one."""
    sponsor = office.people["sponsor"]
    await does(office, sponsor, *TO_PICTURE, "[Tanpa gambar]", "[Tanpa tombol]", "[Sekarang]")
    async with office.app.database.write() as tx:
        [role] = await roles.of(tx, sponsor.id)
        await roles.revoke(tx, role.id, office.clock())
        await roles.grant(tx, sponsor.id, "sponsor", OTHER_VILLAGE, by=None, now=office.clock())
    await does(office, sponsor, "[Siapkan]")
    assert await made(office) == []


async def test_a_sponsor_of_two_villages_says_which(office: Office) -> None:
    """Who looks after several places is asked, and the list shows only broadcasts of one's own places."""
    sponsor, admin = office.people["sponsor"], office.people["admin"]
    async with office.app.database.write() as tx:
        await roles.grant(tx, sponsor.id, "sponsor", OTHER_VILLAGE, by=None, now=office.clock())
    await does(office, sponsor, "/siarkan", "[Yang sudah mendaftar]", "[Desa Jati Kulon]", "[Tidak, semuanya]")
    await does(
        office, sponsor, "Kabar desa", "[Kirimi teks]", "[Tanpa gambar]", "[Tanpa tombol]", "[Sekarang]", "[Siapkan]"
    )
    [found] = await made(office)
    assert found.area == OTHER_VILLAGE
    await does(office, admin, "/siarkan")
    assert "Kabar desa" in admin.chat.messages[-1].plain
    async with office.app.database.write() as tx:
        first, second = await roles.of(tx, sponsor.id)
        await roles.revoke(tx, max(first, second, key=lambda role: role.area == OTHER_VILLAGE).id, office.clock())
    await does(office, sponsor, "/siarkan")
    assert "Kabar desa" not in sponsor.chat.messages[-1].plain


SRI, WATI = 7_300_000_001, 7_300_000_002
TO_REGISTRANT = ("[Didaftarkan oleh]", "[Selesai]")


async def helped(office: Office) -> None:
    """Let Sri have entered two people of the village, one of whom has taken it over, and Wati one of another village."""
    async with office.app.database.write() as tx:
        for person, name in ((SRI, "Bu Sri"), (WATI, "Bu Wati")):
            await people.meet(tx, person, office.clock())
            await people.named(tx, person, name)
        owner = (await registrations.numbered(tx, office.numbers))[office.numbers[0]].person
        taken_over = {"person": owner, "claim": registrations.CLAIMED}
        await entered(tx, 4, office.clock(), SRI, **taken_over)
        await entered(tx, 5, office.clock(), SRI)
        await entered(tx, 6, office.clock(), WATI, area=OTHER_VILLAGE, **taken_over)


async def test_a_sponsor_chooses_among_who_registered_in_the_own_village(office: Office) -> None:
    """Of elsewhere nobody is offered, found or pressed; what is stored names whom was chosen, and the deck says it."""
    await helped(office)
    sponsor = office.people["sponsor"]
    await does(office, sponsor, "/siarkan", "[Yang sudah mendaftar]", *TO_REGISTRANT)
    shown = sponsor.chat.messages[-1]
    assert "Bu Sri · 2" in str(shown.labels)
    assert "Wati" not in str(shown.labels)
    assert not any(str(SRI) in str(button) for row in shown.buttons for button in row)
    await does(office, sponsor, "wati")
    assert "Tidak ada yang bernama “wati”" in sponsor.chat.messages[-1].plain
    await does(office, sponsor, "[Bu Sri]")
    assert "1 orang" in sponsor.chat.messages[-1].plain
    await does(office, sponsor, "Halo", "[Kirimi teks]", "[Tanpa gambar]", "[Tanpa tombol]", "[Sekarang]", "[Siapkan]")
    [found] = await made(office)
    assert (found.audience.area, found.audience.registrant) == (VILLAGE, SRI)
    assert "Hanya yang didaftarkan oleh Bu Sri" in sponsor.chat.messages[-1].plain


async def test_another_place_has_others_who_registered(office: Office) -> None:
    """Who changes the place after choosing is asked anew among those of that place."""
    await helped(office)
    sponsor = office.people["sponsor"]
    async with office.app.database.write() as tx:
        await roles.grant(tx, sponsor.id, "sponsor", OTHER_VILLAGE, by=None, now=office.clock())
    await does(office, sponsor, "/siarkan", "[Yang sudah mendaftar]", "[Desa Jati Kulon]", *TO_REGISTRANT, "[Bu Wati]")
    await does(office, sponsor, "Halo", "[Kirimi teks]", "[Tanpa gambar]", "[Tanpa tombol]", "[Sekarang]")
    await does(office, sponsor, "[Ubah jawaban]", "[Wilayah]", "[Kelurahan Purwosari]")
    labels = str(sponsor.chat.messages[-1].labels)
    assert "Bu Sri · 2" in labels
    assert "Wati" not in labels
