"""/rekap: each sees the figures of their own registrations, as a picture and in words, and nobody else's."""

from __future__ import annotations

import sys
from datetime import date
from io import BytesIO

import pytest
from PIL import Image
from village import OTHER_VILLAGE, VILLAGE, Office, waits

from bot.sandbox.client import Person
from bot.sandbox.seen import Seen
from handlers.pictures.recap import recap_picture
from handlers.pictures.sheet import Bar, Chart, Sheet
from storage import programmes, registrations, roles


async def asks(office: Office, person: Person) -> Seen:
    """Ask for the recap and return what the bot says to it; a question that was open comes back behind it."""
    if not person.chat.messages:
        await person.start()
        await office.settle()
    asked = await person.says("/rekap")
    await office.settle()
    return next(message for message in person.chat.messages if message.sender == "bot" and message.id > asked.id)


async def grant(office: Office, name: str, role: roles.RoleName, area: str, department: str = "") -> Person:
    """Make somebody new and give a role."""
    person = office.sandbox.person(name)
    async with office.app.database.write() as tx:
        await roles.grant(tx, person.id, role, area, department=department, by=None, now=office.clock())
    return person


async def pledge(office: Office, owner: Person) -> None:
    """Give a person a programme of their own, with the three who wait under it."""
    async with office.app.database.write() as tx:
        await programmes.save(
            tx,
            programmes.Programme(
                "peduli", "Warung Peduli", "sponsor", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1),
                people=40, owner=owner.id,
            ),
            by=owner.id,
            now=office.clock(),
        )  # fmt: skip
        for number in office.numbers:
            await registrations.put_under(
                tx, number, "peduli", payer="sponsor", tier="basic", actor=owner.id, now=office.clock()
            )


async def test_each_sees_the_figures_of_their_own(office: Office) -> None:
    """The admin and the village's sponsor see the three who wait, the other village's sponsor and a facilitator none."""
    for name in ("admin", "sponsor"):
        said = await asks(office, office.people[name])
        assert said.picture is not None
        with Image.open(BytesIO(said.picture)) as image:
            assert image.width == 1080
        assert "Pendaftaran: 3" in said.plain
        assert "Menunggu diperiksa: 3" in said.plain
        assert len(said.plain.splitlines()) <= 12
    for person in (office.people["other"], await grant(office, "Fasilitator", "facilitator", VILLAGE)):
        said = await asks(office, person)
        assert said.picture is None
        assert "Belum ada pendaftaran" in said.plain


async def test_a_stranger_sees_nothing(office: Office) -> None:
    """Who acts for nobody reads a kind sentence; forged and guessed buttons tell nothing either."""
    stranger, sponsor = office.people["stranger"], office.people["sponsor"]
    assert "/status" in (await asks(office, stranger)).plain
    await pledge(office, office.sandbox.person("Penyandang"))
    for person in (stranger, sponsor):
        seen = len(person.chat.messages)
        for data in (
            "s|recap|show|p-peduli",
            "s|recap|show|department",
            "s|recap|show|own",
            "s|recap|steal|area",
            "s|recap|",
        ):
            await person.presses_raw(data)
            await office.settle()
        assert len(person.chat.messages) == seen
        assert all("tidak tersedia" in toast.text for toast in person.toasts[-5:])


async def test_a_role_that_ended_shows_nothing(office: Office) -> None:
    """The button of an old recap asks for the role again."""
    person = await grant(office, "Bekas", "sponsor", VILLAGE)
    await asks(office, person)
    async with office.app.database.write() as tx:
        (role,) = await roles.of(tx, person.id)
        await roles.revoke(tx, role.id, office.clock())
    seen = len(person.chat.messages)
    await person.presses_raw("s|recap|show|area")
    await office.settle()
    assert len(person.chat.messages) == seen


async def test_a_private_sponsor_reads_no_small_count(office: Office) -> None:
    """Three people under the own programme are too few: no figure and no picture; the admin sees them by programme."""
    owner = office.sandbox.person("Penyandang")
    await pledge(office, owner)
    said = await asks(office, owner)
    assert said.picture is None
    assert "kurang dari lima" in said.plain
    assert "3" not in said.plain.partition("·")[2].replace("2026", "")


async def test_a_private_sponsor_sees_the_own_programme(office: Office) -> None:
    """Twelve people: all wait but one that needs correction, so neither is told; the admin reads both, by programme."""
    owner = office.sandbox.person("Penyandang")
    async with office.app.database.write() as tx:
        office.numbers += [
            (await waits(tx, number, office.clock(), f"33190205059092{number:02}")).number for number in range(50, 59)
        ]
    await pledge(office, owner)
    async with office.app.database.write() as tx:
        await registrations.move(
            tx,
            office.numbers[0],
            registrations.State.NEEDS_CORRECTION,
            actor=office.people["sponsor"].id,
            reason=None,
            now=office.clock(),
            frm=registrations.State.QUEUED,
            wanted="name",
        )
    said = await asks(office, owner)
    assert said.picture is not None
    assert "Warung Peduli" in said.plain
    assert "Pendaftaran: 12" in said.plain
    assert "Menunggu diperiksa: … · Perlu perbaikan: …" in said.plain
    assert "tempat 0 dari 40" in said.plain
    assert "hari terakhir" not in said.plain
    assert said.buttons == []
    assert "Menunggu diperiksa: 11 · Perlu perbaikan: 1" in (await asks(office, office.people["admin"])).plain


async def test_the_verifier_sees_the_department(office: Office) -> None:
    """Only what came to the own department, in the own area."""
    verifier = await grant(office, "Dinas", "verifier", "33.19", "Dinas Perhubungan")
    other = await grant(office, "Dinas lain", "verifier", "33.19", "Dinas Perdagangan")
    elsewhere = await grant(office, "Dinas jauh", "verifier", OTHER_VILLAGE, "Dinas Perhubungan")
    async with office.app.database.write() as tx:
        await registrations.move(
            tx,
            office.numbers[0],
            registrations.State.WITH_DEPARTMENT,
            actor=office.people["sponsor"].id,
            reason=None,
            now=office.clock(),
            frm=registrations.State.QUEUED,
            department="Dinas Perhubungan",
        )
    assert "Diperiksa dinas: 1" in (await asks(office, verifier)).plain
    assert "Belum ada" in (await asks(office, other)).plain
    assert "Belum ada" in (await asks(office, elsewhere)).plain


SHAPES = {
    "nothing": Sheet("Rekap", "20 November 2026", ()),
    "one": Sheet("Rekap", "20 November 2026", (Chart("Desa", (Bar("Rahtawu", (("covered", 0),), "0"),)),), ("Catatan",)),
    "signs": Sheet("$x^2$ \\frac <b>", "_ & %", (Chart("{a}", (Bar("Desa " * 30, (("waits", 1e9),), "1.000.000.000", 5),)),)),
}  # fmt: skip


@pytest.mark.parametrize("sheet", SHAPES.values(), ids=SHAPES)
def test_any_figures_can_be_drawn(sheet: Sheet) -> None:
    """Nothing at all, zero, and names with signs that mean something to the drawing library."""
    with Image.open(BytesIO(recap_picture(sheet.to_json()))) as image:
        assert (image.format, image.width) == ("PNG", 1080)


def test_the_drawing_library_never_lives_in_the_bot() -> None:
    """After a picture was drawn here, matplotlib is not loaded: it ran in a program of its own."""
    recap_picture(SHAPES["one"].to_json())
    assert not [name for name in sys.modules if name.startswith("matplotlib")]
