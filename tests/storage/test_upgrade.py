"""An installation of the release before, with people in its queue, is brought to this schema without losing anything."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from storage import broadcasts, history, people, registrations, schema
from storage.broadcasts import Audience, Limits, Stage
from storage.database import Database
from storage.registrations import State
from storage.registrations.records import document_place
from storage.transaction import Transaction

NUMBER, NIK, OWNER, SPONSOR = "K7M-4QX9", "3319020505909001", 7_000_000_001, 7_000_000_002


async def _queue_as_before(tx: Transaction, now: datetime) -> None:
    """Write a queued registration as the release before wrote it: no claim, no digest in its history."""
    moment = now if tx.connection.dialect.name == "postgresql" else round(now.timestamp() * 1_000_000)
    await tx.connection.execute(
        text(
            "INSERT INTO registrations (number, person, registered_by, area, occupation, transport, tier, payer, language,"
            " state, document, nik_index, hints, queued_at, created_at, changed_at) VALUES (:number, :person, :person,"
            " '33.19.02.1001', 'ojek', :yes, 'basic', 'self', 'id', 'queued', :document, :nik, '[]', :now, :now, :now)"
        ),
        {
            "number": NUMBER,
            "person": OWNER,
            "yes": True,
            "document": tx.vault.seal_json({"name": "Kasmuri", "nik": NIK}, document_place(NUMBER)),
            "nik": tx.vault.blind("nik", NIK),
            "now": moment,
        },
    )
    at = now.astimezone(UTC).isoformat(timespec="microseconds")
    entry = json.dumps([NUMBER, at, OWNER, None, "queued", None], separators=(",", ":")).encode()
    await tx.connection.execute(
        text(
            "INSERT INTO history (registration, at, actor, from_state, to_state, link)"
            " VALUES (:number, :now, :actor, NULL, 'queued', :link)"
        ),
        {"number": NUMBER, "now": moment, "actor": OWNER, "link": tx.vault.link(b"", entry)},
    )


async def test_people_in_the_queue_stay_in_it(database: Database, now: datetime) -> None:
    """After the upgrade the registration is its owner's, its history holds, and it is decided like any other."""
    async with database.write() as tx:
        await tx.connection.run_sync(schema.downgrade, "0001")
        await _queue_as_before(tx, now)
    await database.migrate()
    async with database.write() as tx:
        kept = await registrations.get(tx, NUMBER)
        assert kept is not None
        assert (kept.state, kept.claim, kept.programme) == (State.QUEUED, "own", None)
        assert kept.document == {"name": "Kasmuri", "nik": NIK}
        assert await history.verify(tx, NUMBER)
        await registrations.move(tx, NUMBER, State.APPROVED, actor=SPONSOR, reason=None, now=now, frm=State.QUEUED)
        assert await history.verify(tx, NUMBER)
    async with database.write() as tx:
        await tx.connection.execute(text("UPDATE registrations SET tier = 'with_jht' WHERE number = :n"), {"n": NUMBER})
        assert not await history.verify(tx, NUMBER)  # the row and its history no longer fit each other


async def test_people_of_before_get_what_is_necessary_and_no_news(database: Database, now: datetime) -> None:
    """Who was known before there were broadcasts stopped nothing and agreed to no news: only the necessary reaches them."""
    async with database.write() as tx:
        await tx.connection.run_sync(schema.downgrade, "0002")
        moment = now if tx.connection.dialect.name == "postgresql" else round(now.timestamp() * 1_000_000)
        met = "INSERT INTO people (telegram_id, language, met_at, nik_tries) VALUES (:owner, 'jv', :now, 0)"
        await tx.connection.execute(text(met), {"owner": OWNER, "now": moment})
        await _queue_as_before(tx, now)
    await database.migrate()
    async with database.write() as tx:
        owner = await people.meet(tx, OWNER, now)
        assert (owner.language, owner.met_at, owner.news_at, owner.stopped_at) == ("jv", now, None, None)
        assert await _planned(tx, now, necessary=True) == [(OWNER, NUMBER, "waiting", None)]
        assert await _planned(tx, now, necessary=False) == [(OWNER, NUMBER, "opted_out", "no consent")]


async def _planned(tx: Transaction, now: datetime, *, necessary: bool) -> list[tuple[int, str | None, str, str | None]]:
    """Plan a broadcast to everybody and return who is in it."""
    body = {"audience": Audience().as_json(), "texts": {"jv": "Halo"}}
    number = await broadcasts.create(
        tx, area="", body=body, necessary=necessary, quiet=True, due_at=None, canary=0, by=SPONSOR, now=now
    )
    made = await broadcasts.get(tx, number)
    assert made is not None
    assert made.stage is Stage.PREPARING
    limits = Limits(2, now - timedelta(days=7))
    planned = await broadcasts.plan_next(
        tx, made, today=now.date(), now=now, limits=limits, zone_of=lambda _area: "WIB"
    )
    return [(one.person, one.registration, one.state, one.reason) for one in planned.rows]
