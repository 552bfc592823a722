"""The buttons under broadcasts and reminders: each does what it says for its own reader, and tells nobody to pay in vain."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from village import VILLAGE, Office, form

from bot.sandbox.client import Person
from storage import broadcasts, people, programmes, registrations
from storage.broadcasts import Recipient, Stage
from storage.programmes import Programme
from storage.registrations import State


async def got(office: Office, **more: Any) -> tuple[Person, Recipient]:
    """Let a worker register and get a message about it; returns both."""
    worker = office.sandbox.person("Slamet")
    await worker.start()
    await office.settle()
    async with office.app.database.write() as tx:
        now = office.clock()
        made = replace(form(8, now), person=worker.id, registered_by=worker.id, **more)
        registration = await registrations.submit(tx, made, now)
        body = {"texts": {"id": "Kabar"}}
        number = await broadcasts.create(
            tx, area=VILLAGE, body=body, necessary=False, quiet=True, due_at=None, canary=0, by=1, now=now,
            stage=Stage.PAUSED,
        )  # fmt: skip
        await broadcasts.plan_one(
            tx, number, worker.id, registration=registration.number, occasion="", language="id", zone="WIB", due_at=now
        )
        [row] = await broadcasts.list_after(tx, number, 0, 1)
    return worker, row


async def press(office: Office, who: Person, action: str, row: Recipient) -> str:
    """Press a button under the message and return the answer."""
    await who.presses_raw(f"s|siar|{action}|{row.id}")
    await office.settle()
    return who.chat.messages[-1].plain


async def noted(office: Office, row: Recipient) -> str | None:
    """Return what is noted of a message."""
    async with office.app.database.read() as tx:
        [now] = await broadcasts.list_after(tx, row.broadcast, 0, 9)
    return now.action


async def test_who_pays_alone_reads_where(office: Office) -> None:
    """Where to pay, that nobody takes money in the chat, and that the press is noted."""
    worker, row = await got(office, payer="self")
    said = await press(office, worker, "where", row)
    assert "Alfamart" in said
    assert await noted(office, row) == "where"


async def test_nobody_is_told_to_pay_what_others_pay(office: Office) -> None:
    """Under a programme, or before it is settled who pays, the answer is that there is nothing to pay."""
    async with office.app.database.write() as tx:
        kudus = Programme(
            "kudus", "Program Kudus", "apbd", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1), people=10
        )
        await programmes.save(tx, kudus, by=None, now=office.clock())
    worker, row = await got(office, payer="apbd", programme="kudus")
    for action in ("where", "paid"):
        said = await press(office, worker, action, row)
        assert "Program Kudus yang membayarkan" in said
        assert "Alfamart" not in said
        assert "sudah membayar" not in said
    assert await noted(office, row) == "where"


async def test_said_paid_is_thanked_and_stays_noted(office: Office) -> None:
    """The status changes only with BPJS's record; later presses leave "paid" standing, for the reminders that read it."""
    worker, row = await got(office, payer="self")
    said = await press(office, worker, "paid", row)
    assert "setelah ada kabar dari BPJS" in said
    await press(office, worker, "where", row)
    assert await noted(office, row) == "paid"
    async with office.app.database.read() as tx:
        [mine] = await registrations.of_person(tx, worker.id)
    assert mine.state is State.QUEUED


async def test_something_changed_leads_to_the_data(office: Office) -> None:
    """What is stored is shown, NIK masked, with the way to correct it; where BPJS has it, who puts it right there."""
    worker, row = await got(office)
    said = await press(office, worker, "changed", row)
    assert "3319020505909009" not in said
    assert any("Perbaiki" in label for label in worker.chat.messages[-1].labels)
    async with office.app.database.write() as tx:
        [mine] = await registrations.of_person(tx, worker.id)
        for frm, to in ((State.QUEUED, State.APPROVED), (State.APPROVED, State.HANDED_OVER)):
            await registrations.move(tx, mine.number, to, actor=1, reason=None, now=office.clock(), frm=frm)
    assert "Datanya sudah di BPJS" in await press(office, worker, "changed", row)
    assert "datanya tetap" in await press(office, worker, "right", row)


async def test_going_on_opens_the_form(office: Office) -> None:
    """Who had begun and not finished is asked the open question again."""
    worker, row = await got(office)
    async with office.app.database.write() as tx:
        [mine] = await registrations.of_person(tx, worker.id)
        await registrations.move(
            tx, mine.number, State.WITHDRAWN, actor=worker.id, reason=None, now=office.clock(), frm=State.QUEUED
        )
    await worker.says("/daftar")
    await office.settle()
    asked = worker.chat.messages[-1].plain
    assert await press(office, worker, "resume", row) == asked


async def test_stopping_stops(office: Office) -> None:
    """The button under a message is as good as /berhenti."""
    worker, row = await got(office)
    await press(office, worker, "stop", row)
    async with office.app.database.read() as tx:
        assert (await people.meet(tx, worker.id, office.clock())).stopped_at is not None


@pytest.mark.parametrize("action", ["resume", "where", "paid", "right", "changed", "stop", "steal"])
async def test_anothers_button_does_nothing(office: Office, action: str) -> None:
    """A forged press, and a real one in a forwarded preview, is answered kindly and noted nowhere."""
    _worker, row = await got(office)
    stranger = office.people["stranger"]
    seen = len(stranger.chat.messages)
    await press(office, stranger, action, row)
    assert len(stranger.chat.messages) == seen
    assert "milik penerima" in stranger.toasts[-1].text
    assert await noted(office, row) is None
