"""`sertakan report`: the figures of an installation as CSV and JSON, without small counts unless they are asked for."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert

from bot.__main__ import main
from conversations.rules.areas import Areas
from handlers.recap import report
from storage import tables
from storage.database import Database
from storage.programmes import Taken
from storage.recap import Cell
from storage.states import State
from storage.vault import Vault, fresh_keys

HERE, THERE = "33.19.03.2007", "33.19.02.1001"
COUNTS = {(HERE, "active"): 12, (HERE, "queued"): 3, (HERE, "approved"): 7, (THERE, "queued"): 4}
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Run `sertakan report` with these arguments, in the folder of an installation with a few registrations."""
    keys, index_key = fresh_keys()
    given = {
        "SERTAKAN_TOKEN": "123456789:AAbbCCddEEffGGhhIIjjKKllMM",
        "SERTAKAN_OPERATOR": "Dinas",
        "SERTAKAN_OPERATOR_CONTACT": "Jl. Contoh",
        "SERTAKAN_AREA": "33.19",
        "SERTAKAN_ADMINS": "7000000001",
        "SERTAKAN_DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}",
        "SERTAKAN_KEYS": keys,
        "SERTAKAN_INDEX_KEY": index_key,
    }
    runner = CliRunner(env=given)
    with chdir(tmp_path):
        assert runner.invoke(main, ["migrate"]).exit_code == 0
        asyncio.run(_furnish(given["SERTAKAN_DATABASE_URL"]))
        yield lambda *arguments: runner.invoke(main, ["report", *arguments])


async def _furnish(url: str) -> None:
    database = await Database.open(url, Vault([("1", bytes(32))], bytes(32)))
    rows = [
        {
            "number": f"{area}{state}{number}", "registered_by": 1, "area": area, "occupation": "ojek",
            "transport": True, "tier": "basic", "payer": "self", "language": "id", "state": state, "hints": [],
            "queued_at": NOW, "created_at": NOW, "changed_at": NOW,
        }
        for (area, state), count in COUNTS.items()
        for number in range(count)
    ]  # fmt: skip
    async with database.write() as tx:
        await tx.connection.execute(insert(tables.registrations), rows)
    await database.close()


def told(body: str) -> dict[tuple[str, str], str]:
    """The counts of a CSV report by village and state."""
    return {(line["area"], line["state"]): line["registrations"] for line in csv.DictReader(io.StringIO(body))}


def test_csv_without_small_counts(run: Run) -> None:
    """Three and four are left empty, and so is the seven by which the three could be worked out; lines end in CRLF."""
    ran = run("--csv", "--out", "r.csv")
    assert ran.exit_code == 0, ran.output
    body = Path("r.csv").read_bytes().decode("utf-8-sig")
    assert body.count("\r\n") == len(COUNTS) + 1
    assert told(body) == {(HERE, "active"): "12", (HERE, "queued"): "", (HERE, "approved"): "", (THERE, "queued"): ""}
    assert "Jati Kulon" in body


def test_exact_counts_and_json(run: Run) -> None:
    """Whoever may know the names gets every count; JSON says the same as CSV."""
    assert told(run("--exact").stdout.lstrip("\ufeff")) == {key: str(count) for key, count in COUNTS.items()}
    listed = json.loads(run("--json", "--exact").stdout)
    assert {(line["area"], line["state"]): line["registrations"] for line in listed} == COUNTS
    assert None in {line["registrations"] for line in json.loads(run("--json").stdout)}


def test_a_hidden_count_hides_its_money() -> None:
    """Months and rupiah would tell the count: they are hidden with it."""
    cells = [
        Cell("kudus", HERE, State.APPROVED, 3, Taken(3, 36, 604_800)),
        Cell("kudus", HERE, State.ACTIVE, 9, Taken(9, 108, 1_814_400)),
        Cell("kudus", HERE, State.HANDED_OVER, 20, Taken(20, 240, 4_032_000)),
    ]
    found = {line.state: line for line in report.lines(cells, {}, Areas.load("33.19"), exact=False)}
    for state in ("approved", "active"):
        assert (found[state].registrations, found[state].person_months, found[state].rupiah) == (None, None, None)
    assert (found["handed_over"].registrations, found["handed_over"].rupiah) == (20, 4_032_000)


def test_a_file_that_cannot_be_written_is_said(run: Run) -> None:
    """A sentence and code 1, not a traceback."""
    ran = run("--out", "nowhere/r.csv")
    assert ran.exit_code == 1
    assert "cannot be written" in ran.output
