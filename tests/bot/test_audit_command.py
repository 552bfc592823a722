"""`sertakan audit verify`: what an operator sees of it, as a process of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from sqlalchemy import update
from test_command_line import Ran, sertakan

from bot.commands.audit import WORDS
from bot.seeds import NEIGHBOURS, VILLAGE
from storage import registrations
from storage.audit import What
from storage.database import Database
from storage.registrations import Application
from storage.tables import registrations as rows
from storage.vault import Vault, fresh_keys

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def settings(folder: Path) -> dict[str, str]:
    """Return settings with which the command can be called."""
    keys, index_key = fresh_keys()
    return {
        "token": "123456789:AAbbCCddEEffGGhhIIjjKKllMM",
        "database_url": f"sqlite:///{folder / 'sertakan.db'}",
        "keys": keys,
        "index_key": index_key,
        "operator": "Dinas",
        "operator_contact": "Jl. Contoh",
        "area": "33.19",
    }


async def opened(given: dict[str, str]) -> Database:
    """Open the database of these settings, migrated."""
    database = await Database.open(given["database_url"], Vault.parse(given["keys"], given["index_key"]))
    await database.migrate()
    return database


async def test_it_tells_what_was_edited_by_hand(tmp_path: Path) -> None:
    """Untouched it ends well; an edited row is named by its number, without personal data, and ends with code 1."""
    given = settings(tmp_path)
    database = await opened(given)
    async with database.write() as tx:
        for person, one in enumerate(NEIGHBOURS[:2]):
            document = {"nik": one.nik, "name": one.name}
            form = Application(
                person, person, VILLAGE, "ojek", True, "basic", "self", None, "id", document, one.nik, None
            )
            number = (await registrations.submit(tx, form, NOW)).number
    well = await sertakan(tmp_path, "audit", "verify", **given)
    async with database.write() as tx:
        await tx.connection.execute(update(rows).where(rows.c.number == number).values(payer="apbd"))
    ill = await sertakan(tmp_path, "audit", "verify", **given)
    await database.close()
    assert (well.code, well.err) == (0, "")
    assert well.out.startswith("✓ 2 registrations with 2 entries and 0 programmes checked in ")
    assert well.out.endswith(" seconds: nothing wrong.\n")
    assert (ill.code, ill.err) == (1, "")
    assert f"✗ {number}: it was changed, or the place it holds, without an entry in its history.\n" in ill.out
    assert "1 wrong" in ill.out
    assert not any(one.name in ill.out or one.nik in ill.out for one in NEIGHBOURS)


async def test_with_other_keys_it_says_so(tmp_path: Path) -> None:
    """Keys that do not fit give a sentence instead of a thousand findings."""
    given = settings(tmp_path)
    await (await opened(given)).close()
    keys, index_key = fresh_keys()
    ran: Ran = await sertakan(tmp_path, "audit", "verify", **given | {"keys": keys, "index_key": index_key})
    assert (ran.code, ran.out) == (1, "")
    assert "do not fit the stored data" in ran.err
    assert "Traceback" not in ran.err


def test_every_finding_has_its_words() -> None:
    """No finding is shown as a code."""
    assert set(WORDS) == set(get_args(What))
