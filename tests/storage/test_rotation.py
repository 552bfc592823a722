"""Exchanging keys: everything is written anew, nothing is lost or registered twice meanwhile, and nothing broken is blessed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, select, update

from storage import (
    broadcasts,
    claims,
    files,
    handovers,
    history,
    inbox,
    lists,
    outbox,
    people,
    programmes,
    proof,
    registrations,
    roles,
    rotation,
    sessions,
    tables,
    uploads,
    words,
)
from storage.audit import Audit
from storage.database import Database
from storage.programmes import Programme
from storage.registrations import AlreadyYoursError, Application, State
from storage.sealed import KEYED, SEALED
from storage.vault import Vault

OLD, NEW = bytes(range(32)), b"n" * 32  # the old ones are those of the fixture `vault`
OLD_INDEX, NEW_INDEX = bytes(range(32, 64)), b"i" * 32
KNOWING = Vault([("1", OLD), ("2", NEW)], [("1", OLD_INDEX), ("2", NEW_INDEX)])
TURNED = Vault([("2", NEW), ("1", OLD)], [("2", NEW_INDEX), ("1", OLD_INDEX)])
AFTER = Vault([("2", NEW)], [("2", NEW_INDEX)])


def nothing(_table: str, _count: int) -> None:
    """Tell nobody how far it got."""


def nik(number: int) -> str:
    """Return one of many NIK."""
    return f"331902250590{number:04}"


async def filled(database: Database, form: Callable[..., Application], now: datetime) -> str:
    """Write a value into every sealed and every keyed column, and return a registration's number."""
    first = now.date().replace(day=1)
    async with database.write() as tx:
        made = await registrations.submit(tx, form(unmatched="tukang contoh"), now)
        await registrations.move(tx, made.number, State.APPROVED, actor=9, reason="fine", now=now, frm=State.QUEUED)
        handover = await handovers.propose(tx, None, mapping="default", count=1, by=1, now=now)
        await handovers.confirm(tx, handover.id, by=2, now=now)
        await registrations.hand_over(tx, handover.id, [made.number], until=now, actor=None, now=now)
        await handovers.taken(tx, handover.id, 1, now)
        await handovers.made(tx, handover.id, "checksum", "a password", now)
        await registrations.activate(
            tx, made.number, kpj="12345678901", cover_from=first, paid_until=first, actor=None, now=now
        )
        other = await registrations.submit(tx, form(person=None, registered_by=7, nik=nik(2), claim="attested"), now)
        await claims.offer(tx, other.number, 7, now)
        await roles.invite(tx, "sponsor", "33.19", 1, now)
        await lists.add(tx, lists.PARTICIPANTS, [nik(2)], now)
        await sessions.save(tx, 1, "registration", {"at": "nik"}, now)
        await inbox.keep(tx, 1, [inbox.Arrival(1, 1, b"{}")], now)
        await outbox.post(tx, [outbox.Letter(1, "sendMessage", {"text": "x"})], now)
        await people.meet(tx, 5, now)
        await people.named(tx, 5, "Slamet")
        programme = Programme("KUDUS", "Kudus", "apbd", "33.19", "basic", 6, first, first)
        await programmes.save(tx, programme, by=1, now=now)
        body: dict[str, Any] = {"audience": {}}
        await broadcasts.create(
            tx, area="33.19", body=body, necessary=False, quiet=True, due_at=None, canary=1, by=1, now=now
        )
        await uploads.put(tx, 5, "list", {"of": "what"}, now, body=b"a file")
        await files.keep(tx, 5, "x.xlsx", b"a file", now)
    return made.number


@pytest.fixture
def form(apply: Callable[..., Application]) -> Callable[..., Application]:
    """Make an application whose document holds the NIK and the phone, as every form does."""

    def make(**differences: Any) -> Application:
        made = apply(**differences)
        return replace(made, document={**made.document, "nik": made.nik, "phone": made.phone})

    return make


Open = Callable[..., Awaitable[Database]]


@pytest.fixture
async def turned(database_url: str) -> AsyncIterator[Open]:
    """Open the database as processes do that were started with other keys."""
    async with contextlib.AsyncExitStack() as stack:

        async def opened(vault: Vault = TURNED) -> Database:
            other = await Database.open(database_url, vault)
            stack.push_async_callback(other.close)
            return other

        yield opened


async def wrong(database: Database) -> list[object]:
    """Return what the audit finds."""
    async with database.read() as tx:
        return [one async for one in Audit(tx).findings()]


def test_every_column_that_keys_write_is_known() -> None:
    """A new column for sealed or keyed values cannot be forgotten: each binary column is in one of the lists."""
    known = [one.column for one in SEALED] + [*KEYED, tables.history.c.digest, tables.proofs.c.proof]
    binary = {one for table in tables.metadata.tables.values() for one in table.c if isinstance(one.type, LargeBinary)}
    assert set(known) == binary
    assert len(known) == len(binary)


async def test_everything_sealed_opens_with_the_new_key_alone(
    database: Database, turned: Open, form: Callable[..., Application], now: datetime
) -> None:
    """After a rotation every sealed column, each filled here, opens in its place with the new key and no other."""
    await filled(database, form, now)
    after = await turned()
    done = await rotation.reseal(after, nothing)
    assert set(done.done) == {str(one.column) for one in SEALED}
    assert all(done.done.values())
    assert not done.broken
    async with after.read() as tx:
        assert {one.key for one in await rotation.held(tx, "data")} == {"2"}
        assert await rotation.unknown(tx, "data") == 0
        for one in SEALED:
            rows = await tx.connection.execute(select(one.column.table).where(one.column.is_not(None)))
            for row in rows:
                assert AFTER.open(row._asdict()[one.column.name], one.place(row))


async def test_index_rotation(
    database: Database, turned: Open, form: Callable[..., Application], now: datetime
) -> None:
    """Indexes, chains and programmes come under the new key; lists, open links and who wrote words stay, and all is found."""
    number = await filled(database, form, now)
    after = await turned()
    assert await wrong(after) == []
    done = await rotation.reindex(after, now, nothing)
    assert not +done.broken
    assert done.histories == []
    assert await wrong(after) == []
    async with after.read() as tx:
        left = {one.column for one in await rotation.held(tx, "index") if one.key == "1"}
        assert left == {
            "listed.nik_index",
            "claims.token_index",
            "invitations.token_index",
            "wrote_words.who_index",
        }
        mine = await registrations.own_open(tx, 7, nik(2))
        assert mine is not None
        assert await lists.marked(tx, [mine.number, number]) == {mine.number: {lists.PARTICIPANTS}}
    async with after.write() as tx:
        with pytest.raises(AlreadyYoursError):
            await registrations.submit(tx, form(), now)
    async with after.write() as tx:
        await words.count(tx, "tukang contoh", form().nik, now)
        counted = select(tables.unmatched_words.c["count"])
        assert list(await tx.connection.scalars(counted)) == [1]
        await lists.add(tx, lists.PARTICIPANTS, [nik(2)], now)
        assert [one.count for one in await lists.all_(tx)] == [1]
    await rotation.reindex(after, now + timedelta(days=8), nothing)
    async with after.write() as tx:
        await rotation.forget_writers(tx, "1")
        assert {one.key for one in await rotation.held(tx, "index")} == {"2"}
    alone = await turned(Vault([("1", OLD)], [("2", NEW_INDEX)]))
    async with alone.read() as tx:
        assert await registrations.own_open(tx, 1001, form().nik) is not None
        assert len(await lists.marked(tx, [mine.number])) == 1
        assert await history.verify(tx, number)
    assert await wrong(alone) == []


async def test_a_link_made_before_works_after(
    database: Database, turned: Open, form: Callable[..., Application], now: datetime
) -> None:
    """Who was sent a link or an invitation before the rotation can use it afterwards, once."""
    async with database.write() as tx:
        made = await registrations.submit(tx, form(person=None, registered_by=7, claim="attested"), now)
        link = await claims.offer(tx, made.number, 7, now)
        invited = await roles.invite(tx, "sponsor", "33.19", 1, now)
    after = await turned()
    await rotation.reindex(after, now, nothing)
    async with after.write() as tx:
        found = await claims.find(tx, link)
        assert found is not None
        assert found.good(now)
        assert await claims.use(tx, found.id, 8, "mine", now)
        assert await roles.accept(tx, invited, 9, now) is not None
        assert await roles.accept(tx, invited, 9, now) is None
    await rotation.reindex(after, now, nothing)
    async with after.read() as tx:
        assert await claims.find(tx, link) is None
        assert {one.key for one in await rotation.held(tx, "index")} == {"2"}


async def test_a_broken_history_is_not_blessed(
    database: Database, turned: Open, form: Callable[..., Application], now: datetime
) -> None:
    """A registration or programme that was edited by hand stays under the old key, is named, and is still found."""
    async with database.write() as tx:
        made = await registrations.submit(tx, form(), now)
        other = await registrations.submit(tx, form(person=2, nik=nik(3)), now)
        first = now.date().replace(day=1)
        programme = Programme("KUDUS", "Kudus", "apbd", "33.19", "basic", 6, first, first, people=5)
        await programmes.save(tx, programme, by=1, now=now)
        rows = tables.registrations
        await tx.connection.execute(update(rows).where(rows.c.number == made.number).values(payer="apbd"))
        await tx.connection.execute(update(tables.programmes).values(people=50))
    after = await turned()
    before = await wrong(after)
    done = await rotation.reindex(after, now, nothing)
    assert done.histories == [made.number]
    assert done.broken["programmes.digest"] == 1
    assert await wrong(after) == before
    async with after.read() as tx:
        assert await history.verify(tx, other.number)
        left = {one.column: one.count for one in await rotation.held(tx, "index") if one.key == "1"}
    assert left == {"history.link": 1, "programmes.digest": 1}


@pytest.mark.parametrize("seed", range(6))
async def test_nobody_is_registered_twice_meanwhile(
    database: Database, turned: Open, form: Callable[..., Application], now: datetime, seed: int
) -> None:
    """While processes write with either key and everything is written anew, each NIK has one registration that leads."""
    chance = random.Random(seed)  # noqa: S311  # nothing secret
    async with database.write() as tx:
        for one in range(12):
            await registrations.submit(tx, form(person=one + 1, nik=nik(one)), now)
    older, newer = await turned(KNOWING), await turned()

    async def writes(through: Database, person: int) -> None:
        for _turn in range(8):
            number, what = nik(chance.randrange(16)), chance.random()
            mine_now = form(person=person, nik=number)
            async with through.write() as tx:
                mine = await registrations.of_person(tx, person)
                one = chance.choice(mine) if mine else None
                try:
                    if one is None or what < 0.5:
                        await registrations.submit(tx, mine_now, now)
                    elif one.state == State.QUEUED and what < 0.8:
                        await registrations.correct(tx, one.number, mine_now, actor=person, now=now)
                    elif one.state == State.QUEUED:
                        end = State.WITHDRAWN
                        await registrations.move(
                            tx, one.number, end, actor=person, reason=None, now=now, frm=State.QUEUED
                        )
                        await registrations.erase(tx, one.number, now)
                except AlreadyYoursError:
                    continue

    bots = [writes(chance.choice((older, newer)), 100 + each) for each in range(4)]
    await asyncio.gather(*bots, rotation.reseal(newer, nothing), rotation.reindex(newer, now, nothing))
    await rotation.reseal(newer, nothing)
    await rotation.reindex(newer, now, nothing)
    after = await turned(AFTER)
    assert await wrong(after) == []
    async with after.read() as tx:
        row = tables.registrations.c
        leading = select(row.nik_index, func.count()).where(
            row.state.in_([one.value for one in registrations.OPEN]), row.duplicate_of.is_(None)
        )
        assert all(count == 1 for _nik, count in await tx.connection.execute(leading.group_by(row.nik_index)))
        assert await rotation.unknown(tx, "data") == 0
        assert await rotation.unknown(tx, "index") == 0


PROGRAM = """
import asyncio, sys
from datetime import UTC, datetime
from storage import rotation
from storage.database import Database
from storage.vault import Vault

async def main():
    vault = Vault([("2", b"n" * 32), ("1", bytes(range(32)))], [("2", b"i" * 32), ("1", bytes(range(32, 64)))])
    database = await Database.open(sys.argv[1], vault)
    told = lambda table, count: print(table, flush=True)
    await rotation.reseal(database, told)
    await rotation.reindex(database, datetime(2026, 11, 20, 8, tzinfo=UTC), told)

asyncio.run(main())
"""


async def test_killed_in_the_middle(
    database: Database, database_url: str, turned: Open, form: Callable[..., Application], now: datetime
) -> None:
    """Killed at one point after another and begun again, the rotation ends with everything under the new key."""
    async with database.write() as tx:
        for one in range(160):
            await registrations.submit(tx, form(person=one + 1, nik=nik(one)), now)
    for lines in (1, 3, 6, 9):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, database_url, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        for _line in range(lines):
            await process.stdout.readline()
        if process.returncode is None:
            process.kill()
        await process.wait()
        between = await turned()
        assert await wrong(between) == []
    after = await turned()
    await rotation.reseal(after, nothing)
    await rotation.reindex(after, now, nothing)
    alone = await turned(AFTER)
    async with alone.read() as tx:
        assert {one.key for one in [*await rotation.held(tx, "data"), *await rotation.held(tx, "index")]} == {"2"}
        assert await rotation.unknown(tx, "data") == await rotation.unknown(tx, "index") == 0
        count = select(func.count()).select_from(tables.registrations)
        assert await tx.connection.scalar(count) == 160
        assert await registrations.own_open(tx, 5, nik(4)) is not None
    assert await wrong(alone) == []


@pytest.mark.usefixtures("database")
async def test_proofs_follow(turned: Open) -> None:
    """Once the new keys write, nobody starts without them; once the old ones are dropped, nobody needs them."""
    after = await turned()
    async with after.write() as tx:
        await proof.leave(tx)
    fits = {}
    for name, vault in {"old": Vault([("1", OLD)], OLD_INDEX), "knowing": KNOWING, "after": AFTER}.items():
        opened = await turned(vault)
        fits[name] = await opened.keys_fit()
    assert fits == {"old": False, "knowing": True, "after": False}
    async with after.write() as tx:
        await proof.drop(tx, "data", "1")
        await proof.drop(tx, "index", "1")
    alone = await turned(AFTER)
    assert await alone.keys_fit()


async def test_who_is_at_work_with_which_keys(database: Database, turned: Open) -> None:
    """A process that works tells which keys it knows and writes with, and is counted no more when it has ended."""

    async def nobody(_tx: object) -> None: ...

    other = await turned(KNOWING)
    async with database.at_work({"answering": nobody}):
        assert (await other.standing("data", "2")).know == 0
        assert (await other.standing("data", "1")).write == 1
        assert (await other.standing("index", "1")).know == 1
    assert (await other.standing("data", "1")).at_work == 0


async def test_what_only_the_old_key_finds(
    database: Database, turned: Open, form: Callable[..., Application], now: datetime
) -> None:
    """Of an erased form only the index is left: it stays, and finds a second registration, until it is given up."""
    number = await filled(database, form, now)
    after = await turned()
    async with after.write() as tx:
        await registrations.let_go(tx, number, now)
    done = await rotation.reindex(after, now, nothing)
    assert not +done.broken
    async with after.write() as tx:
        left = {one.column: one.count for one in await rotation.held(tx, "index") if one.key == "1"}
        assert left["registrations.nik_index"] == 1
        second = await registrations.submit(tx, form(person=77), now)
        assert second.duplicate_of == number
        assert [one.number for one in await registrations.rivals(tx, second.number)] == [number]
        await rotation.forget_writers(tx, "1")
    gone = await rotation.give_up(after, "1")
    assert gone["registrations.nik_index"] == gone["listed.nik_index"] == 1
    async with after.read() as tx:
        assert {one.key for one in await rotation.held(tx, "index")} == {"2"}
    assert await wrong(after) == []
