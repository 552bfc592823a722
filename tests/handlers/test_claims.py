"""Claims on the screen: the link, the proof, taking over, putting right, denying, and what others may not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from village import VILLAGE, Office, entered

from bot.sandbox.client import Person
from storage import history, programmes, registrations, roles
from storage.registrations import Cost, Registration, State

NIK = "3319020505909006"
WRONG = "Itu bukan NIK"
VOID = "Tautan ini tidak berlaku"


@dataclass
class Scene:
    """A facilitator who entered a neighbour, and the neighbour with a phone in hand."""

    office: Office
    facilitator: Person
    neighbour: Person
    number: str

    async def link(self) -> str:
        """Let the facilitator make the link, and return the start payload in it."""
        await self.facilitator.presses_raw(f"s|claim|link|{self.number}")
        await self.office.settle()
        shown = [one.plain for one in self.facilitator.chat.messages if "start=c-" in one.plain]
        return shown[-1].rpartition("start=")[2].split()[0]

    async def does(self, who: Person, *lines: str) -> None:
        """Let somebody press, type or open, one after the other."""
        for line in lines:
            self.office.clock.pass_by(1)
            if line.startswith("c-"):
                await who.start(line)
            elif line.startswith("["):
                await who.presses(line[1:-1])
            else:
                await who.says(line)
            await self.office.settle()

    async def now(self) -> Registration:
        """Return the registration as it is, with its history whole."""
        async with self.office.app.database.read() as tx:
            assert await history.verify(tx, self.number)
            found = await registrations.get(tx, self.number)
        assert found is not None
        return found


@pytest.fixture
async def scene(office: Office) -> Scene:
    """A facilitator has entered a neighbour of the village."""
    facilitator, neighbour = office.sandbox.person("Bu Kader"), office.sandbox.person("Kasmuri")
    now = office.clock()
    await facilitator.start()
    await neighbour.start()
    await office.settle()
    async with office.app.database.write() as tx:
        await roles.grant(tx, facilitator.id, "facilitator", VILLAGE, by=None, now=now)
        number = (await entered(tx, 5, now, facilitator.id)).number
    return Scene(office, facilitator, neighbour, number)


async def test_taking_over(scene: Scene) -> None:
    """Masked data, consent, the NIK as a proof; then the registration is the neighbour's own and the link is used up."""
    link = await scene.link()
    assert [one for one in scene.facilitator.chat.messages if one.picture]
    await scene.does(scene.neighbour, link)
    screen = scene.neighbour.chat.messages[-1].plain
    assert "Bu Kader" in screen
    assert "3319 •••• •••• ••06" in screen
    assert NIK not in screen
    await scene.does(scene.neighbour, "[Ya, benar]", "[Ya, saya setuju]", NIK)
    taken = await scene.now()
    assert (taken.person, taken.claim, taken.state) == (scene.neighbour.id, "claimed", State.QUEUED)
    assert taken.document is not None
    assert taken.document["consent"]["option"] == "agree"
    assert NIK not in scene.neighbour.chat.transcript()
    assert "diambil alih" in scene.facilitator.chat.transcript()
    await scene.does(scene.office.people["stranger"], link)
    assert VOID in scene.office.people["stranger"].chat.transcript()
    await scene.does(scene.neighbour, link, "/data", "[Cabut dan hapus]")
    assert "Cabut pendaftaran" in scene.neighbour.chat.transcript()


async def test_a_forwarded_link_is_no_proof(scene: Scene) -> None:
    """Five wrong NIK get the same words, the right one then comes too late for today, and works tomorrow."""
    await scene.does(scene.neighbour, await scene.link(), "[Ya, benar]", "[Ya, saya setuju]")
    answers = set()
    for serial in range(1, 6):
        await scene.does(scene.neighbour, f"331902050590900{serial}" if serial < 5 else "9006")
        answers.add(scene.neighbour.chat.messages[-1].plain)
    assert len(answers) == 1
    assert WRONG in answers.pop()
    await scene.does(scene.neighbour, NIK)
    assert "terlalu banyak percobaan" in scene.neighbour.chat.messages[-1].plain
    assert (await scene.now()).person is None
    scene.office.clock.pass_by(86400)
    await scene.does(scene.neighbour, NIK)
    assert (await scene.now()).person == scene.neighbour.id


async def test_putting_right_while_taking_over(scene: Scene) -> None:
    """Who finds a mistake takes over and lands in the form with everything filled in."""
    await scene.does(scene.neighbour, await scene.link(), "[perlu diperbaiki]", "[Ya, saya setuju]", NIK)
    assert (await scene.now()).person == scene.neighbour.id
    await scene.does(scene.neighbour, "[Ubah jawaban]", "[Nama]", "Kasmuri bin Sarjo", "[Kirim]")
    corrected = await scene.now()
    assert corrected.document is not None
    assert corrected.document["name"] == "Kasmuri bin Sarjo"
    assert corrected.claim == "claimed"


async def test_denying(scene: Scene) -> None:
    """What was never asked for stops, is erased, gives its place to the next, and the village is told without a name."""
    now = scene.office.clock()
    async with scene.office.app.database.write() as tx:
        month = date(2026, 12, 1)
        made = programmes.Programme(
            "kudus", "Program Kudus", "apbd", "33.19", "basic", 12, month, date(2027, 11, 1), people=1
        )
        await programmes.save(tx, made, by=None, now=now)
        await registrations.put_under(tx, scene.number, "kudus", payer="apbd", tier="basic", actor=1, now=now)
        cost = Cost(12, 201_600, month)
        await registrations.move(
            tx, scene.number, State.APPROVED, actor=1, reason=None, now=now, frm=State.QUEUED, cost=cost
        )
        number = (await entered(tx, 6, now, scene.facilitator.id, programme="kudus", payer="apbd")).number
        await registrations.move(tx, number, State.WAITING_LIST, actor=1, reason=None, now=now, frm=State.QUEUED)
    await scene.does(scene.neighbour, await scene.link(), "[tidak pernah minta]", "[Ya, saya tidak pernah minta]")
    denied = await scene.now()
    assert (denied.state, denied.claim, denied.document) == (State.WITHDRAWN, "denied", None)
    async with scene.office.app.database.read() as tx:
        promoted = await registrations.get(tx, number)
    assert promoted is not None
    assert promoted.state is State.APPROVED
    for who in ("sponsor", "admin"):
        told = scene.office.people[who].chat.transcript()
        assert "tidak pernah minta didaftarkan" in told
        assert "Bu Kader" in told
        assert "Kasmuri" not in told
    assert "tidak pernah minta" not in scene.office.people["other"].chat.transcript()
    assert "tidak pernah minta" not in scene.facilitator.chat.transcript()
    assert "dicabut" in scene.facilitator.chat.transcript()


async def test_denying_what_bpjs_has_already(scene: Scene) -> None:
    """After the hand-over a denial is told to those who must act, and nothing is erased."""
    link = await scene.link()
    now = scene.office.clock()
    async with scene.office.app.database.write() as tx:
        for frm, to in ((State.QUEUED, State.APPROVED), (State.APPROVED, State.HANDED_OVER)):
            await registrations.move(tx, scene.number, to, actor=1, reason=None, now=now, frm=frm)
    await scene.does(scene.neighbour, link, "[tidak pernah minta]", "[Ya, saya tidak pernah minta]")
    denied = await scene.now()
    assert (denied.state, denied.claim) == (State.HANDED_OVER, "denied")
    assert denied.document is not None
    assert "tidak ada yang dihapus" in scene.office.people["sponsor"].chat.transcript()


async def test_a_link_lasts_seven_days_and_a_new_one_ends_it(scene: Scene) -> None:
    """Old, replaced and never made links are answered alike; none of it shows a registration."""
    first = await scene.link()
    second = await scene.link()
    answers = set()
    for payload in (first, "c-", "c-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"):
        await scene.does(scene.neighbour, payload)
        answers.add(scene.neighbour.chat.messages[-1].plain)
    scene.office.clock.pass_by(timedelta(days=7, minutes=1).total_seconds())
    await scene.does(scene.neighbour, second)
    answers.add(scene.neighbour.chat.messages[-1].plain)
    assert len(answers) == 1


async def test_too_many_guesses_close_even_a_good_link_until_tomorrow(scene: Scene) -> None:
    """After five made-up links nobody is told whether one is good until tomorrow; a good one works the day after."""
    link = await scene.link()
    for guess in range(5):
        await scene.does(scene.neighbour, f"c-guess{guess}")
    for one in (link, "c-guess"):
        await scene.does(scene.neighbour, one)
        assert "terlalu banyak percobaan" in scene.neighbour.chat.messages[-1].plain
    scene.office.clock.pass_by(86400)
    await scene.does(scene.neighbour, link)
    assert "Bu Kader" in scene.neighbour.chat.messages[-1].plain


async def test_the_registrant_opens_the_own_link(scene: Scene) -> None:
    """Who entered the registration does not become its owner by opening the link, and the link stays good."""
    link = await scene.link()
    await scene.does(scene.facilitator, link)
    assert "untuk orang yang Bapak/Ibu daftarkan" in scene.facilitator.chat.messages[-1].plain
    await scene.does(scene.neighbour, link)
    assert "Bu Kader" in scene.neighbour.chat.messages[-1].plain


async def test_it_waits_through_everything_else(scene: Scene) -> None:
    """/batal leaves the link good, and another conversation in between does not disturb the claim."""
    link = await scene.link()
    await scene.does(scene.neighbour, link, "/batal", "[Ya, berhenti]", link, "[Ya, benar]", "/status", "/daftar")
    await scene.does(scene.neighbour, "[Ya, saya setuju]", "/batal", "[Ya, berhenti]", "ya", NIK)
    assert (await scene.now()).person == scene.neighbour.id


async def test_what_changed_meanwhile_is_shown_again(scene: Scene) -> None:
    """Nobody says "right" to what they have not seen."""
    await scene.does(scene.neighbour, await scene.link(), "[Ya, benar]", "[Ya, saya setuju]")
    async with scene.office.app.database.write() as tx:
        await registrations.put_under(
            tx, scene.number, None, payer="company", tier="basic", actor=1, now=scene.office.clock()
        )
    await scene.does(scene.neighbour, NIK)
    assert "sebuah perusahaan" in scene.neighbour.chat.messages[-1].plain
    assert (await scene.now()).person is None
    await scene.does(scene.neighbour, "[Ya, benar]", "[Ya, saya setuju]", NIK)
    assert (await scene.now()).person == scene.neighbour.id


async def test_who_has_registered_the_same_nik_already(scene: Scene) -> None:
    """Both are then theirs; they are told that only one can be approved, and choose themselves."""
    async with scene.office.app.database.write() as tx:
        own = await entered(
            tx, 5, scene.office.clock(), scene.neighbour.id, person=scene.neighbour.id, claim=registrations.OWN
        )
    await scene.does(scene.neighbour, await scene.link(), "[Ya, benar]", "[Ya, saya setuju]", NIK)
    assert (await scene.now()).person == scene.neighbour.id
    assert f"NIK ini, {own.number}" in scene.neighbour.chat.transcript()


async def test_who_may_no_longer_register_makes_no_link(scene: Scene) -> None:
    """A facilitator whose role has ended gives out no more links, not even for the own entries."""
    async with scene.office.app.database.write() as tx:
        for role in await roles.of(tx, scene.facilitator.id):
            await roles.revoke(tx, role.id, scene.office.clock())
    await scene.facilitator.presses_raw(f"s|claim|link|{scene.number}")
    await scene.office.settle()
    assert "start=c-" not in scene.facilitator.chat.transcript()


@pytest.mark.parametrize("who", ["stranger", "other", "sponsor", "admin"])
async def test_only_the_registrant_makes_a_link(scene: Scene, who: str) -> None:
    """A forged button makes no link for anybody else, whatever the role."""
    await scene.office.people[who].presses_raw(f"s|claim|link|{scene.number}")
    await scene.office.settle()
    assert "start=c-" not in scene.office.people[who].chat.transcript()
