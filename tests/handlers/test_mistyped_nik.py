"""A NIK that BPJS could not match because it was mistyped: put right by the worker, it keeps its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from village import Office, form

from bot.sandbox.client import Person
from storage import history, programmes, registrations
from storage.audit import Audit
from storage.programmes import Programme
from storage.registrations import Cost, State

KUDUS = Programme("kudus", "Kudus", "apbd", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1), people=1)
YEAR = Cost(12, 201_600, date(2026, 12, 1))
REVIEWER, RIGHT = 500, "3319020505909077"


@pytest.fixture
async def worker(office: Office) -> Person:
    """Somebody who has the only place of a programme, and whose NIK BPJS could not match."""
    worker = office.sandbox.person("Kasmuri")
    await worker.start()
    await office.settle()
    async with office.app.database.write() as tx:
        now = office.clock()
        await programmes.save(tx, KUDUS, by=None, now=now)
        theirs = replace(form(5, now), person=worker.id, registered_by=worker.id, programme="kudus", payer="apbd")
        number = (await registrations.submit(tx, theirs, now)).number
        await registrations.move(
            tx, number, State.APPROVED, actor=REVIEWER, reason=None, now=now, frm=State.QUEUED, cost=YEAR
        )
        await registrations.move(tx, number, State.HANDED_OVER, actor=None, reason=None, now=now, frm=State.APPROVED)
        await registrations.unmatched(tx, number, actor=None, now=now)
    office.numbers = [number]
    office.clock.pass_by(3600)
    await worker.says("/status")
    await office.settle()
    return worker


async def test_it_is_put_right_and_keeps_its_place(office: Office, worker: Person) -> None:
    """Also of a programme closed meanwhile: it waits again with the new NIK and its place, and is approved without another."""
    async with office.app.database.write() as tx:
        await programmes.save(tx, replace(KUDUS, state=programmes.CLOSED), by=None, now=office.clock())
    for line in ("[NIK salah ketik]", RIGHT, "[Ya, benar]"):
        await (worker.presses(line[1:-1]) if line.startswith("[") else worker.says(line))
        await office.settle()
    [queued] = await office.all()
    assert (queued.state, (queued.document or {})["nik"], queued.programme) == (State.QUEUED, RIGHT, "kudus")
    async with office.app.database.write() as tx:
        assert await registrations.held(tx, queued.number) == YEAR
        assert [one.to_state for one in await history.entries(tx, queued.number)][-3:] == [
            "not_matched", "needs_correction", "queued",
        ]  # fmt: skip
        now = office.clock()
        await registrations.move(
            tx, queued.number, State.APPROVED, actor=REVIEWER, reason=None, now=now, frm=State.QUEUED, cost=YEAR
        )
        await registrations.undo(tx, queued.number, actor=REVIEWER, now=now)
        assert await registrations.held(tx, queued.number) == YEAR
        assert [found async for found in Audit(tx).findings()] == []


async def test_the_same_nik_goes_to_nobody_again(office: Office, worker: Person) -> None:
    """Who types the NIK that could not be matched learns that only Dukcapil can help; nothing is changed."""
    [before] = await office.all()
    for line in ("[NIK salah ketik]", str((before.document or {})["nik"]), "[Ya, benar]"):
        await (worker.presses(line[1:-1]) if line.startswith("[") else worker.says(line))
        await office.settle()
    await worker.hears("sama seperti sebelumnya")
    assert await office.all() == [before]


async def test_nobody_else_opens_it(office: Office, worker: Person) -> None:
    """A forged button shows a stranger nothing, and opens no form."""
    stranger = office.people["stranger"]
    await stranger.presses_raw(f"s|cover|mistyped|{office.numbers[0]}")
    assert (await stranger.gets_toast()).alert
    assert [one.state for one in await office.all()] == [State.NOT_MATCHED]
    assert worker.chat.messages
