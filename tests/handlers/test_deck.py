"""The flight deck: what is shown before anything is sent, who may release it, and what a press does, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from siaran import TEXT, counted, press, stands, written
from sqlalchemy import insert
from village import OTHER_VILLAGE, VILLAGE, Office

from bot.sandbox.client import Person
from storage import broadcasts, roles
from storage.broadcasts import Stage
from storage.tables import recipients


async def test_the_deck_says_who_gets_it_and_who_does_not(office: Office) -> None:
    """Exact recipients, who is left out with the reason, when it begins and ends, and that it is news; no name."""
    sponsor = office.people["sponsor"]
    await written(office, sponsor, agreed=2)
    said = sponsor.chat.messages[-1].plain
    assert "Penerima: 2 dari 3" in said
    assert "belum setuju menerima kabar: 1" in said
    assert "Kabar: hanya kepada yang setuju" in said
    assert "Mulai: langsung" in said
    assert "Lama: kurang dari satu menit" in said
    assert "Kasmuri" not in said


async def test_at_night_the_deck_says_when_it_begins(office: Office) -> None:
    """With quiet hours a broadcast of the evening begins in the morning, and the deck says so in the office's zone."""
    office.clock.pass_by(11 * 3600)  # 21:00 WIB
    sponsor = office.people["sponsor"]
    await written(office, sponsor)
    assert "Mulai: 21-11-2026 07:00 WIB" in sponsor.chat.messages[-1].plain
    await written(office, sponsor, quiet=False)
    assert "Mulai: langsung" in sponsor.chat.messages[-1].plain
    assert "Malam hari pun dikirim" in sponsor.chat.messages[-1].plain


async def test_three_read_beforehand(office: Office) -> None:
    """The preview is the rendered text itself, headed by who reads it; the deck stands below it, the ledger is as before."""
    sponsor = office.people["sponsor"]
    number = await written(office, sponsor)
    before = await counted(office, number)
    await press(office, sponsor, "preview", number)
    *told, below = [message.plain for message in sponsor.chat.messages[-7:]]
    assert "Penerima: 3 dari 3" in below
    assert [text.startswith("👁") and "Kasmuri" in text for text in told] == [True, False] * 3
    assert told[1::2] == [TEXT] * 3
    assert await counted(office, number) == before


async def test_a_test_comes_to_oneself_alone(office: Office) -> None:
    """The test is sent to who asked for it, and to nobody of the ledger; the deck stands below it."""
    sponsor = office.people["sponsor"]
    number = await written(office, sponsor)
    await press(office, sponsor, "test", number)
    assert sponsor.chat.messages[-2].plain == TEXT
    assert any("📤 Kirim" in label for label in sponsor.chat.messages[-1].labels)
    assert (await counted(office, number)).of("waiting") == 3


async def test_a_small_one_is_released_by_its_author_once(office: Office) -> None:
    """Up to the set size the author sends alone; a second press shows how it stands and changes nothing."""
    sponsor = office.people["sponsor"]
    number = await written(office, sponsor)
    await press(office, sponsor, "send", number)
    first = await stands(office, number)
    assert first.stage not in {Stage.READY, Stage.ASKED}
    office.clock.pass_by(5)
    await press(office, sponsor, "send", number)
    assert (await stands(office, number)).confirmed_by is None
    assert "Keadaannya sudah berubah" in sponsor.toasts[-1].text


async def _second(office: Office) -> Person:
    """Make a second admin."""
    other = office.people["other"]
    async with office.app.database.write() as tx:
        await roles.grant(tx, other.id, "admin", "33.19", by=None, now=office.clock())
    return other


async def _large(office: Office) -> int:
    """Compose one as the admin that is larger than one admin may send alone."""
    later = office.clock() + timedelta(hours=1)
    number = await written(office, office.people["admin"], area="33.19", due_at=later)
    many = {"broadcast": number, "occasion": "", "language": "id", "zone": "WIB", "wave": 1, "state": "waiting"}
    async with office.app.database.write() as tx:
        rows = [{**many, "person": 7_300_000_000 + one, "due_at": later} for one in range(500)]
        await tx.connection.execute(insert(recipients), rows)
    return number


async def test_a_large_one_takes_another_admin(office: Office) -> None:
    """The author asks, another admin sees the deck and agrees; the author cannot, by a forged button either."""
    admin, other = office.people["admin"], await _second(office)
    number = await _large(office)
    await press(office, admin, "send", number)
    assert (await stands(office, number)).stage is Stage.ASKED
    await press(office, admin, "agree", number)
    assert (await stands(office, number)).stage is Stage.ASKED
    assert "Penerima: 503 dari 503" in other.chat.messages[-1].plain
    await other.presses("✅ Setujui")
    await office.settle()
    now = await stands(office, number)
    assert (now.stage, now.confirmed_by) == (Stage.DUE, other.id)
    assert "dikirim pada waktunya" in admin.chat.messages[-1].plain


async def test_another_admin_gives_it_back(office: Office) -> None:
    """Who is asked may say no: it is ready again, nothing is sent, and its author sees the deck anew."""
    admin, other = office.people["admin"], await _second(office)
    number = await _large(office)
    await press(office, admin, "send", number)
    await other.presses("✖️ Tolak")
    await office.settle()
    assert (await stands(office, number)).stage is Stage.READY
    assert "siap; belum ada yang dikirim" in admin.chat.messages[-1].plain
    assert any("🕗 Jadwalkan" in label for label in admin.chat.messages[-1].labels)


async def test_one_admin_alone_cannot_send_a_large_one(office: Office) -> None:
    """Without a second admin it stays ready, and the screen says how to get one."""
    number = await _large(office)
    await press(office, office.people["admin"], "send", number)
    assert (await stands(office, number)).stage is Stage.READY
    assert "SERTAKAN_ADMINS" in (
        office.people["admin"].toasts[-1].text + office.people["admin"].chat.messages[-1].plain
    )


@pytest.mark.parametrize(
    "action",
    [
        "open",
        "preview",
        "test",
        "send",
        "agree",
        "withdraw",
        "change",
        "discard",
        "pause",
        "resume",
        "stop",
        "stopped",
        "report",
        "table",
    ],
)
async def test_nobody_else(office: Office, action: str) -> None:
    """A stranger, another village's sponsor and the village's facilitator see and move nothing at any stage."""
    number = await written(office, office.people["sponsor"], due_at=office.clock() + timedelta(days=1))
    helper = office.sandbox.person("Pendamping")
    await helper.start()
    await office.settle()
    async with office.app.database.write() as tx:
        await roles.grant(tx, helper.id, "facilitator", VILLAGE, by=None, now=office.clock())
    for stage in (Stage.READY, Stage.DUE, Stage.PAUSED, Stage.DONE):
        async with office.app.database.write() as tx:
            await broadcasts.move(tx, number, list(Stage), stage, now=office.clock())
        before = await stands(office, number)
        for who in (office.people["stranger"], office.people["other"], helper):
            seen = len(who.chat.messages)
            await press(office, who, action, number)
            assert len(who.chat.messages) == seen
            assert "bukan untuk" in who.toasts[-1].text
        assert await stands(office, number) == before


async def test_a_sponsor_whose_role_ended_steers_nothing(office: Office) -> None:
    """The role is asked at each press: who was sponsor when composing cannot send any more."""
    sponsor = office.people["sponsor"]
    number = await written(office, sponsor)
    async with office.app.database.write() as tx:
        [held] = await roles.of(tx, sponsor.id)
        await roles.revoke(tx, held.id, office.clock())
        await roles.grant(tx, sponsor.id, "sponsor", OTHER_VILLAGE, by=None, now=office.clock())
    await press(office, sponsor, "send", number)
    assert (await stands(office, number)).stage is Stage.READY


async def test_a_necessary_notice_is_the_admins(office: Office) -> None:
    """A sponsor steers no necessary notice, even one that bears their name."""
    number = await written(office, office.people["sponsor"], necessary=True)
    await press(office, office.people["sponsor"], "send", number)
    assert (await stands(office, number)).stage is Stage.READY
    await press(office, office.people["admin"], "open", number)
    assert "Pemberitahuan penting" in office.people["admin"].chat.messages[-1].plain


async def test_campaigns_are_steered_elsewhere(office: Office) -> None:
    """The row that holds a campaign's recipients has no deck: an admin's forged button neither shows nor moves it."""
    admin = office.people["admin"]
    number = await written(office, admin, area="33.19", campaign="made-up", stage=Stage.PAUSED)
    before = await stands(office, number)
    seen = len(admin.chat.messages)
    for action in ("open", "resume", "stopped", "report"):
        await press(office, admin, action, number)
    assert len(admin.chat.messages) == seen
    assert await stands(office, number) == before


async def test_discarded_is_over(office: Office) -> None:
    """What is discarded cannot be sent by an old button, and says that nothing was sent."""
    sponsor = office.people["sponsor"]
    number = await written(office, sponsor)
    await press(office, sponsor, "discard", number)
    await press(office, sponsor, "send", number)
    assert (await stands(office, number)).stage is Stage.DISCARDED
    assert "Tidak ada yang dikirim" in sponsor.chat.messages[-1].plain


async def test_what_cannot_be_prepared_can_be_discarded(office: Office) -> None:
    """One that is still being prepared is put away like any other, so that it is not tried again for good."""
    sponsor = office.people["sponsor"]
    number = await written(office, sponsor)
    async with office.app.database.write() as tx:
        await broadcasts.move(tx, number, Stage.READY, Stage.PREPARING, now=office.clock())
    await sponsor.presses("Buang")
    await office.settle()
    assert (await stands(office, number)).stage is Stage.DISCARDED
