"""An installation of the release before, with people in its queue, is brought to this schema without losing anything."""

import json
from datetime import UTC, datetime

from sqlalchemy import text

from storage import history, registrations, schema
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
