"""`sertakan handover`, `return` and `paid`: two people here too, files that others cannot read, answers taken in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from bot_process import BotProcess, settings, vault
from python_calamine import CalamineWorkbook

from bot.sandbox.client import Sandbox
from handlers.handover.facts import FACTS
from storage import handovers, outbox, registrations
from storage.database import Database
from storage.registrations import Application, State

ADMIN = 7001


@pytest.fixture
async def environment(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """An installation in which two people were approved an hour ago, without a running bot."""
    url = f"sqlite:///{tmp_path / 'sertakan.db'}"
    database = await Database.open(url, vault())
    await database.migrate()
    before = datetime.now(UTC) - timedelta(hours=1)
    async with database.write() as tx:
        for serial in (9001, 9002):
            nik = f"331902050590{serial}"
            document = {"nik": nik, "name": "=Contoh", "months": "3"}
            form = Application(
                serial, serial, "33.19.02.1001", "tailor", False, "basic", "self", None, "id", document, nik, None
            )  # fmt: skip
            one = await registrations.submit(tx, form, before)
            await registrations.move(tx, one.number, State.APPROVED, actor=5, reason=None, now=before, frm=State.QUEUED)
    await database.close()
    async with Sandbox.start() as sandbox:
        yield settings(sandbox, url, ADMINS=str(ADMIN))


async def run(environment: dict[str, str], folder: Path, *words: str) -> tuple[int, str]:
    """Run a command, and return its exit code and what it printed."""
    process = await BotProcess.start(environment, folder, ("-m", "bot", *words))
    return await process.ends(), process.output


async def test_to_bpjs_and_back_at_the_machine(environment: dict[str, str], tmp_path: Path) -> None:
    """Proposed at the machine, confirmed by an admin, written out, answered, and paid on: each step says what it did."""
    code, said = await run(environment, tmp_path, "handover")
    assert (code, "2 wait to be handed over" in said) == (0, True)
    code, said = await run(environment, tmp_path, "handover", "--no-programme")
    assert code == 0
    assert "Hand-over 1 is proposed" in said

    code, said = await run(environment, tmp_path, "handover", "--confirmed", "1", "--out", "keluar")
    assert code == 1
    assert "waits for an admin" in said
    assert not list((tmp_path / "keluar").iterdir())

    await _confirm(environment)
    code, said = await run(environment, tmp_path, "handover", "--confirmed", "1", "--out", "keluar", "--csv")
    assert code == 0, said
    book = tmp_path / "keluar" / "serah-1.xlsx"
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keluar").iterdir()} == {0o600}
    assert sha256(book.read_bytes()).hexdigest() in said
    made = await _handover(environment)
    assert made is not None
    assert (made.state, made.checksum) == ("ready", sha256(book.read_bytes()).hexdigest())
    rows = CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()
    assert sorted(row[1] for row in rows[1:]) == ["3319020505909001", "3319020505909002"]
    assert '"\'=Contoh"' in (book.with_suffix(".csv")).read_text(encoding="utf-8-sig")

    answer = tmp_path / "jawaban.csv"
    rows = (
        "NIK;KPJ;TMT",
        "3319020505909001;12345678901;01-12-2026",
        "3319020505909002;;",
        "3319020505909002;12345678902;",
    )
    answer.write_text("\n".join(rows), encoding="utf-8")
    code, said = await run(environment, tmp_path, "return", "jawaban.csv", "--batch", "1")
    assert code == 0, said
    assert "Recorded: 1. Known already: 0. To be put right: 2." in said
    assert "row 3: It says neither a KPJ number nor why not." in said
    assert "row 4: The date from which cover holds is required." in said
    assert "3319" not in said
    assert "Known already: 1" in (await run(environment, tmp_path, "return", "jawaban.csv", "--batch", "1"))[1]

    answer.write_text("NIK;Dibayar sampai\n3319020505909001;30-11-2027\n", encoding="utf-8")
    code, said = await run(environment, tmp_path, "paid", "jawaban.csv")
    assert (code, "Recorded: 1." in said) == (0, True)


async def _handover(environment: dict[str, str]) -> handovers.Handover | None:
    """Return the hand-over as it stands in the database."""
    database = await Database.open(environment["SERTAKAN_DATABASE_URL"], vault())
    async with database.read() as tx:
        found = await handovers.get(tx, 1)
    await database.close()
    return found


async def _confirm(environment: dict[str, str]) -> None:
    """Let the admin confirm, as the screen does; the admin was called."""
    database = await Database.open(environment["SERTAKAN_DATABASE_URL"], vault())
    async with database.write() as tx:
        now = datetime.now(UTC)
        called = await outbox.claim(tx, 10, now, lease=timedelta(seconds=1))
        assert [one.chat_id for one in called] == [ADMIN]
        assert await handovers.confirm(tx, 1, by=ADMIN, now=now) is not None
    await database.close()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("handover", "--programme", "nothing"), "Nothing is approved there"),
        (("handover", "--confirmed", "9", "--out", "x"), "There is no hand-over 9."),
        (("return", "bad.csv", "--batch", "9"), "There is no hand-over 9."),
        (("paid", "bad.csv"), "The file was not read"),
    ],
)
async def test_what_cannot_be_done_is_said(
    environment: dict[str, str], tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    """Each refusal is one sentence and exit code 1."""
    await asyncio.to_thread((tmp_path / "bad.csv").write_text, "x\n")
    code, said = await run(environment, tmp_path, *words)
    assert (code, told in said) == (1, True), said
    assert not re.search("Traceback", said)


async def test_fields_are_listed(environment: dict[str, str], tmp_path: Path) -> None:
    """What a mapping may name is printed, each with its kind."""
    code, said = await run(environment, tmp_path, "handover", "--fields")
    assert code == 0
    assert len(said.splitlines()) == len(FACTS)


async def test_a_wrong_mapping_stops_the_start(environment: dict[str, str], tmp_path: Path) -> None:
    """A mapping with a mistake is told by `run` and `doctor` in a sentence, before anybody is handed over."""
    await asyncio.to_thread((tmp_path / "kolom.toml").write_text, '[[columns]]\nheader="A"\nfield="name"\n')
    wrong = {**environment, "SERTAKAN_HANDOVER_TEMPLATE": "kolom.toml"}
    for command in ("run", "doctor"):
        code, said = await run(wrong, tmp_path, command)
        assert code == 1
        assert 'One column must hold the field "number" or "nik"' in said
