"""How long copies take: a made-up installation is copied to PostgreSQL and back, backed up and restored.

`.venv/bin/python benchmarks/copies.py --postgres postgresql://user@host/empty [--registrations 26000]`; each step runs
in a process of its own, so that its memory can be told. README.md says what is measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from sqlalchemy import insert

from storage.database import Database
from storage.tables import history, people, registrations
from storage.vault import Vault

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
KEY, INDEX_KEY = bytes(range(32)), bytes(range(32, 64))
DOCUMENT = 700  # bytes of a sealed form
PAGE = 2000


def rows(first: int, last: int) -> Iterator[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    """Make people, each with a registration and the three entries of its history."""
    for one in range(first, last):
        at, number = NOW + timedelta(seconds=one), f"{one * 7919 % 10**7:07}-{one}"
        known = {"telegram_id": 10**9 + one, "met_at": at, "nik_tries": 0, "news_at": at if one % 2 else None}
        form = {
            "number": number,
            "person": 10**9 + one,
            "registered_by": 10**9 + one,
            "area": "33.19.02.2003",
            "occupation": "ojek_online",
            "transport": True,
            "tier": "basic",
            "payer": "self",
            "language": "id",
            "state": "active",
            "document": os.urandom(DOCUMENT),
            "nik_index": os.urandom(32),
            "hints": [],
            "phone_index": os.urandom(32),
            "kpj": os.urandom(50),
            "cover_from": date(2026, 12, 1),
            "paid_until": date(2027, 5, 31),
            "queued_at": at,
            "decided_at": at,
            "created_at": at,
            "changed_at": at,
        }
        states = [None, "queued", "approved", "active"]
        told = [
            {"registration": number, "at": at, "actor": 1, "from_state": frm, "to_state": to}
            | {"digest": os.urandom(32), "link": os.urandom(32)}
            for frm, to in pairwise(states)
        ]
        yield known, form, told


async def fill(url: str, size: int) -> None:
    """Make the installation."""
    database = await Database.open(url, Vault([("1", KEY)], INDEX_KEY))
    await database.migrate()
    for first in range(0, size, PAGE):
        known, forms, told = zip(*rows(first, min(first + PAGE, size)), strict=True)
        async with database.write() as tx:
            await tx.connection.execute(insert(people), list(known))
            await tx.connection.execute(insert(registrations), list(forms))
            await tx.connection.execute(insert(history), [entry for entries in told for entry in entries])
    await database.close()


def step(name: str, *command: str, **settings: str) -> None:
    """Run a command of `sertakan`, and print what it took."""
    base = {
        "KEYS": "1:" + b64encode(KEY).decode(),
        "INDEX_KEY": b64encode(INDEX_KEY).decode(),
        "TOKEN": "123456789:AAbbCCddEEffGGhhIIjjKKllMM",
        "OPERATOR": "Dinas",
        "OPERATOR_CONTACT": "-" * 3,
        "AREA": "33.19",
    }
    environment = os.environ | {f"SERTAKAN_{key}": value for key, value in (base | settings).items()}
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "bot", *command], env=environment, stdout=subprocess.DEVNULL
    )
    _pid, status, used = os.wait4(process.pid, 0)
    figures = {
        "step": name,
        "seconds": round(time.monotonic() - began, 1),
        "cpu": round(used.ru_utime + used.ru_stime, 1),
    }
    print(json.dumps(figures | {"peak_mib": used.ru_maxrss // 1024, "well": status == 0}))


@click.command()
@click.option("--registrations", "size", default=26_000, show_default=True)
@click.option("--postgres", required=True, help="An empty database.")
def main(size: int, postgres: str) -> None:
    """Measure."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with TemporaryDirectory() as folder:
        here = Path(folder)
        first, back, again = (f"sqlite:///{here / name}.db" for name in ("first", "back", "again"))
        asyncio.run(fill(first, size))
        print(json.dumps({"registrations": size, "database_mib": (here / "first.db").stat().st_size >> 20}))
        step("copy to PostgreSQL", "copy", DATABASE_URL=first, COPY_TO=postgres)
        step("copy to SQLite", "copy", DATABASE_URL=postgres, COPY_TO=back)
        step("backup of PostgreSQL", "backup", "--to", str(here / "p"), DATABASE_URL=postgres)
        step("backup of SQLite", "backup", "--to", str(here / "s"), DATABASE_URL=first)
        (made,) = (here / "s").glob("*.backup")
        print(json.dumps({"backup_mib": made.stat().st_size >> 20}))
        step("restore to SQLite", "restore", str(made), DATABASE_URL=again)


if __name__ == "__main__":
    main()
