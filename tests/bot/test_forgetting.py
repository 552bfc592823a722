"""Forgetting somebody: whatever is opened afterwards, nobody finds them, and nobody else has lost anything."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from canaries import leaks
from sqlalchemy import select
from test_audit_command import settings
from test_command_line import sertakan

from storage import (
    broadcasts,
    forgetting,
    handovers,
    history,
    inbox,
    outbox,
    people,
    registrations,
    roles,
    sessions,
    uploads,
)
from storage.audit import Audit
from storage.database import Database
from storage.registrations import Application, State
from storage.sealed import SEALED
from storage.tables import metadata
from storage.transaction import Transaction
from storage.vault import Vault

ME, OTHER, HELPER = 900100200300, 900100200301, 900100200302
OTHERS_NIK = "3319020505909001"
NIK, NAME, PHONE = "3319020505909876", "Kenari Kuningan", "+6281234509876"
TRACES = (NIK, NAME, PHONE.removeprefix("+"))
DOCUMENT = {"nik": NIK, "name": NAME, "phone": PHONE, "consent": {"option": "agree"}}


def form(person: int, nik: str, phone: str | None, document: dict[str, Any]) -> Application:
    """Return an application of somebody's own."""
    village = "33.19.02.2003"
    return Application(person, person, village, "ojek", True, "basic", "self", None, "id", document, nik, phone)


async def everything(tx: Transaction) -> list[bytes]:
    """Return every value of every table as text, what is sealed opened; who acted, in the history, is left out."""
    sealed = {one.column: one for one in SEALED}
    texts = []
    for table in metadata.tables.values():
        for row in (await tx.connection.execute(select(table))).all():
            for column in table.c:
                value: Any = row._asdict()[column.name]
                if value is None or str(column) == "history.actor":
                    continue
                if column in sealed:
                    value = tx.vault.open(value, sealed[column].place(row)).decode(errors="replace")
                texts.append(str(value).encode())
    return texts


async def planted(tx: Transaction, now: datetime) -> str:
    """Leave somebody's traces everywhere, and somebody else's beside them; return the number."""
    for one in (ME, OTHER, HELPER):
        await people.meet(tx, one, now)
        await people.named(tx, one, NAME if one == ME else "Orang Lain")
        await sessions.save(tx, one, "registration", {"answers": {"name": NAME if one == ME else "Lain"}}, now)
    made = await registrations.submit(tx, form(ME, NIK, PHONE, DOCUMENT), now)
    await registrations.submit(tx, form(OTHER, OTHERS_NIK, None, {"nik": OTHERS_NIK}), now)
    await roles.grant(tx, HELPER, "facilitator", "33.19", by=1, now=now)
    await sessions.save(tx, HELPER, "neighbour", {"answers": {"nik": NIK}}, now)
    await inbox.keep(tx, 1, [inbox.Arrival(1, ME, NAME.encode()), inbox.Arrival(2, HELPER, NIK.encode())], now)
    await inbox.keep(tx, 1, [inbox.Arrival(3, OTHER, b"hello")], now)
    dead = next(one for one in await inbox.claim(tx, 9, now) if one.lane == HELPER)
    await inbox.bury(tx, dead.id, "KeyError", now)
    letters = [(ME, NAME), (HELPER, f"{made.number}: {NAME}"), (OTHER, "hello")]
    await outbox.post(tx, [outbox.Letter(chat, "sendMessage", {"text": text}) for chat, text in letters], now)
    await uploads.put(tx, ME, "list", {}, now, body=NIK.encode())
    return made.number


async def test_nothing_is_left(database: Database, now: datetime) -> None:
    """Of a worker nothing can be found any more but the number and the proof; everybody else's work is there."""
    async with database.write() as tx:
        number = await planted(tx, now)
        assert leaks(TRACES, await everything(tx)) == [*TRACES]
        subject = await forgetting.find(tx, nik=NIK)
        assert (subject.numbers, subject.persons, subject.staff) == ((number,), (ME,), ())
        assert dict(await forgetting.count(tx, subject)) == {
            "registrations": 1,
            "people": 1,
            "sessions": 1,
            "sessions of others": 1,
            "inbox": 1,
            "inbox of others": 1,
            "outbox": 1,
            "outbox of others": 1,
            "uploads": 1,
        }
        assert await forgetting.forget(tx, subject, "letter 7", now) == {number: State.WITHDRAWN}
        assert leaks([*TRACES, str(ME)], await everything(tx)) == []
        assert (await history.entries(tx, number))[-1].reason == "letter 7"
        assert [one async for one in Audit(tx).findings()] == []
        again = await forgetting.find(tx, nik=NIK)
        assert +await forgetting.count(tx, again) == {}
        (other,) = await registrations.of_person(tx, OTHER)
        assert (other.state, other.document) == (State.QUEUED, {"nik": OTHERS_NIK})
        assert await people.name(tx, HELPER) == "Orang Lain"
        assert {one.lane for one in await inbox.claim(tx, 9, now)} == {OTHER}
        assert {one.chat_id for one in await outbox.claim(tx, 9, now)} == {OTHER}
        assert await sessions.count(tx) == 2


@pytest.mark.parametrize("state", [State.HANDED_OVER, State.ACTIVE, State.LAPSED])
async def test_of_what_bpjs_has(database: Database, now: datetime, state: State) -> None:
    """The form goes in every state; of who is at BPJS stays what cover needs; who lapsed is withdrawn."""
    async with database.write() as tx:
        number = await planted(tx, now)
        await registrations.move(tx, number, State.APPROVED, actor=9, reason=None, now=now, frm=State.QUEUED)
        asked = await handovers.propose(tx, None, mapping="default", count=1, by=1, now=now)
        await handovers.confirm(tx, asked.id, by=2, now=now)
        await registrations.hand_over(tx, asked.id, [number], until=now, actor=2, now=now)
        if state != State.HANDED_OVER:
            begins, ends = date(2026, 10, 1), date(2026, 10, 31)
            kpj = "98765432109"
            await registrations.activate(tx, number, kpj=kpj, cover_from=begins, paid_until=ends, actor=None, now=now)
        if state == State.LAPSED:
            await registrations.lapse(tx, number, now.date(), now=now)
        subject = await forgetting.find(tx, number=number)
        stands = await forgetting.forget(tx, subject, "letter 8", now)
        left = await registrations.get(tx, number)
        assert left is not None
        assert stands == {number: left.state}
        assert left.state == (State.WITHDRAWN if state == State.LAPSED else state)
        assert (left.person, left.kpj) == (None, "98765432109" if state == State.ACTIVE else None)
        assert leaks([*TRACES, str(ME)], await everything(tx)) == []
        assert [one async for one in Audit(tx).findings()] == []


async def test_the_ledgers_add_up(database: Database, now: datetime) -> None:
    """Whoever is forgotten is in no broadcast any more, is not written to, and the sums stay what they were."""
    async with database.write() as tx:
        await planted(tx, now)
        body: dict[str, Any] = {"audience": {}, "texts": {"id": "x"}}
        number = await broadcasts.create(
            tx, area="33.19", body=body, necessary=True, quiet=False, due_at=None, canary=0, by=1, now=now
        )
        row = {"person": ME, "registration": None, "occasion": "", "language": "id", "zone": "Asia/Jakarta", "wave": 1}
        rows = metadata.tables["recipients"]
        await tx.connection.execute(rows.insert(), [{**row, "broadcast": number, "state": "waiting", "due_at": now}])
        await forgetting.forget(tx, await forgetting.find(tx, person=ME), "letter 9", now)
        (one,) = (await tx.connection.execute(select(rows))).all()
        assert (one.person, one.state) == (-one.id, "skipped")


async def test_staff_keep_their_work(database: Database, now: datetime) -> None:
    """Who acts for others stays able to, when a registration of their own is forgotten."""
    async with database.write() as tx:
        await planted(tx, now)
        await roles.grant(tx, ME, "facilitator", "33.19", by=1, now=now)
        subject = await forgetting.find(tx, nik=NIK)
        assert subject.staff == (ME,)
        await forgetting.forget(tx, subject, "letter 10", now)
        assert await people.name(tx, ME) == NAME
        assert await registrations.of_person(tx, ME) == []


async def test_at_the_machine(tmp_path: Path, now: datetime) -> None:
    """The command counts, asks, erases, says what is out of reach, and shows nothing personal."""
    given = settings(tmp_path)
    database = await Database.open(given["database_url"], Vault.parse(given["keys"], given["index_key"]))
    await database.migrate()
    async with database.write() as tx:
        number = await planted(tx, now)
    kept = await sertakan(tmp_path, "forget", typed=f"{NIK}\nletter 11\nn\n", **given)
    assert kept.code == 1
    assert "registrations: 1\n" in kept.out
    done = await sertakan(tmp_path, "forget", "--reason", "letter 11", "--yes", typed="3319 0205 0590 9876\n", **given)
    assert f"{number}: erased, withdrawn\nForgotten." in done.out
    assert "backups made before" in done.out
    again = await sertakan(tmp_path, "forget", typed=f"{NIK}\n", **given)
    assert "Nothing is kept about this person." in again.err
    assert leaks(TRACES, [one.encode() for ran in (kept, done, again) for one in (ran.out, ran.err)]) == []
    async with database.read() as tx:
        assert leaks([*TRACES, str(ME)], await everything(tx)) == []
    await database.close()


async def test_somebody_else_with_the_same_nik(tmp_path: Path, now: datetime) -> None:
    """Who entered the same NIK by mistake is not forgotten with its owner: the operator says which is meant."""
    given = settings(tmp_path)
    database = await Database.open(given["database_url"], Vault.parse(given["keys"], given["index_key"]))
    await database.migrate()
    async with database.write() as tx:
        number = await planted(tx, now)
        other = (await registrations.submit(tx, form(OTHER, NIK, None, {"nik": NIK}), now)).number
    refused = await sertakan(tmp_path, "forget", "--yes", "--reason", "x", typed=f"{NIK}\n", **given)
    assert refused.code == 1
    assert number in refused.err
    assert NIK not in refused.err + refused.out
    done = await sertakan(tmp_path, "forget", number, "--yes", "--reason", "x", **given)
    assert done.code == 0
    async with database.read() as tx:
        left = await registrations.get(tx, other)
        assert left is not None
        assert (left.person, left.state, left.document) == (OTHER, State.QUEUED, {"nik": NIK})
        assert await people.name(tx, OTHER) == "Orang Lain"
    await database.close()
