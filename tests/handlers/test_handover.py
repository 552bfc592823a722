"""Handing over in the chat: two admins, a locked file for one of them, and nothing for anybody else."""

from __future__ import annotations

import io
from hashlib import sha256

import msoffcrypto
import pytest
from python_calamine import CalamineWorkbook
from village import Office

from bot import rounds
from bot.sandbox.client import Person
from handlers.handover import making
from storage import handovers, history, registrations, roles
from storage.registrations import State

DAY = 24 * 3600


async def approve_all(office: Office, *, serials: int = 3) -> None:
    """Approve those who wait, long enough ago that it can no longer be undone, and make a second admin."""
    async with office.app.database.write() as tx:
        for number in office.numbers[:serials]:
            now = office.clock()
            await registrations.move(tx, number, State.APPROVED, actor=1, reason=None, now=now, frm=State.QUEUED)
        await roles.grant(tx, office.people["other"].id, "admin", "33.19", by=None, now=office.clock())
    office.clock.pass_by(120)


async def act(office: Office, who: str, what: str) -> None:
    """Let somebody press a button, also one they were never shown, and wait for what comes of it."""
    await office.people[who].presses_raw(what)
    await office.settle()


async def go_on(office: Office) -> None:
    """Let the office make its rounds."""
    await rounds.make(office.app.database, office.app.office)
    office.app.sender.wake()
    await office.settle()


async def states(office: Office) -> list[State]:
    """Return where the registrations stand."""
    return [one.state for one in await office.all()]


async def handed_over(office: Office) -> Person:
    """Let one admin propose and the other confirm, and return the first."""
    await approve_all(office)
    await act(office, "admin", "s|handover|ask|")
    await act(office, "other", "s|handover|confirm|1")
    await go_on(office)
    return office.people["admin"]


async def test_two_admins(office: Office) -> None:
    """One admin proposes, another is called and confirms, and only then are the registrations handed over."""
    await approve_all(office)
    admin, other = office.people["admin"], office.people["other"]
    await admin.says("/serahkan")
    await office.settle()
    await admin.presses("Tanpa program · 3")
    await office.settle()
    await admin.presses("Minta persetujuan admin lain")
    await office.settle()
    assert await states(office) == [State.APPROVED] * 3
    await go_on(office)
    assert await states(office) == [State.APPROVED] * 3
    await other.presses("Lihat")
    await office.settle()
    await other.presses("✅ Setujui")
    await office.settle()
    await go_on(office)
    assert await states(office) == [State.HANDED_OVER] * 3
    async with office.app.database.read() as tx:
        assert all([await history.verify(tx, number) for number in office.numbers])


@pytest.mark.parametrize("action", ["see", "ask", "choose", "confirm", "cancel", "password", "again", "return", "list"])
async def test_nobody_else(office: Office, action: str) -> None:
    """Forged buttons of reviewers and strangers do nothing at any point of a hand-over, and tell nothing."""
    await approve_all(office)
    await act(office, "admin", "s|handover|ask|")
    for who in ("sponsor", "stranger"):
        for subject in ("1", "", "999", "x"):
            await act(office, who, f"s|handover|{action}|{subject}")
        assert not any("Serahan" in one.plain for one in office.people[who].chat.messages)
    async with office.app.database.read() as tx:
        handover = await handovers.get(tx, 1)
        assert handover is not None
        assert (handover.state, len(await handovers.log(tx, 1))) == ("asked", 1)


async def test_who_asks_cannot_confirm(office: Office) -> None:
    """The proposer's own forged confirmation does nothing, however often; nor does one after a day."""
    await approve_all(office)
    await act(office, "admin", "s|handover|ask|")
    await act(office, "admin", "s|handover|confirm|1")
    await go_on(office)
    assert await states(office) == [State.APPROVED] * 3
    office.clock.pass_by(DAY)
    await act(office, "other", "s|handover|confirm|1")
    await go_on(office)
    assert await states(office) == [State.APPROVED] * 3
    await office.people["admin"].hears("tidak disetujui dalam sehari", ever=True)


async def test_one_admin_alone(office: Office) -> None:
    """With a single admin nothing is proposed, and the screen says how to add one."""
    async with office.app.database.write() as tx:
        now = office.clock()
        await registrations.move(tx, office.numbers[0], State.APPROVED, actor=1, reason=None, now=now, frm=State.QUEUED)
    office.clock.pass_by(120)
    await act(office, "admin", "s|handover|choose|")
    await office.people["admin"].hears("SERTAKAN_ADMINS", ever=True)
    await act(office, "admin", "s|handover|ask|")
    async with office.app.database.read() as tx:
        assert await handovers.get(tx, 1) is None


async def test_the_file(office: Office) -> None:
    """The file comes to the one who asked, opens with the password in the alert, and is what the checksum says."""
    admin = await handed_over(office)
    message = await admin.hears("Serahan 1", ever=True)
    async with office.app.database.read() as tx:
        handover = await handovers.get(tx, 1)
        assert handover is not None
        rows = await making.rows_of(tx, office.app.office, handover)
    assert handover.password is not None
    assert handover.password not in "".join(one.plain for one in admin.chat.messages)
    await act(office, "other", "s|handover|password|1")
    assert not any(handover.password in toast.text for toast in office.people["other"].toasts)
    await act(office, "admin", "s|handover|password|1")
    assert any(handover.password in toast.text for toast in admin.toasts)
    documents = [one for person in office.people.values() for one in person.chat.messages if one.document]
    assert len(documents) == 1
    body = io.BytesIO()
    file = msoffcrypto.OfficeFile(io.BytesIO(documents[0].document or b""))
    file.load_key(password=handover.password, verify_password=True)
    file.decrypt(body)
    assert sha256(body.getvalue()).hexdigest() == handover.checksum
    assert body.getvalue() == making.plain(office.app.office, rows)
    table = CalamineWorkbook.from_filelike(io.BytesIO(body.getvalue())).get_sheet_by_index(0).to_python()
    assert [row[0] for row in table[1:]] == sorted(office.numbers)
    assert {row[1] for row in table[1:]} == {f"331902050590900{serial}" for serial in (1, 2, 3)}
    assert message.plain.count("3319") == 0
