"""The promise: no personal data and no secret in the database file, in a log, in a crash, or in what a command prints."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from applicants import Applicant
from bot_process import INDEX_KEY, KEY, settings, started
from canaries import SHORTEST, files, forms, leaks
from hurried import hurried, stopped
from hypothesis import given
from hypothesis import strategies as st
from journeys import CANARY

from bot.sandbox.client import Sandbox
from bot.sandbox.faults import SENDS, Fault
from bot.sandbox.world import TOKEN
from bot.transcript import FILE
from bot.watching.logs import redact

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
SAID_BY_BOT = ("Bolehkah data", "dari NIK", "Nomor HP dicatat")
STYLES = ("json", "console")
PLAYED = [
    ("json", ("happy", "refusals", "duplicate")),
    ("json", ("neighbours", "batch_pasted", "not_matched", "tries")),
    ("console", ("correction", "decisions", "own_data", "claim_denied")),
    ("console", ("batch_file", "klaten", "claim_fix")),
]
NAMES = "nama lengkap|full name|Atas nama siapa"
KNOWN = {"Jati Kulon", "No. HP", "Pekerjaan", "Daftar pekerja RT 03", "Nama lengkap", "Status", "Keterangan"}
CELLS = re.compile(r"[;#,\n|\t]|\\n")


def typed(script: str) -> Iterator[str]:
    """Return what people typed in a transcript that is about themselves: numbers, addresses and names."""
    asked = ""
    for line in script.splitlines():
        who, _, words = line.partition(": ")
        if not who.isidentifier() or who == "bot":
            asked = line if who.startswith("bot") else asked
            continue
        if (file := FILE.fullmatch(words)) is not None:
            words = (TRANSCRIPTS / "files" / file[1]).read_text(encoding="utf-8")
        personal = re.search(r"\d{4}", words) or "Jl." in words or re.search(NAMES, asked)
        if personal and not words.startswith(("/", "[", "<", "http")):
            yield from (
                cell for each in CELLS.split(words) if len(cell := each.strip()) >= SHORTEST and cell not in KNOWN
            )


@pytest.mark.parametrize(("style", "names"), PLAYED)
async def test_conversations_and_a_crash(style: str, names: tuple[str, ...], tmp_path: Path) -> None:
    """Recorded conversations, poison and a crash leave nothing of what people typed in any file or line."""
    played = [TRANSCRIPTS / f"{name}.txt" for name in names]
    canaries = {words for each in played for words in typed(each.read_text(encoding="utf-8"))}
    assert len(canaries) > 8
    command = (str(Path(__file__).with_name("journeys.py")), style, str(tmp_path), *map(str, played))
    async with started({}, tmp_path, command) as process:
        assert await process.ends() == 1
    assert process.output.count("RuntimeError at") == 1
    assert process.output.count("ValueError at") == 2  # one logged by a library, one never retrieved
    assert "was never retrieved" in process.output
    texts = [process.output.encode(), *files(tmp_path)]
    assert max(map(len, texts)) > 100_000
    assert leaks({*canaries, *CANARY.split(), *SAID_BY_BOT, TOKEN}, texts) == []


@pytest.mark.parametrize("style", STYLES)
async def test_stops_kills_and_commands(style: str, tmp_path: Path) -> None:
    """A bot that is stopped and killed, and the commands about it, tell nothing of a worker, a token or a key."""
    token = "4200000001:canary-token-that-nobody-may-see"
    keys = b64encode(KEY).decode(), b64encode(INDEX_KEY).decode()
    async with Sandbox.start(limits=None, token=token) as sandbox:
        ani = sandbox.person("Kenarijati", phone="6281234509876")
        worker = Applicant(ani, "3319030505909876", "Kenari Kuningan", "Gang Kenanga Ungu 77")
        url = f"sqlite:///{tmp_path / 'sertakan.db'}"
        environment = settings(sandbox, url, LOG_FORMAT=style, ADMINS="7000000001")
        async with hurried(environment, tmp_path) as process:
            await worker.reaches("occupation")
            assert await stopped(process) == 0
        async with hurried(environment, tmp_path):
            await worker.answers()
            await worker.finishes()
            sandbox.world.updates.add("message", {"text": worker.address})
            sandbox.faults.fail_next(SENDS, 1, Fault.BROKEN)
            await ani.says("/data")
            await ani.hears(worker.name)
        assert "laid aside" in (tmp_path / "bot.log").read_text(encoding="utf-8")
        texts = list(files(tmp_path))
        for command in (("stats", "--json"), ("doctor",)):
            async with started(environment, tmp_path, ("-m", "bot", *command)) as told:
                assert await told.ends() == 0, told.output
            texts.append(told.output.encode())
    planted = [worker.nik, worker.name, worker.address, ani.phone, ani.name, *SAID_BY_BOT, token, *keys]
    assert max(map(len, texts)) > 100_000
    assert leaks(planted, texts) == []


SEPARATORS = st.sampled_from(["", " ", "-", ".", ". ", "  "])
AROUND = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=8)


@given(st.lists(st.sampled_from("0123456789"), min_size=16, max_size=16), SEPARATORS, AROUND, AROUND)
def test_a_nik_is_taken_out(digits: list[str], between: str, before: str, after: str) -> None:
    """Sixteen digits are taken out of any line, however they are set apart."""
    written = "".join(digits[:6]) + between + "".join(digits[6:12]) + between + "".join(digits[12:])
    assert written not in redact(f"{before}{written}{after}")


@given(st.sampled_from(["0", "62", "+62", "+62 ", "0 "]), st.from_regex(r"8\d{2}", fullmatch=True), SEPARATORS, AROUND)
def test_a_phone_number_is_taken_out(prefix: str, head: str, between: str, before: str) -> None:
    """A mobile number is taken out of any line, however it is written."""
    written = f"{prefix}{head}{between}1234{between}5678"
    shown = redact(f"{before}{written}.")
    assert "1234" not in shown
    assert "5678" not in shown


@given(st.from_regex(r"[1-9]\d{8,9}:[A-Za-z0-9_-]{35}", fullmatch=True), st.binary(min_size=32, max_size=32), AROUND)
def test_secrets_are_taken_out(token: str, key: bytes, before: str) -> None:
    """A bot's token, a key and a password in an address are taken out of any line."""
    shown = redact(f"{before} https://api.telegram.org/bot{token}/getMe 1:{b64encode(key).decode()} p://u:pass word@h")
    assert token.partition(":")[2] not in shown
    assert b64encode(key).decode().rstrip("=") not in shown
    assert "secret99" not in redact("postgresql://sertakan:secret99@db/sertakan")


def test_what_helps_is_kept() -> None:
    """Update ids, times, versions, counts and places in the program stay readable."""
    line = (
        "318000001 at 2026-11-20T08:00:00.123456Z: 17 updates, worker.py:95 < app.py:163, sqlite 3.45.1, 127.0.0.1:8080"
    )
    assert redact(line) == line


@given(st.text(min_size=SHORTEST, max_size=30).filter(str.strip), st.binary(max_size=5))
def test_the_search_finds_what_it_looks_for(canary: str, before: bytes) -> None:
    """The scan of these tests sees a text in base64 and in UTF-16 wherever it stands."""
    for written in (b64encode(before + canary.encode("utf-8", "replace")), canary.encode("utf-16-le", "replace")):
        if len(canary.encode("utf-8", "replace")) >= 12 and canary.isascii():
            assert any(form in written for form in forms(canary))
