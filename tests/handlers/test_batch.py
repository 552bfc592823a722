"""Many neighbours at once, end to end: a file or pasted lines, over real HTTP, to registrations and back to a file."""

from __future__ import annotations

import random

import hostile_rows
import pytest
from lists import HEADERS, nik, people, prepares, written
from village import VILLAGE, Office

from bot.housekeeping import tidy
from bot.sandbox.client import Person
from conversations.batch import COLUMNS
from handlers import desk
from sheets.columns import NAMES
from sheets.reading import read
from storage import history, registrations, roles
from storage.registrations import Registration
from storage.tables import uploads as rows


async def entered(office: Office, person: Person) -> list[Registration]:
    """Whom the person has registered, newest first."""
    async with office.app.database.read() as tx:
        return await registrations.entered_by(tx, person.id, limit=10_000)


async def test_a_thousand_rows(office: Office) -> None:
    """Of a thousand rows with a hundred bad ones, nine hundred are registered and a hundred come back with the reason."""
    sponsor, other = office.people["sponsor"], office.people["admin"]
    await prepares(sponsor, office.settle)
    bad = range(5, 1000, 10)
    sent = await sponsor.sends_document("daftar.csv", written(people(1000, bad)))
    await sponsor.hears("900 orang bisa didaftarkan", within=60)
    await office.settle()
    assert sent.id not in [one.id for one in sponsor.chat.messages], "the list stays in the chat"
    returned = next(one for one in sponsor.chat.messages if one.file_name == "perbaikan.xlsx")
    assert returned.document is not None
    back = read(returned.document)
    assert [row.cells["nik"] for row in back.rows] == [nik(number)[:15] for number in bad]
    assert await entered(office, sponsor) == []

    await sponsor.presses("Daftarkan 900")
    await sponsor.hears("Terkirim: 900", within=60)
    await office.settle()
    made = await entered(office, sponsor)
    assert len(made) == len({one.document["nik"] for one in made if one.document}) == 900
    assert {(one.claim, one.person, one.area, one.state.value) for one in made} == {
        ("attested", None, VILLAGE, "queued")
    }
    async with office.app.database.read() as tx:
        assert await history.verify(tx, made[0].number)
    calls = [one for one in other.chat.messages if "menunggu" in one.plain]
    assert len(calls) == 1, "the reviewers are called once, not for each"
    result = next(one for one in reversed(sponsor.chat.messages) if one.file_name == "hasil.xlsx")
    assert result.document is not None
    assert result.document != b""


async def test_the_same_file_again_registers_nobody(office: Office) -> None:
    """A list sent twice, or pressed twice, registers each person once."""
    sponsor = office.people["sponsor"]
    await prepares(sponsor, office.settle)
    await sponsor.sends_document("daftar.csv", written(people(7)))
    await sponsor.hears("7 orang bisa")
    await office.settle()
    asked = next(one for one in reversed(sponsor.chat.messages) if one.labels and "Daftarkan 7" in one.labels[0])
    data = asked.buttons[0][0].data
    assert data is not None
    await sponsor.presses_raw(data)
    await sponsor.presses_raw(data)
    await office.settle()
    await sponsor.sends_document("daftar.csv", written(people(8)))
    await sponsor.hears("7 orang sudah")
    await office.settle()
    await sponsor.presses("Daftarkan 1")
    await office.settle()
    assert len(await entered(office, sponsor)) == 8


async def test_what_is_promised_is_done(office: Office) -> None:
    """The rows that were called good are those that are registered, whatever stands in the others."""
    sponsor = office.people["sponsor"]
    await prepares(sponsor, office.settle)
    await sponsor.sends_document("daftar.csv", written(hostile_rows.ROWS, HEADERS))
    await office.settle()
    async with office.app.database.read() as tx:
        promised = (await tx.connection.execute(rows.select().order_by(rows.c.id.desc()))).first()
    assert promised is not None
    await sponsor.presses(f"Daftarkan {promised.result['good']}")
    await office.settle()
    made = await entered(office, sponsor)
    assert len(made) == promised.result["good"] == hostile_rows.GOOD
    for one in made:
        assert not any(sign in str(one.document) for sign in ("\\u202e", "\\x00"))


@pytest.mark.parametrize("seed", range(3))
async def test_the_dry_run_tells_the_real_one(office: Office, seed: int) -> None:
    """Of rows thrown together by chance, exactly those are registered that were called good, and no other changes."""
    chance = random.Random(seed)  # noqa: S311  # nothing secret
    cells = [
        [*(nik(number) for number in range(12)), nik(3)[:15], "", "3319023104909001", "3319020505209001"],
        ["Kasmuri", "Siti Aminah", "", "R2D2", "O'Neil \u202e"],
        ["", "081100000001", "0291432100", "8.1E+10"],
        ["ojek", "tani", "", "pawang hujan", "123"],
        ["", "Purwosari", "Jati Kulon", "Atlantis"],
    ]
    sheet = [[chance.choice(column) for column in cells] for _row in range(60)]
    sponsor = office.people["sponsor"]
    await prepares(sponsor, office.settle)
    await sponsor.sends_document("daftar.csv", written(sheet))
    await office.settle()
    await sponsor.presses("Daftarkan")
    await office.settle()
    made = {one.document["nik"] for one in await entered(office, sponsor) if one.document}
    async with office.app.database.read() as tx:
        result = (await tx.connection.execute(rows.select().order_by(rows.c.id.desc()))).first()
    assert result is not None
    assert len(made) == result.result["good"] == result.result["entered"] > 0
    assert result.result["good"] + result.result["bad"] == sum(any(row) for row in sheet)


async def test_nobody_elses_list(office: Office) -> None:
    """A stranger has no list to send, cannot press another's button, and one whose role was revoked enters nothing."""
    sponsor, stranger = office.people["sponsor"], office.people["stranger"]
    await stranger.presses_raw("s|batch|open|")
    await stranger.gets_toast("petugas desa")
    await stranger.sends_document("daftar.csv", written(people(2)))
    await office.settle()
    await prepares(sponsor, office.settle)
    await sponsor.sends_document("daftar.csv", written(people(3)))
    await sponsor.hears("3 orang bisa")
    await office.settle()
    for data in (
        "s|desk|enter|1",
        "s|desk|enter|2",
        "s|desk|cancel|2",
        "s|desk|enter|99999999999999999999",
        "s|desk|x|",
    ):
        await stranger.presses_raw(data)
    await office.settle()
    assert await entered(office, sponsor) == await entered(office, stranger) == []
    async with office.app.database.write() as tx:
        for role in await roles.of(tx, sponsor.id):
            await roles.revoke(tx, role.id, office.clock())
    await sponsor.presses("Daftarkan 3")
    await sponsor.gets_toast("tidak lagi bisa")
    await office.settle()
    assert await entered(office, sponsor) == []


async def test_files_that_cannot_be_read(office: Office) -> None:
    """Whatever is no list is refused with a sentence, and the next file is read all the same."""
    sponsor = office.people["sponsor"]
    await prepares(sponsor, office.settle)
    for body, sentence in (
        (b"%PDF-1.4 \x00\x01" * 50, "bukan tabel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "model lama"),
        (b"x" * (6 * 2**20), "lebih besar"),
        (b"NIK,Nama\n", "Belum ada baris"),
    ):
        await sponsor.sends_document("berkas.bin", body)
        await sponsor.hears(sentence)
        await office.settle()
    await sponsor.sends_document("daftar.csv", written(people(2)))
    await sponsor.hears("2 orang bisa")


async def test_at_most_ten_lists_at_once(office: Office) -> None:
    """Who leaves ten lists undecided is asked to decide before the next is taken."""
    sponsor = office.people["sponsor"]
    await prepares(sponsor, office.settle)
    for _list in range(10):
        await sponsor.sends_document("daftar.csv", written(people(1)))
    await office.settle()
    await sponsor.sends_document("daftar.csv", written(people(1)))
    await sponsor.hears("putuskan dulu")


async def test_a_template_that_can_be_sent_back(office: Office) -> None:
    """The template has every column and an example that is skipped; with a person in it, it is a list."""
    sponsor = office.people["sponsor"]
    await sponsor.says("/contoh")
    await office.settle()
    template = next(one for one in sponsor.chat.messages if one.file_name == "contoh-daftar.xlsx")
    assert template.document is not None
    sheet = read(template.document)
    assert sheet.fields == tuple(COLUMNS)
    areas = office.app.office.areas
    assert len(areas.named(sheet.rows[0].cells["village"], office.app.office.area)) == 1
    await prepares(sponsor, office.settle)
    await sponsor.sends_document("contoh-daftar.xlsx", template.document)
    await sponsor.hears("Belum ada yang bisa")


async def test_a_forgotten_list_is_erased(office: Office) -> None:
    """A list that waits for a decision is erased after a day, and its button does nothing any more."""
    sponsor = office.people["sponsor"]
    await prepares(sponsor, office.settle)
    await sponsor.sends_document("daftar.csv", written(people(2)))
    await sponsor.hears("2 orang bisa")
    await office.settle()
    office.clock.pass_by(24 * 3600)
    await tidy(office.app.database, office.app.office.clock)
    await sponsor.presses("Daftarkan 2")
    await sponsor.gets_toast("selesai")
    assert await entered(office, sponsor) == []


async def test_without_a_list_expected_nothing_changes(office: Office) -> None:
    """A file nobody expects is deleted, and /batal ends the expecting."""
    sponsor = office.people["sponsor"]
    await prepares(sponsor, office.settle)
    await sponsor.says("/batal")
    await sponsor.hears("tidak menunggu daftar lagi")
    await sponsor.sends_document("daftar.csv", written(people(2)))
    await sponsor.hears("tidak saya minta")


@pytest.mark.parametrize("purpose", sorted(desk.READERS))
def test_every_purpose_is_known_to_the_sheets(purpose: str) -> None:
    """Each reader's columns are fields that a sheet can have."""
    reader = desk.READERS[purpose]
    assert {*reader.pasted, *reader.columns} <= NAMES.keys()
