"""/poster: made by those who look after a village, for their own, and its code opens the registration there."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from scanner import scan
from village import OTHER_VILLAGE, VILLAGE, Office

from bot.sandbox.client import Person
from handlers.pictures.qr import modules
from storage import roles, sessions


async def makes(office: Office, person: Person, *lines: str) -> list[str]:
    """Ask for a poster, press and type, and return the names of the files and pictures that come."""
    asked = await person.says("/poster")
    await office.settle()
    for line in lines:
        await (person.presses(line[1:-1]) if line.startswith("[") else person.says(line))
        await office.settle()
    new = [message for message in person.chat.messages if message.id > asked.id and message.sender == "bot"]
    return [
        "picture" if message.picture else message.file_name for message in new if message.picture or message.document
    ]


async def facilitator(office: Office, area: str) -> Person:
    """Make a facilitator of an area."""
    person = office.sandbox.person("Pendamping")
    async with office.app.database.write() as tx:
        await roles.grant(tx, person.id, "facilitator", area, by=None, now=office.clock())
    await person.start()
    await office.settle()
    return person


async def test_the_poster_comes_as_picture_and_pages(office: Office) -> None:
    """A facilitator of one village is not asked which; the picture is sent, then A4 and A5, and in full size."""
    person = await facilitator(office, VILLAGE)
    assert await makes(office, person, "[Di desa]") == ["picture", "poster-a4.pdf", "poster-a5.pdf", "poster.png"]
    documents = [message.document for message in person.chat.messages if message.document]
    assert [body[:4] for body in documents] == [b"%PDF", b"%PDF", b"\x89PNG"]
    with Image.open(BytesIO(documents[-1])) as image:
        assert image.size == (1240, 1754)


async def test_a_stand_has_its_name_on_it(office: Office) -> None:
    """The name is said back as it was typed, signs included, and is refused when it is too long for the paper."""
    person = await facilitator(office, VILLAGE)
    sent = await makes(office, person, "[Di pangkalan", "P" * 41, "Pangkalan <b>Jati & {x}")
    assert len(sent) == 4
    assert "paling banyak 40" in person.chat.transcript()
    assert "Pangkalan <b>Jati & {x} · Kelurahan Purwosari" in person.chat.transcript()


async def test_only_for_the_own_places(office: Office) -> None:
    """A stranger gets a kind sentence; whoever looks after one district gets no poster for a village of another."""
    stranger = office.people["stranger"]
    assert await makes(office, stranger) == []
    assert "pendamping, petugas desa, atau admin" in stranger.chat.transcript()
    person = await facilitator(office, OTHER_VILLAGE.rpartition(".")[0])
    assert await makes(office, person, "[Kota Kudus]", "[Demangan]", "[Di desa]") == []
    assert len(await makes(office, person, "[Jati]", "[Jati Kulon]", "[Di desa]")) == 4


async def test_a_role_that_ended_makes_no_poster(office: Office) -> None:
    """The right is asked again when the questions are answered."""
    person = await facilitator(office, VILLAGE)
    await person.says("/poster")
    await office.settle()
    async with office.app.database.write() as tx:
        (role,) = await roles.of(tx, person.id)
        await roles.revoke(tx, role.id, office.clock())
    seen = len(person.chat.messages)
    await person.presses("Di desa")
    await office.settle()
    assert not any(message.picture or message.document for message in person.chat.messages[seen:])


async def test_the_code_of_a_poster_opens_the_registration_there(office: Office) -> None:
    """Whoever scans what was printed is asked for everything but the village, which is known."""
    person = await facilitator(office, OTHER_VILLAGE)
    await makes(office, person, "[Di desa]")
    picture = next(message.picture for message in person.chat.messages if message.picture)
    payload = "v-" + OTHER_VILLAGE.replace(".", "")
    with Image.open(BytesIO(picture)) as image:
        assert scan(image) == modules(office.app.office.link(payload))
    worker = office.sandbox.person("Slamet")
    await worker.start(payload)
    await office.settle()
    async with office.app.database.read() as tx:
        stored = await sessions.load(tx, worker.id, "registration")
    assert stored is not None
    assert stored.body["answers"]["village"]["code"] == OTHER_VILLAGE
