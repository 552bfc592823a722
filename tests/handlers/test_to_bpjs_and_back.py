"""From approval to cover and beyond, for people of a programme and for those who pay themselves, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot import housekeeping, rounds
from bot.transcript import StageClock
from conversations.rules.areas import Areas
from conversations.verdicts import Bad, Good, Known
from handlers import cards, notices
from handlers.broadcasts import values
from handlers.errands import errand
from handlers.handover import making, paid, returning
from handlers.handover.answers import NO_START
from handlers.office import Office
from locales import words
from sheets.reading import read
from sheets.writing import csv_text
from storage import handovers, history, people, programmes, registrations
from storage.audit import Audit
from storage.broadcasts import Recipient
from storage.database import Database
from storage.outbox.letters import place
from storage.programmes import Programme
from storage.registrations import Application, Cost, Registration, State
from storage.tables import outbox
from storage.tables import registrations as stored
from storage.vault import SealBrokenError

VILLAGE = "33.19.02.1001"
ADMIN, SECOND, REVIEWER, HELPER = 700, 701, 500, 600
HEADERS = ["Nomor pendaftaran", "NIK", "KPJ", "Terlindungi sejak", "Status", "Keterangan"]
KUDUS = Programme(
    "kudus", "Kudus melindungi", "apbd", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1), people=100
)


@pytest.fixture
def clock() -> StageClock:
    """Ten in the morning in Kudus."""
    return StageClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))


@pytest.fixture
def office(clock: StageClock) -> Office:
    """An office with two admins."""
    zone, areas = ZoneInfo("Asia/Jakarta"), Areas.load("33.19")
    admins = frozenset({ADMIN, SECOND})
    return Office("Dinas", "Jl. Contoh", "33.19", zone, areas, "contoh_bot", admins=admins, clock=clock)


@pytest.fixture
async def workers(database: Database, clock: StageClock) -> list[Registration]:
    """Two people of the programme, entered by a facilitator, and one who pays alone; all approved."""
    async with database.write() as tx:
        for one in (ADMIN, SECOND, HELPER, 9003):
            await people.meet(tx, one, clock())
        await programmes.save(tx, KUDUS, by=ADMIN, now=clock())
        made = [await approved(tx, clock(), serial) for serial in (9001, 9002, 9003)]
    clock.pass_by(120)
    return made


async def approved(tx: Any, now: datetime, serial: int) -> Registration:
    """Let somebody be approved; the third one pays for three months alone."""
    alone = serial == 9003
    nik = f"331902050590{serial}"
    document = {"nik": nik, "name": f"Contoh {serial}", "address": "Jl. Melati 3", **({"months": "3"} if alone else {})}
    form = Application(
        person=serial if alone else None,
        registered_by=serial if alone else HELPER,
        area=VILLAGE,
        occupation="tailor",
        transport=False,
        tier="basic",
        payer="self" if alone else "apbd",
        programme=None if alone else "kudus",
        language="id",
        document=document,
        nik=nik,
        phone=None,
        claim="own" if alone else "attested",
    )
    one = await registrations.submit(tx, form, now)
    cost = None if alone else Cost(12, 201_600, date(2026, 12, 1))
    return await registrations.move(
        tx, one.number, State.APPROVED, actor=REVIEWER, reason=None, now=now, frm=State.QUEUED, cost=cost
    )


async def confirmed(database: Database, clock: StageClock, programme: str | None) -> int:
    """Let one admin propose and another confirm; return the number of the hand-over."""
    async with database.write() as tx:
        asked = await handovers.propose(tx, programme, mapping="default", count=1, by=ADMIN, now=clock())
        assert await handovers.confirm(tx, asked.id, by=SECOND, now=clock()) is not None
    return asked.id


async def come_back(database: Database, office: Office, handover: int, rows: Sequence[Sequence[str]]) -> list[Any]:
    """Let the branch's answer come back as a file, and return what was said of each row before it was recorded."""
    sheet = read(csv_text(HEADERS, rows), returning.PASTED)
    async with database.write() as tx, errand(tx, office) as visit:
        verdicts = await returning.check(visit, handover, sheet)
        await returning.enter(visit, handover, [one for one in verdicts if isinstance(one, Good)])
    return verdicts


async def told(database: Database, person: int) -> str:
    """Return the newest message that goes to somebody."""
    async with database.read() as tx:
        mine = select(outbox).where(outbox.c.chat_id == person, outbox.c.method == "sendMessage")
        row = (await tx.connection.execute(mine.order_by(outbox.c.id.desc()).limit(1))).one()
        return str(tx.vault.open_json(row.payload, place(row.ticket))["text"])


async def now_is(database: Database, one: Registration) -> Registration:
    """Return a registration as it is now, its history whole."""
    async with database.read() as tx:
        found = await registrations.get(tx, one.number)
        assert found is not None
        assert await history.verify(tx, one.number)
    return found


@pytest.mark.parametrize("programme", ["kudus", None])
async def test_from_approval_to_cover(
    database: Database, office: Office, clock: StageClock, workers: list[Registration], programme: str | None
) -> None:
    """The approved of a programme are handed over together, and only BPJS's confirmation makes them covered."""
    mine = [one for one in workers if one.programme == programme]
    number = await confirmed(database, clock, programme)
    await rounds.make(database, office)
    async with database.read() as tx:
        handover = await handovers.get(tx, number)
        rows = await making.rows_of(tx, office, handover) if handover else []
    assert handover is not None
    assert (handover.state, handover.count) == ("ready", len(mine))
    assert [row[0] for row in rows] == sorted(one.number for one in mine)
    states = [(await now_is(database, one)).state for one in workers]
    assert states == [State.HANDED_OVER if one in mine else State.APPROVED for one in workers]

    answers = [[one.number, "", f"1234567890{count}", "01-12-2026", "Aktif", ""] for count, one in enumerate(mine)]
    verdicts = await come_back(database, office, number, answers)
    assert all(isinstance(one, Good) for one in verdicts)
    for one in mine:
        after = await now_is(database, one)
        until = date(2027, 11, 30) if programme else date(2027, 2, 28)
        assert (after.state, after.cover_from, after.paid_until) == (State.ACTIVE, date(2026, 12, 1), until)
    assert "terlindungi sejak 1 Desember 2026" in await told(database, HELPER if programme else 9003)
    assert all(isinstance(one, Known) for one in await come_back(database, office, number, answers))


async def test_each_row_by_itself(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """One row covers, one waits for Dukcapil, and those that fit nobody here are returned with a reason."""
    number = await confirmed(database, clock, "kudus")
    await rounds.make(database, office)
    first, second, alone = workers
    rows = [
        ["", "3319020505909001", "12345678901", "01-12-2026", "", ""],
        [second.number, "", "", "", "Gagal", "NIK tidak ditemukan di Dukcapil"],
        [alone.number, "", "12345678902", "01-12-2026", "", ""],
        ["", "3319020505909009", "12345678903", "01-12-2026", "", ""],
    ]
    verdicts = await come_back(database, office, number, rows)
    assert [type(one) for one in verdicts] == [Good, Good, Bad, Bad]
    assert (await now_is(database, first)).state == State.ACTIVE
    assert (await now_is(database, second)).state == State.NOT_MATCHED
    assert (await now_is(database, alone)).state == State.APPROVED
    async with database.read() as tx:
        assert await handovers.outcomes(tx, number) == {"active": 1, "not_matched": 1}


async def test_no_date_no_cover(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """A KPJ number without a date covers nobody: its row is refused by name, and the worker is told nothing of it."""
    number = await confirmed(database, clock, "kudus")
    await rounds.make(database, office)
    first, second, _alone = workers
    rows = [
        [first.number, "", "12345678901", "01-12-2026", "", ""],
        [second.number, "", "12345678902", "", "Aktif", ""],
    ]
    dated, undated = await come_back(database, office, number, rows)
    assert isinstance(dated, Good)
    assert undated == Bad(3, (NO_START,))
    left = await now_is(database, second)
    assert (left.state, left.kpj, left.cover_from) == (State.HANDED_OVER, None, None)
    assert second.number not in await told(database, HELPER)


async def test_no_other_is_opened(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """Checking an answer opens those registrations that it names, and no other of the hand-over."""
    number = await confirmed(database, clock, "kudus")
    await rounds.make(database, office)
    first, second, _alone = workers
    async with database.write() as tx:
        broken = update(stored).where(stored.c.number == second.number).values(document=b"cannot be opened")
        await tx.connection.execute(broken)
    by_nik = ["", "3319020505909001", "12345678901", "01-12-2026", "", ""]
    by_number = [first.number, "", "12345678901", "01-12-2026", "", ""]
    assert [type(one) for one in await come_back(database, office, number, [by_nik, by_number])] == [Good, Good]
    with pytest.raises(SealBrokenError):
        await come_back(database, office, number, [[second.number, "", "12345678902", "01-12-2026", "", ""]])


async def test_dukcapil(database: Database, office: Office, clock: StageClock, workers: list[Registration]) -> None:
    """Whoever has put Dukcapil's data right goes with the next hand-over, keeps the place, and can be covered then."""
    first = await confirmed(database, clock, "kudus")
    await rounds.make(database, office)
    lost = workers[0]
    await come_back(database, office, first, [[lost.number, "", "", "", "tidak padan", ""]])
    clock.pass_by(120)
    async with database.write() as tx:
        assert await registrations.ready(tx, clock()) == [(None, 1)]
        await registrations.renewed(tx, lost.number, actor=HELPER, now=clock())
    clock.pass_by(120)
    second = await confirmed(database, clock, "kudus")
    await rounds.make(database, office)
    assert (await now_is(database, lost)).state == State.HANDED_OVER
    await come_back(database, office, second, [[lost.number, "", "12345678901", "01-01-2027", "", ""]])
    assert (await now_is(database, lost)).state == State.ACTIVE


async def test_refused(database: Database, office: Office, clock: StageClock, workers: list[Registration]) -> None:
    """BPJS's refusal gives the place back and is told with BPJS's own words; cover cannot be refused afterwards."""
    number = await confirmed(database, clock, "kudus")
    await rounds.make(database, office)
    first, second, _alone = workers
    rows = [
        [first.number, "", "", "", "Ditolak", "Usia melebihi batas"],
        [second.number, "", "12345678901", "01-12-2026", "", ""],
    ]
    await come_back(database, office, number, rows)
    assert (await now_is(database, first)).state == State.REJECTED
    async with database.read() as tx:
        kudus = await programmes.get(tx, "kudus")
        assert kudus is not None
        assert kudus.taken.people == 1
    late = await come_back(database, office, number, [[second.number, "", "", "", "ditolak", "terlambat"]])
    assert isinstance(late[0], Bad)
    assert (await now_is(database, second)).state == State.ACTIVE


async def test_whoever_lacks_something_is_left_out(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """Who lacks what the programme demands stays approved and is named by number; the others go."""
    strict = Programme(**{**_fields(KUDUS), "terms": {"fields": ["phone"]}})
    async with database.write() as tx:
        await programmes.save(tx, strict, by=ADMIN, now=clock())
    number = await confirmed(database, clock, "kudus")
    await rounds.make(database, office)
    assert [(await now_is(database, one)).state for one in workers] == [State.APPROVED] * 3
    async with database.read() as tx:
        handover = await handovers.get(tx, number)
        assert handover is not None
        assert handover.state == "cancelled"
    text = await told(database, ADMIN)
    assert workers[0].number in text
    assert workers[1].number in text


def _fields(programme: Programme) -> dict[str, Any]:
    return {name: getattr(programme, name) for name in Programme.__dataclass_fields__}


async def test_what_changes_meanwhile_stays(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """Who withdraws between proposal and file is not handed over."""
    number = await confirmed(database, clock, "kudus")
    gone = workers[0]
    clock.pass_by(1)
    async with database.write() as tx:
        await registrations.move(
            tx, gone.number, State.WITHDRAWN, actor=HELPER, reason=None, now=clock(), frm=State.APPROVED
        )
    await rounds.make(database, office)
    assert (await now_is(database, gone)).state == State.WITHDRAWN
    async with database.read() as tx:
        handover = await handovers.get(tx, number)
        assert handover is not None
        assert (handover.state, handover.count) == ("ready", 1)


async def test_a_stop_between_the_steps(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """A stop after the registrations were moved and before the file was made loses neither; the file is made once."""
    number = await confirmed(database, clock, "kudus")
    async with database.read() as tx:
        handover = await handovers.get(tx, number)
    assert handover is not None
    await making.take(database, office, handover)  # and here the machine stops
    assert (await now_is(database, workers[0])).state == State.HANDED_OVER
    await making.take(database, office, handover)  # another process that had looked before
    await rounds.make(database, office)
    await rounds.make(database, office)
    async with database.read() as tx:
        events = [event.event for event in await handovers.log(tx, number)]
    assert events == ["asked", "confirmed", "handed", "ready", "file sent"]


async def test_lapse_and_renewal(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """Cover ends by day after the last paid day, is told by whom it was paid, and a later payment brings it back."""
    for programme in ("kudus", None):
        number = await confirmed(database, clock, programme)
        await rounds.make(database, office)
        rows = [
            [one.number, "", f"1234567890{count}", "01-12-2026", "", ""]
            for count, one in enumerate(workers)
            if one.programme == programme
        ]
        await come_back(database, office, number, rows)
    first, _second, alone = workers
    clock.now = datetime(2027, 2, 28, 20, 0, tzinfo=UTC)  # three at night on the first of March, local time
    await rounds.make(database, office)
    assert (await now_is(database, alone)).state == State.ACTIVE
    clock.now = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
    await rounds.make(database, office)
    await rounds.make(database, office)
    assert (await now_is(database, alone)).state == State.LAPSED
    assert (await now_is(database, first)).state == State.ACTIVE
    text = await told(database, 9003)
    assert "Tidak ada denda" in text
    assert "kode iuran" in text

    sheet = read(csv_text(["NIK", "Dibayar sampai"], [["3319020505909003", "31-05-2027"], ["3319020505909008", ""]]))
    async with database.write() as tx, errand(tx, office) as visit:
        verdicts = await paid.check(visit, sheet)
        assert [type(one) for one in verdicts] == [Good, Bad]
        assert await paid.enter(visit, [one for one in verdicts if isinstance(one, Good)]) == 1
        assert isinstance((await paid.check(visit, sheet))[0], Known)
    again = await now_is(database, alone)
    assert (again.state, again.paid_until) == (State.ACTIVE, date(2027, 5, 31))

    clock.now = datetime(2027, 12, 1, 1, 0, tzinfo=UTC)
    await rounds.make(database, office)
    assert (await now_is(database, first)).state == State.LAPSED
    text = await told(database, HELPER)
    assert "tidak berutang" in text
    assert "kode iuran" not in text


async def test_an_identity_number_survives(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """A NIK goes through workbook and answer sign by sign: what is read from the file finds the same people."""
    number = await confirmed(database, clock, "kudus")
    await rounds.make(database, office)
    async with database.read() as tx:
        handover = await handovers.get(tx, number)
        assert handover is not None
        body = making.plain(office, await making.rows_of(tx, office, handover))
    sheet = read(body, returning.PASTED)
    assert [row.cells["nik"] for row in sheet.rows] == [
        str(one.document["nik"]) for one in sorted(workers[:2], key=lambda one: one.number) if one.document
    ]
    assert not any(row.damaged for row in sheet.rows)


async def test_after_the_form_is_erased(
    database: Database, office: Office, clock: StageClock, workers: list[Registration]
) -> None:
    """Once the promised time is over the form goes, and what cover needs stays.

    Answers and payments are still found by NIK, duplicates are noticed, the name is not missed, and the audit holds.
    """
    alone, other = workers[2], workers[0]
    for programme in (None, "kudus"):
        number = await confirmed(database, clock, programme)
        await rounds.make(database, office)
    answer = [
        ["", f"331902050590{serial}", f"1234567890{serial % 10}", "01-12-2026", "", ""] for serial in (9001, 9002)
    ]
    await come_back(database, office, number, answer[:1])
    await come_back(database, office, number - 1, [["", "3319020505909003", "12345678903", "01-12-2026", "", ""]])
    clock.pass_by(179 * 86400)
    await housekeeping.tidy(database, clock)
    assert (await now_is(database, alone)).erased_at is None
    clock.pass_by(2 * 86400)
    await housekeeping.tidy(database, clock)
    await housekeeping.tidy(database, clock)
    mine = await now_is(database, alone)
    assert (mine.document, mine.state, mine.kpj) == ({"months": "3"}, State.ACTIVE, "12345678903")
    assert (await now_is(database, workers[1])).document == workers[1].document  # BPJS has not answered yet
    assert [one for one in await come_back(database, office, number, answer[:1]) if isinstance(one, Bad)] == []
    async with database.write() as tx:
        assert [entry.reason for entry in await history.entries(tx, alone.number)].count("erased") == 1
        assert await registrations.covered_with(tx, "3319020505909003") is not None
        again = await registrations.submit(tx, application(8000, "3319020505909001"), clock())
        assert again.duplicate_of == other.number
        assert [one async for one in Audit(tx).findings()] == []
        thanks = Recipient(1, 1, 9003, alone.number, "", "id", "", 1, "waiting", None, clock(), None, None, None, None)
        async with errand(tx, office) as visit:
            [known] = await values.of_all(visit, [thanks], ["nama_depan", "nomor", "sampai"])
            shown = await cards.answers(visit, mine)
            text, _keys = await notices.status(visit, mine)
    assert known == {"nama_depan": "Bapak/Ibu", "nomor": alone.number, "sampai": date(2027, 2, 28)}
    assert "Contoh" not in words("id").plain(shown)
    assert alone.number in words("id").plain(text)


def application(person: int, nik: str) -> Application:
    """Return another application with somebody's NIK."""
    document = {"nik": nik, "name": "Lain"}
    return Application(person, person, VILLAGE, "tailor", False, "basic", "self", None, "id", document, nik, None)
