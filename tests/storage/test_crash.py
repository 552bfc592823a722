"""A process killed in the middle: the database is whole, and everything it acknowledged is there."""

import asyncio
import contextlib
import signal
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

from storage import inbox
from storage.database import Database
from storage.vault import Vault

PROGRAM = """
import asyncio, sys
from datetime import UTC, datetime
from storage import inbox
from storage.database import Database
from storage.vault import Vault

async def main():
    database = await Database.open(sys.argv[1], Vault([("1", bytes(range(32)))], bytes(range(32, 64))))
    now = datetime(2026, 11, 20, 8, tzinfo=UTC)
    for update_id in range(10**9):
        async with database.write() as tx:
            await inbox.keep(tx, 1, [inbox.Arrival(update_id, update_id, b"x" * 400)], now)
        print(update_id, flush=True)

asyncio.run(main())
"""


async def test_killed_while_writing(database_url: str, tmp_path: Path, vault: Vault, now: datetime) -> None:
    """After kill -9 between any two instructions no acknowledged row is missing, twice, or damaged."""
    acknowledged = -1
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, database_url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    while acknowledged < 150:
        acknowledged = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest = (await process.stdout.read()).split()
    await process.wait()
    acknowledged = int(rest[-1]) if rest else acknowledged

    database = await Database.open(database_url, vault)
    async with database.write() as tx:
        kept = [one.update_id for one in await inbox.claim(tx, 10**6, now)]
    await database.close()
    assert kept in (list(range(acknowledged + 1)), list(range(acknowledged + 2)))
    if database_url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(tmp_path / "sertakan.db")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
