"""How long does a list take? A facilitator sends a file in the imitated Telegram and presses "register".

`.venv/bin/python benchmarks/batches.py [ROWS]`; every tenth row has to be put right. README.md says how to read it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.demo import stage
from bot.sending.pace import UNLIMITED
from conversations import consent
from storage import people, registrations, roles, uploads

VILLAGE = "33.19.03.2007"
TENTH = 10
PATIENCE = 600.0  # seconds


def written(rows: int) -> bytes:
    """A CSV of made-up people; the NIK of every tenth is a digit short."""
    lines = ["NIK,Nama,Pekerjaan"]
    for number in range(rows):
        day, serial = divmod(number, 1000)
        nik = f"331903{day + 1:02}0590{9000 + serial}"
        lines.append(f"{nik[:15] if number % TENTH == 0 else nik},Kasmuri Wibowo,ojek")
    return "\n".join(lines).encode()


@asynccontextmanager
async def clocked(what: str) -> AsyncIterator[None]:
    """Print how long the block takes, and how much of it this process (bot and imitation) was at work."""
    begun, worked = time.monotonic(), time.process_time()
    yield
    print(f"{what}: {time.monotonic() - begun:.1f} s, at work {time.process_time() - worked:.1f} s")


async def measure(rows: int) -> None:
    """Send one list and enter it."""
    with TemporaryDirectory() as folder:
        async with stage(Path(folder), pace=UNLIMITED, limits=None) as (sandbox, app, _admin):
            ani = sandbox.person("Ani")
            defaults = {
                "consent_how": {"option": "read", "version": consent.VERSION, "at": app.office.clock().isoformat()},
                "village": {"code": VILLAGE, "words": None},
                "employer": "no",
                "payer": "unknown",
                "tier": "basic",
            }
            async with app.database.write() as tx:
                now = app.office.clock()
                await people.meet(tx, ani.id, now)
                await roles.grant(tx, ani.id, "facilitator", VILLAGE, by=None, now=now)
                await uploads.expect(tx, ani.id, "neighbours", {"defaults": defaults}, now)
            await ani.start()
            await app.settled(sandbox.world.updates.count)
            good = rows - len(range(0, rows, TENTH))
            async with clocked(f"{rows} rows read"):
                await ani.sends_document("daftar.csv", written(rows))
                await ani.hears(f"{good} orang bisa", within=PATIENCE)
            async with clocked(f"{good} people registered"):
                await ani.presses(f"Daftarkan {good}")
                await ani.hears(f"Terkirim: {good}", within=PATIENCE)
            async with app.database.read() as tx:
                assert (await registrations.counts(tx))["queued"] == good


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
