"""The desk goes on where it was killed: while a file is fetched, and while its rows are being entered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot_process import settings, vault
from hurried import hurried, stopped
from lists import nik, prepares, written
from lists import people as neighbours
from sqlalchemy import select

from bot.sandbox.client import Sandbox
from storage import people, registrations, roles
from storage.database import Database
from storage.tables import uploads

ROWS, VILLAGE = 600, "33.19.02.1001"


async def test_killed_at_the_desk(database_url: str, tmp_path: Path) -> None:
    """A list is read and every row entered exactly once, though the bot is killed while it does either."""
    async with Sandbox.start(limits=None) as sandbox:
        environment = settings(sandbox, database_url)
        ani = sandbox.person("Ani")
        await _may_register(database_url, ani.id)
        async with hurried(environment, tmp_path):
            await ani.start()
            await ani.hears("Selamat datang", within=60)
            await prepares(ani)
            await ani.sends_document("daftar.csv", written(neighbours(ROWS)))
            while not any(call.method == "getFile" for call in sandbox.calls):
                await sandbox.api.bell.rung()
        async with hurried(environment, tmp_path):
            await ani.hears(f"{ROWS} orang bisa", within=60)
            await ani.presses(f"Daftarkan {ROWS}")
            await ani.hears(f"25 dari {ROWS}", within=60)
        before = await _entered(database_url, ani.id)
        async with hurried(environment, tmp_path) as process:
            await ani.hears("Terkirim:", within=60)
            assert await stopped(process) == 0
        after = await _entered(database_url, ani.id)
        assert set(before) <= set(after)
        assert sorted(after.values()) == sorted(nik(number) for number in range(ROWS))
        assert len(before) >= 25
        log = (tmp_path / "bot.log").read_text()
        assert not any(secret in log for secret in (nik(0)[:12], "Kasmuri", sandbox.token, "documents/"))
        database = await Database.open(database_url, vault())
        async with database.read() as tx:
            [row] = [one for one in await tx.connection.execute(select(uploads)) if one.state != "expected"]
        await database.close()
        assert (row.state, row.body, row.result) == (
            "done",
            None,
            {"good": ROWS, "known": 0, "bad": 0, "entered": ROWS},
        )


async def _may_register(url: str, person: int) -> None:
    database = await Database.open(url, vault())
    now = datetime.now(UTC)
    async with database.write() as tx:
        await people.meet(tx, person, now)
        await roles.grant(tx, person, "sponsor", VILLAGE, by=None, now=now)
    await database.close()


async def _entered(url: str, person: int) -> dict[str, str]:
    database = await Database.open(url, vault())
    async with database.read() as tx:
        made = await registrations.entered_by(tx, person, limit=10_000)
    await database.close()
    return {one.number: one.document["nik"] for one in made if one.document is not None}
