"""The audit: whatever is changed behind the bot's back is found, and nothing else."""

from __future__ import annotations

import contextlib
from datetime import date, datetime

import pytest
from programme_office import CODE, NEIGHBOUR, VILLAGE, Desk
from sqlalchemy import delete, text, update

from storage import registrations
from storage.audit import Audit
from storage.database import Database
from storage.registrations import State
from storage.tables import history, places, programmes, shares
from storage.tables import registrations as rows
from storage.transaction import Transaction


class UndoError(Exception):
    """Takes back what a test did to the database."""


async def village(desk: Desk) -> list[str]:
    """Make one registration of every kind: approved, covered, sent back, on the waiting list, queued, erased, free."""
    await desk.offers(people=5, budget=5_000_000, shares={VILLAGE: 4, NEIGHBOUR: 1}, terms={"youngest": 18})
    approved, covered, back, waits, queued, gone, free = [
        await desk.applies(who, area=NEIGHBOUR if who in {2, 4} else VILLAGE, code=None if who == 7 else CODE)
        for who in range(1, 8)
    ]
    for number in (approved, covered, back, waits, free):
        await desk.approves(number)
    for number in (covered, back):
        await desk.moves(number, State.HANDED_OVER, reason="=the file")
    await desk.moves(back, State.NOT_MATCHED)
    await desk.moves(back, State.NEEDS_CORRECTION)
    await registrations.activate(
        desk.tx,
        covered,
        kpj="12345678901",
        cover_from=date(2026, 12, 1),
        paid_until=date(2027, 11, 30),
        actor=500,
        now=desk.now,
    )
    await desk.moves(gone, State.WITHDRAWN, actor=10_006)
    await registrations.erase(desk.tx, gone, desk.now)
    return [approved, covered, back, waits, queued, gone, free]


async def unguard(tx: Transaction) -> None:
    """Do as an intruder with the database's own rights: take away what guards the history."""
    if tx.connection.dialect.name == "sqlite":
        for change in ("update", "delete"):
            await tx.connection.exec_driver_sql(f"DROP TRIGGER history_no_{change}")
    else:
        await tx.connection.exec_driver_sql("DROP TRIGGER history_only_grows ON history")


async def found(tx: Transaction, numbers: list[str]) -> set[tuple[int | str, str]]:
    """Look at everything; registrations are told by their place in the village."""
    names: dict[str, int | str] = {number: place for place, number in enumerate(numbers)}
    return {(names.get(one.subject, one.subject), one.what) async for one in Audit(tx).findings()}


async def test_what_the_bot_did_is_well(database: Database, now: datetime) -> None:
    """A village in which everything was done by the bot has nothing wrong, and everything was looked at."""
    async with database.write() as tx:
        await village(Desk(tx, now))
    async with database.read() as tx:
        look = Audit(tx)
        assert [finding async for finding in look.findings()] == []
        assert (look.registrations, look.entries, look.programmes) == (7, 19, 1)


async def test_an_empty_house_is_well(database: Database) -> None:
    """Before the first registration there is nothing to find."""
    async with database.read() as tx:
        assert await found(tx, []) == set()


APPROVED, COVERED, BACK, WAITS, QUEUED, GONE, FREE = range(7)

ROWS = [
    (QUEUED, {"state": "approved"}, {"state", "no place"}),
    (FREE, {"state": "rejected"}, {"state"}),
    (WAITS, {"state": "approved"}, {"state", "no place"}),
    (APPROVED, {"programme": None}, {"row", "wrong place"}),
    (QUEUED, {"programme": None}, {"row"}),
    (QUEUED, {"tier": "with_jht"}, {"row"}),
    (QUEUED, {"area": NEIGHBOUR}, {"row"}),
    (APPROVED, {"decided_by": 501}, {"row"}),
    (COVERED, {"cover_from": date(2026, 11, 1)}, {"row"}),
    (COVERED, {"paid_until": date(2029, 11, 1)}, {"row"}),
    (QUEUED, {"claim": "claimed"}, {"row"}),
    (QUEUED, {"person": 1}, {"row"}),
    (QUEUED, {"queued_at": datetime(2026, 1, 1).astimezone()}, {"row"}),
    (COVERED, {"kpj": b"\x011" + bytes(40)}, {"document"}),
    (QUEUED, {"document": b"\x011" + bytes(40)}, {"document"}),
    (QUEUED, {"document": None}, {"document"}),
    (QUEUED, {"nik_index": bytes(32)}, {"nik"}),
]


@pytest.mark.parametrize(("which", "change", "told"), ROWS)
async def test_an_edited_registration(
    database: Database, now: datetime, which: int, change: dict[str, object], told: set[str]
) -> None:
    """Any column edited by hand is found, at the registration where it was."""
    async with database.write() as tx:
        numbers = await village(Desk(tx, now))
        await tx.connection.execute(update(rows).where(rows.c.number == numbers[which]).values(change))
        assert await found(tx, numbers) == {(which, what) for what in told}


async def test_a_document_of_somebody_else(database: Database, now: datetime) -> None:
    """Documents exchanged between two registrations do not open; also not with their indexes."""
    async with database.write() as tx:
        numbers = await village(Desk(tx, now))
        first, second = [await tx.connection.scalar(_document(number)) for number in (numbers[0], numbers[4])]
        await tx.connection.execute(update(rows).where(rows.c.number == numbers[0]).values(document=second))
        await tx.connection.execute(update(rows).where(rows.c.number == numbers[4]).values(document=first))
        assert await found(tx, numbers) == {(0, "document"), (4, "document")}


def _document(number: str):  # noqa: ANN202  # a query
    return rows.c.document.table.select().with_only_columns(rows.c.document).where(rows.c.number == number)


HISTORY = [
    update(history).values(reason=b"\x011" + bytes(40)),
    update(history).values(actor=9),
    update(history).values(at=datetime(2026, 1, 1).astimezone()),
    update(history).values(digest=bytes(32)),
    update(history).values(link=bytes(32)),
    delete(history),
]


@pytest.mark.parametrize("change", HISTORY)
async def test_an_edited_history(database: Database, now: datetime, change: object) -> None:
    """An entry that was changed or taken out is found, although what guards the table was lifted."""
    async with database.write() as tx:
        numbers = await village(Desk(tx, now))
        await unguard(tx)
        mine = (history.c.registration == numbers[COVERED], history.c.to_state == "handed_over")
        await tx.connection.execute(change.where(*mine))  # type: ignore[attr-defined]
        assert await found(tx, numbers) == {(COVERED, "history")}


PROGRAMMES = [
    (update(programmes).values(taken_people=2), {(CODE, "counters")}),
    (update(programmes).values(taken_months=0), {(CODE, "counters")}),
    (update(programmes).values(taken_budget=1), {(CODE, "counters")}),
    (update(programmes).values(people=500), {(CODE, "programme")}),
    (update(programmes).values(budget=None), {(CODE, "programme")}),
    (update(programmes).values(terms={}), {(CODE, "programme")}),
    (update(programmes).values(owner=1), {(CODE, "programme")}),
    (update(shares).where(shares.c.area == VILLAGE).values(people=3), {(CODE, "programme")}),
    (update(shares).where(shares.c.area == VILLAGE).values(taken=1), {(CODE, "counters")}),
    (delete(shares).where(shares.c.area == NEIGHBOUR), {(CODE, "programme"), (CODE, "counters")}),
]


@pytest.mark.parametrize(("change", "told"), PROGRAMMES)
async def test_an_edited_programme(
    database: Database, now: datetime, change: object, told: set[tuple[str, str]]
) -> None:
    """A counter that is not the sum of its places, and a quota that no admin set, are found."""
    async with database.write() as tx:
        numbers = await village(Desk(tx, now))
        await tx.connection.execute(change)  # type: ignore[call-overload]
        assert await found(tx, numbers) == told


PLACES = [
    (update(places).values(months=1), {(APPROVED, "row"), (CODE, "counters")}),
    (update(places).values(rupiah=1), {(APPROVED, "row"), (CODE, "counters")}),
    (update(places).values(first_month=date(2026, 1, 1)), {(APPROVED, "row")}),
    (update(places).values(share=NEIGHBOUR), {(APPROVED, "row"), (CODE, "counters")}),
    (
        update(places).values(released_at=datetime(2026, 1, 1).astimezone()),
        {(APPROVED, "row"), (APPROVED, "no place"), (CODE, "counters")},
    ),
    (delete(places), {(APPROVED, "row"), (APPROVED, "no place"), (CODE, "counters")}),
]


@pytest.mark.parametrize(("change", "told"), PLACES)
async def test_an_edited_place(
    database: Database, now: datetime, change: object, told: set[tuple[int | str, str]]
) -> None:
    """What somebody was promised cannot be changed or taken away unseen."""
    async with database.write() as tx:
        numbers = await village(Desk(tx, now))
        await tx.connection.execute(change.where(places.c.registration == numbers[APPROVED]))  # type: ignore[attr-defined]
        assert await found(tx, numbers) == told


async def test_a_place_for_nobody(database: Database, now: datetime) -> None:
    """A place written in for somebody who only waits is found, also when it is counted."""
    async with database.write() as tx:
        numbers = await village(Desk(tx, now))
        given = {"registration": numbers[WAITS], "programme": CODE, "share": VILLAGE, "months": 1, "rupiah": 1}
        await tx.connection.execute(places.insert().values(**given, first_month=date(2026, 12, 1), taken_at=now))
        await tx.connection.execute(update(shares).where(shares.c.area == VILLAGE).values(taken=3))
        more = {"taken_people": 4, "taken_months": 37, "taken_budget": 604_801}
        await tx.connection.execute(update(programmes).values(**more))
        assert (WAITS, "wrong place") in await found(tx, numbers)
        assert (WAITS, "row") in await found(tx, numbers)


async def test_a_deleted_registration(database: Database, now: datetime) -> None:
    """A registration deleted with the database's own rights leaves its history behind, and is named."""
    with contextlib.suppress(UndoError):
        async with database.write() as tx:
            numbers = await village(Desk(tx, now))
            if tx.connection.dialect.name == "sqlite":
                await tx.connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            else:
                await tx.connection.execute(text("ALTER TABLE history DROP CONSTRAINT history_registration_fkey"))
            await tx.connection.execute(delete(rows).where(rows.c.number == numbers[QUEUED]))
            assert await found(tx, numbers) == {(QUEUED, "deleted")}
            raise UndoError
