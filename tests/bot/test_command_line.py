"""The command line as an operator uses it: each command through its real entry point, in a folder of its own."""

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import aiohttp
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.__main__ import main
from bot.demo import performance, stage
from bot.sandbox.client import Sandbox
from bot.seeds import NEIGHBOURS
from bot.seeds.crowd import EACH, VILLAGES
from bot.sending.pace import UNLIMITED
from bot.settings import SENTENCES, load
from bot.transcript import Transcript
from storage.backups import name as name_of
from storage.vault import fresh_keys

SERTAKAN = str(Path(sys.executable).with_name("sertakan"))
COMMANDS = (
    "init",
    "run",
    "migrate",
    "doctor",
    "stats",
    "chat",
    "demo",
    "audit",
    "programme",
    "send",
    "serve",
    "hook",
    "backup",
    "copy",
    "restore",
)
TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMM"
ANSWERS = (
    TOKEN,
    "Dinas Tenaga Kerja Kudus",
    "Jl. Contoh No. 1, telepon 0291-000000",
    "33.19",
    "7000000001, 7000000002",
)
MARK = "zq7x"  # in every garbage value, and in no sentence


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: its exit code, and what it wrote to standard output and standard error."""

    code: int | None
    out: str
    err: str


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with these settings and no others."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SERTAKAN_")}
    return plain | {f"SERTAKAN_{name.upper()}": value for name, value in given.items()}


async def sertakan(folder: Path, *arguments: str, typed: str = "", **given: str) -> Ran:
    """Run the console script in a folder, with these settings and what is typed."""
    process = await asyncio.create_subprocess_exec(
        SERTAKAN,
        *arguments,
        cwd=folder,
        env=environment(given),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(typed.encode())
    return Ran(process.returncode, out.decode(), err.decode())


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Serve a Bot API."""
    async with Sandbox.start() as served:
        yield served


@pytest.fixture
def complete(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """Return settings with which a bot could run in the sandbox."""
    keys, index_key = fresh_keys()
    return {
        "token": sandbox.token,
        "api_url": sandbox.url,
        "database_url": f"sqlite:///{tmp_path / 'kept' / 'sertakan.db'}",
        "keys": keys,
        "index_key": index_key,
        "admins": "7000000001",
        "operator": "Dinas Tenaga Kerja",
        "operator_contact": "Jl. Contoh No. 1",
        "area": "33.19",
        "listen": "127.0.0.1:0",
    }


# --help


@pytest.mark.parametrize("command", COMMANDS)
async def test_each_command_explains_itself(tmp_path: Path, command: str) -> None:
    """The list has one whole sentence for each command, and its own page needs no settings."""
    listed, page = await asyncio.gather(sertakan(tmp_path, "--help"), sertakan(tmp_path, command, "--help"))
    sentence = next(line for line in listed.out.splitlines() if line.strip().startswith(f"{command} "))
    sentence = sentence.strip().removeprefix(command).strip()
    assert sentence.endswith(".")
    assert not sentence.endswith("...")
    assert sentence in page.out
    assert (listed.code, page.code, listed.err + page.err) == (0, 0, "")


async def test_the_module_is_the_same_program(tmp_path: Path) -> None:
    """`python -m bot` offers what the console script offers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "--help", cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    out, _err = await process.communicate()
    assert all(f"  {command} " in out.decode() for command in COMMANDS)


# Settings


async def test_what_is_missing_is_named_at_once(tmp_path: Path) -> None:
    """Without any settings, one run names every one that is needed, and how to get them."""
    ran = await sertakan(tmp_path, "run")
    for name in ("TOKEN", "KEYS", "INDEX_KEY", "OPERATOR", "OPERATOR_CONTACT", "AREA"):
        assert f"SERTAKAN_{name} is missing: it should be " in ran.err
    assert "sertakan init" in ran.err
    assert (ran.code, ran.out) == (1, "")


async def test_an_env_file_that_is_no_text_gives_a_sentence(tmp_path: Path) -> None:
    """A damaged .env is named, with no traceback."""
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00SERTAKAN_TOKEN")
    ran = await sertakan(tmp_path, "stats")
    assert ".env cannot be read" in ran.err
    assert "Traceback" not in ran.err


ODD = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
    st.from_regex(r"[\d:/.@,=+\s-]{0,20}", fullmatch=True),
    st.sampled_from(
        ["sqlite:///", "postgresql://u:p@h:", "1:", "33.", "33.19.0", TOKEN, "127.0.0.1:", "https://", "../", "${HOME}"]
    ),
)
GARBAGE = st.builds(lambda before, after: before + MARK + after, ODD, ODD)


@settings(max_examples=150)
@given(values=st.fixed_dictionaries({}, optional=dict.fromkeys(set(SENTENCES) - {"token"}, GARBAGE)))
def test_no_garbage_makes_a_traceback_or_comes_back(values: dict[str, str]) -> None:
    """Whatever stands in the settings, the answer is sentences that name settings, and no value is in them."""
    runner = CliRunner()
    with TemporaryDirectory() as folder, chdir(folder):
        ran = runner.invoke(main, ["stats"], env=environment(values) | {"SERTAKAN_TOKEN": f"1{MARK}"})
    assert isinstance(ran.exception, SystemExit)
    assert ran.exit_code == 1
    assert MARK not in ran.output
    first, *more, hint = ran.output.removeprefix("Error: ").splitlines()
    assert "sertakan init" in hint
    assert all(line.startswith("SERTAKAN_") and " it should be " in line for line in [first, *more])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("area", "99.99"),
        ("area", "33.19.99"),
        ("admins", "-5"),
        ("admins", "99999999999999999999"),
        ("token", "１２３４５６:AAAAAAAAAAAAAAAAAAAAAAAA"),
        ("database_url", "postgresql://u@h:port/name"),
        ("database_url", "mysql://u@h/name"),
        ("listen", "127.0.0.1:70000"),
        ("keys", "1:c2hvcnQ="),
        ("index_key", "not base64"),
        ("hook_secret", "short"),
        ("timezone", "Asia/Kudus"),
        ("timezone", "Asia"),
        ("log_format", "xml"),
        ("api_url", "api.telegram.org"),
    ],
)
def test_a_wrong_value_is_explained(name: str, value: str) -> None:
    """Each setting that cannot be used is named with what it should be."""
    runner = CliRunner()
    with TemporaryDirectory() as folder, chdir(folder):
        ran = runner.invoke(main, ["migrate"], env=environment({name: value}))
    assert f"SERTAKAN_{name.upper()} is wrong: it should be {SENTENCES[name]}." in ran.output
    assert value not in ran.output.replace(SENTENCES[name], "")


def test_an_empty_setting_is_one_that_is_not_set(tmp_path: Path) -> None:
    """`SERTAKAN_HOOK_URL=` in .env means polling, as an operator expects who empties a line."""
    runner = CliRunner()
    with chdir(tmp_path):
        ran = runner.invoke(main, ["stats"], env=environment({"hook_url": "", "log_format": ""}))
    assert "HOOK_URL" not in ran.output
    assert "LOG_FORMAT" not in ran.output


# init


def answered(runner: CliRunner, *answers: str) -> str:
    """Let `init` ask, give these answers, and return what it wrote to the terminal."""
    ran = runner.invoke(main, ["init"], input="\n".join(answers) + "\n", env=environment({}))
    assert ran.exit_code == 0, ran.output
    return ran.output


async def test_init_writes_a_file_that_works(tmp_path: Path) -> None:
    """The file is the owner's alone, explains each setting, holds fresh keys, and loads with the answers given."""
    ran = await sertakan(tmp_path, "init", typed="\n".join(ANSWERS) + "\n")
    assert (ran.code, ran.err) == (0, "")
    assert TOKEN not in ran.out
    path = tmp_path / ".env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    made = load(path)
    assert (made.token.get_secret_value(), made.operator, made.operator_contact, made.area) == ANSWERS[:4]
    assert made.admins == {7_000_000_001, 7_000_000_002}
    assert made.vault().seal(b"", "a.b:1")
    lines = path.read_text(encoding="utf-8").splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in lines if "SERTAKAN_" in line}
    assert named == {f"SERTAKAN_{name.upper()}" for name in SENTENCES}
    assert all(lines[at - 1].startswith("# ") for at, line in enumerate(lines) if "SERTAKAN_" in line)


async def test_init_never_overwrites(tmp_path: Path) -> None:
    """An existing .env stays as it is: its keys open the stored data."""
    (tmp_path / ".env").write_text("KEEP=1\n")
    ran = await sertakan(tmp_path, "init", typed="\n".join(ANSWERS) + "\n")
    assert ran.code == 1
    assert "exists already" in ran.err
    assert (tmp_path / ".env").read_text() == "KEEP=1\n"


def test_init_asks_again_until_it_can_be_used() -> None:
    """A wrong token, place or id is explained where it is asked, and a place is shown by its name."""
    token, operator, contact, area, admins = ANSWERS
    runner = CliRunner()
    with TemporaryDirectory() as folder, chdir(folder):
        said = answered(runner, "abc", token, operator, contact, "99.99", "Kudus", area, "saya", admins)
        assert load(Path(".env")).area == area
    for name in ("token", "area", "admins"):
        assert f"SERTAKAN_{name.upper()} is wrong: it should be {SENTENCES[name]}." in said
    assert "Kab. Kudus, Jawa Tengah" in said


@settings(max_examples=40)
@given(operator=st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=2, max_size=60))
def test_what_was_answered_is_what_is_loaded(operator: str) -> None:
    """Quotes, hashes, backslashes and signs of any script survive the way through .env."""
    spoken = operator.strip()
    token, _operator, contact, area, admins = ANSWERS
    runner = CliRunner()
    with TemporaryDirectory() as folder, chdir(folder):
        # An answer that cannot be used is asked for again; then the plain one counts.
        answered(runner, token, operator, *([] if usable(spoken) else ["Dinas"]), contact, area, admins)
        assert load(Path(".env")).operator == (spoken if usable(spoken) else "Dinas")


def usable(text: str) -> bool:
    """Tell whether a name can stand in .env: in one line, and nothing that reads like a variable."""
    return len(text) > 1 and text.isprintable() and "${" not in text


# doctor


async def test_the_doctor_names_all_that_is_wrong(tmp_path: Path) -> None:
    """With every setting wrong, each is named in one run, the rest is still looked at, and no value is shown."""
    ran = await sertakan(tmp_path, "doctor", **dict.fromkeys(SENTENCES, f"{MARK}!"))
    wrong = {line.split()[1] for line in ran.out.splitlines() if line.startswith("✗")}
    assert wrong == {f"SERTAKAN_{name.upper()}" for name in SENTENCES} - {
        "SERTAKAN_OPERATOR",
        "SERTAKAN_OPERATOR_CONTACT",
        "SERTAKAN_BACKUP_DIR",  # is made where it is not there
    }
    assert "✓ Catalogues: complete" in ran.out
    assert (ran.code, ran.err) == (1, "")
    assert MARK not in ran.out


async def test_the_doctor_finds_a_well_bot_well(tmp_path: Path, complete: dict[str, str]) -> None:
    """With right settings, a server that answers and a migrated database, everything is ticked."""
    await sertakan(tmp_path, "migrate", **complete)
    ran = await sertakan(tmp_path, "doctor", **complete)
    assert ran.code == 0, ran.out
    assert "✗" not in ran.out
    for looked_at in (
        "Settings",
        "Catalogues",
        "SQLite",
        "Area: Kab. Kudus",
        "Admins: 1",
        "@sertakan_sandbox_bot",
        "Clock",
    ):
        assert looked_at in ran.out
    assert "schema current, keys fit" in ran.out
    assert complete["token"] not in ran.out


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"token": TOKEN}, "SERTAKAN_TOKEN is not known to Telegram"),
        ({"keys": fresh_keys()[0]}, "SERTAKAN_KEYS or SERTAKAN_INDEX_KEY do not fit the stored data"),
        ({"index_key": fresh_keys()[1]}, "SERTAKAN_KEYS or SERTAKAN_INDEX_KEY do not fit the stored data"),
        ({"api_url": "http://127.0.0.1:9"}, "The Bot API does not answer"),
        ({"admins": ""}, "SERTAKAN_ADMINS is empty"),
        (
            {"database_url": "sqlite:////proc/nowhere/sertakan.db"},
            "Database: /proc/nowhere/sertakan.db cannot be written",
        ),
        ({"database_url": "postgresql://nobody@127.0.0.1:9/none"}, "Database: The database cannot be opened"),
    ],
    ids=["token", "keys", "index key", "network", "admins", "file", "server"],
)
async def test_the_doctor_says_what_is_wrong(
    tmp_path: Path, complete: dict[str, str], other: dict[str, str], sentence: str
) -> None:
    """One thing wrong gives one cross, with a sentence that says what to do."""
    if "fit" in sentence:
        await sertakan(tmp_path, "migrate", **complete)
    ran = await sertakan(tmp_path, "doctor", **complete | other)
    (crossed,) = [line for line in ran.out.splitlines() if line.startswith("✗")]
    assert crossed.startswith(f"✗ {sentence}")
    assert (ran.code, ran.err) == (1, "")


async def test_the_doctor_looks_at_disk_and_backups(tmp_path: Path, complete: dict[str, str]) -> None:
    """Free space is told, and a daily backup that is overdue is a cross, until there is a new one."""
    made = {**complete, "backup_dir": str(tmp_path)}
    await sertakan(tmp_path, "migrate", **made)
    old, new = name_of(datetime(2020, 1, 1, tzinfo=UTC)), name_of(datetime.now(UTC))
    for name, code, sentence in (
        (None, 0, "✓ Backups: none yet"),
        (old, 1, "✗ Backups: the"),
        (new, 0, "✓ Backups: the"),
    ):
        if name is not None:
            (tmp_path / name).touch()
        ran = await sertakan(tmp_path, "doctor", **made)
        assert (ran.code, ran.err) == (code, "")
        assert sentence in ran.out
        assert "GB are free" in ran.out


async def test_the_doctor_names_what_would_be_overlooked(tmp_path: Path, complete: dict[str, str]) -> None:
    """A misspelt name in .env does nothing; the doctor says so, with the name that is meant, and shows no value."""
    (tmp_path / ".env").write_text(f"SERTAKAN_BROADCAST_ALON={MARK}\nSERTAKAN_XYZ={MARK}\nEDITOR={MARK}\n")
    ran = await sertakan(tmp_path, "doctor", **complete)
    crossed = [line for line in ran.out.splitlines() if line.startswith("✗")]
    assert crossed == [
        "✗ SERTAKAN_BROADCAST_ALON is no setting, so it does nothing: is SERTAKAN_BROADCAST_ALONE meant?",
        "✗ SERTAKAN_XYZ is no setting, so it does nothing: take it out of .env.",
    ]
    assert (ran.code, MARK in ran.out) == (1, False)


async def test_the_doctor_knows_a_bot_api_when_it_sees_one(
    tmp_path: Path, complete: dict[str, str], sandbox: Sandbox
) -> None:
    """An address where something else answers is not taken for a wrong token."""
    ran = await sertakan(tmp_path, "doctor", **complete | {"api_url": f"{sandbox.url}/elsewhere"})
    assert "✗ SERTAKAN_API_URL is no Bot API server" in ran.out
    assert "SERTAKAN_TOKEN" not in ran.out


async def test_the_doctor_sees_a_schema_to_be_set_up(tmp_path: Path, complete: dict[str, str]) -> None:
    """A database without this version's schema is no fault: the sentence says what will set it up."""
    ran = await sertakan(tmp_path, "doctor", **complete)
    assert "✓ Database: reachable; `sertakan migrate` or `run` will set up its schema." in ran.out
    assert ran.code == 0


# run, migrate, stats


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"token": TOKEN}, "Telegram does not know SERTAKAN_TOKEN"),
        ({"api_url": "http://127.0.0.1:9"}, "The Bot API does not answer"),
        ({"keys": fresh_keys()[0]}, "do not fit the stored data"),
        ({"listen": "192.0.2.1:80"}, "The address cannot be used"),
    ],
    ids=["token", "network", "keys", "address"],
)
async def test_a_bot_that_cannot_run_says_why(
    tmp_path: Path, complete: dict[str, str], other: dict[str, str], sentence: str
) -> None:
    """What an operator can mend ends the program with one sentence and no traceback."""
    if "fit" in sentence:
        await sertakan(tmp_path, "migrate", **complete)
    ran = await sertakan(tmp_path, "run", **complete | other)
    assert ran.code == 1
    assert sentence in ran.err.partition("Error: ")[2]
    assert "Traceback" not in ran.err
    assert complete["token"] not in ran.err


async def test_migrating_twice_is_safe(tmp_path: Path, complete: dict[str, str]) -> None:
    """The first run makes a database nobody else can read, the second changes nothing; figures come only after it."""
    early = await sertakan(tmp_path, "stats", "--json", **complete)
    assert (early.code, early.out) == (1, "")
    assert "`sertakan migrate`" in early.err
    for _time in range(2):
        ran = await sertakan(tmp_path, "migrate", **complete)
        assert (ran.code, ran.out, ran.err) == (0, "The database has the current schema.\n", "")
    assert stat.S_IMODE((tmp_path / "kept" / "sertakan.db").stat().st_mode) == 0o600


async def test_figures_are_figures(tmp_path: Path) -> None:
    """Beside a running bot, `stats --json` has these keys, the registrations by state, and nothing about anybody."""
    async with performance(tmp_path) as (sandbox, app):
        await app.settled(sandbox.world.updates.count)
        mine = app.settings
        given = {
            "token": mine.token.get_secret_value(),
            "keys": mine.keys.get_secret_value(),
            "index_key": mine.index_key.get_secret_value(),
            "database_url": mine.database_url.get_secret_value(),
            "operator": mine.operator,
            "operator_contact": mine.operator_contact,
            "area": mine.area,
        }
        ran, read = await asyncio.gather(
            sertakan(tmp_path, "stats", "--json", **given), sertakan(tmp_path, "stats", **given)
        )
    figures = json.loads(ran.out)
    assert {name: set(part) if isinstance(part, dict) else part for name, part in figures.items()} == {
        "registrations": {
            *("draft", "queued", "needs_correction", "approved", "handed_over"),
            *("with_department", "waiting_list", "not_matched", "active", "lapsed", "rejected", "withdrawn"),
        },
        "inbox": {"depth", "oldest_seconds", "dead", "dead_seconds"},
        "outbox": {"depth", "oldest_seconds", "dead", "dead_seconds"},
        "sessions": 1,
        "broadcasts": set(),
    }
    people = figures["registrations"]
    assert sum(people.values()) == len(NEIGHBOURS) + EACH * len(VILLAGES)
    assert people["with_department"] == sum(neighbour.paid for neighbour in NEIGHBOURS)
    assert figures["inbox"] == figures["outbox"] == {"depth": 0, "oldest_seconds": 0, "dead": 0, "dead_seconds": 0}
    told = ", ".join(f"{count} {state}" for state, count in people.items() if count).replace("_", " ")
    assert read.out == f"registrations: {told}\nbroadcasts: none\ninbox: none\noutbox: none\nsessions: 1 open\n"
    assert not any(neighbour.name in ran.out or neighbour.nik in ran.out for neighbour in NEIGHBOURS)


# chat, demo


async def test_a_chat_is_held_in_the_terminal(tmp_path: Path) -> None:
    """Numbers and labels press buttons, "contact" shares the number, and a slip is explained beside the talk."""
    typed = "1\n3319030505909001\n[Ya, benar]\nSlamet Riyadi\ncontact\n[tidak ada]\nquit\n"
    ran = await sertakan(tmp_path, "chat", "--start", "v-3319032007", typed=typed)
    assert "Dari NIK 3319 •••• •••• ••01 saya baca" in ran.out
    assert "Nomor HP dicatat: 0811-" in ran.out
    assert "There is no button 'tidak ada'." in ran.err
    assert "pekerja:" not in ran.out
    assert ran.code == 0


async def test_a_printed_transcript_is_a_test(tmp_path: Path) -> None:
    """What `chat --transcript` prints comes out the same when it is played again."""
    typed = "[setuju]\nNIK: 3319 0305 0590 9001\n1\nSlamet Riyadi\n<sticker>\ncontact\n/bantuan\n"
    ran = await sertakan(tmp_path, "chat", "--transcript", typed=typed)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("pekerja: /start\nbot: ")
    async with stage(tmp_path, pace=UNLIMITED, limits=None) as (sandbox, app, admin):
        assert await Transcript(sandbox, app, admin).play(ran.out) == ran.out


async def test_the_demo_prints_one_address_and_ends_cleanly(tmp_path: Path) -> None:
    """The page answers at the address, Ctrl-C ends it with a page open, and its data are gone."""
    before = kept()
    process = await asyncio.create_subprocess_exec(
        SERTAKAN, "demo", cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        ready = (await process.stdout.readline()).decode().split()
    url = ready[-1]
    assert ready[:-1] == ["The", "demo", "is", "ready:"]
    async with aiohttp.ClientSession() as page, page.get(f"{url}/sandbox/events") as events:
        assert "Pak Slamet" in (await events.content.readuntil(b"\n\n")).decode()
        second = await sertakan(tmp_path, "demo", "--port", url.rpartition(":")[2])
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            out, err = await process.communicate()
    assert second.err == "Error: The address cannot be used: address already in use. Does another program run there?\n"
    assert (process.returncode, err) == (0, b"")
    assert "http" not in out.decode()
    assert out.decode().endswith("The demo has ended.\n")
    assert kept() <= before


def kept() -> set[Path]:
    """Return the folders that demos work in."""
    return set(Path(gettempdir()).glob("sertakan-demo-*"))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "example.org", "::"])  # noqa: S104 - it is refused
async def test_the_demo_stays_on_this_computer(tmp_path: Path, host: str) -> None:
    """Any address that other machines could reach is refused with a sentence."""
    ran = await sertakan(tmp_path, "demo", "--host", host)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: The sandbox listens on this computer only")
