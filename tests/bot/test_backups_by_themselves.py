"""Backups by themselves: one a day, late where the bot stood still, and admins hear of one that could not be made."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bot_process import settings, started, vault

from bot.backups import Backups
from bot.sandbox.client import Sandbox
from bot.transcript import StageClock
from bot.watching import metrics
from conversations.rules.areas import Areas
from handlers.office import Office
from storage import backups, outbox
from storage.backups.trial import tried
from storage.backups.workroom import workroom
from storage.database import Database

BEFORE = datetime(2026, 11, 19, 18, 59, tzinfo=UTC)  # a minute before two at night in Kudus
ADMINS = (7_000_000_001, 7_000_000_002)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> StageClock:
    """A clock at one minute before the hour."""
    return StageClock(BEFORE)


@pytest.fixture
def mine(database: Database, clock: StageClock, tmp_path: Path) -> Callable[..., Backups]:
    """Backups that are made by a program of the test, in whose words a file is made at the stage's time."""
    office = Office(
        "Dinas",
        "Jl. Contoh",
        "33.19",
        ZoneInfo("Asia/Jakarta"),
        Areas.load("33.19"),
        "contoh_bot",
        admins=frozenset(ADMINS),
        clock=clock,
    )

    def make(program: str = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch(exist_ok=False)") -> Backups:
        file = str(tmp_path / backups.name(clock()))
        return Backups(database, office, tmp_path, time(2), (sys.executable, "-c", program, file))

    return make


async def letters(database: Database, now: datetime) -> dict[int, str]:
    """Take the letters that wait, by who gets them."""
    async with database.write() as tx:
        posted = await outbox.claim(tx, 100, now)
        await outbox.settle(tx, [outbox.Outcome(one.id, "sent", message_id=1) for one in posted], now)
    return {one.chat_id: one.payload["text"] for one in posted}


async def test_once_a_day_at_its_hour_and_late_after_a_stop(
    mine: Callable[..., Backups], clock: StageClock, tmp_path: Path
) -> None:
    """The first is made at once, then one each day from the hour on; after three days without a bot, one at once."""

    async def looks() -> bool:
        before = len(backups.found(tmp_path))
        assert await mine().look()
        return len(backups.found(tmp_path)) > before

    assert await looks()
    clock.pass_by(59)
    assert not await looks()
    clock.pass_by(1)
    assert await looks()
    assert not await looks()
    clock.pass_by((DAY - timedelta(seconds=1)).total_seconds())
    assert not await looks()
    clock.pass_by((3 * DAY + timedelta(hours=9)).total_seconds())
    assert await looks()
    assert not await looks()


async def test_admins_hear_of_a_failure_once_a_day(
    mine: Callable[..., Backups], database: Database, clock: StageClock
) -> None:
    """Each admin is told once a day, with the day of the last good one, for as long as it goes on."""
    fails = "import sys; sys.exit('Error: There is no room.')"
    assert not await mine(fails).look()
    assert metrics.BACKUP_AT.labels("failed")._value.get() == clock().timestamp()
    told = await letters(database, clock())
    assert set(told) == set(ADMINS)
    assert "<b>Cadangan data hari ini gagal dibuat.</b>" in told[ADMINS[0]]
    assert "Belum ada cadangan sama sekali." in told[ADMINS[0]]
    assert not await mine(fails).look()
    assert await letters(database, clock()) == {}
    assert await mine().look()
    clock.pass_by(DAY.total_seconds())
    assert not await mine(fails).look()
    assert "Cadangan terakhir yang baik: 20 November 2026." in (await letters(database, clock()))[ADMINS[1]]


async def test_a_program_that_is_not_there_is_no_end_of_the_bot(mine: Callable[..., Backups]) -> None:
    """What keeps the program from starting is an error that the caller survives, and no backup counts as made."""
    with pytest.raises(FileNotFoundError):
        await replace(mine(), command=("/nowhere/sertakan",)).look()


async def test_a_bot_makes_its_own(database_url: str, tmp_path: Path) -> None:
    """A bot that runs puts the day's backup into its folder, one that opens with its keys; elsewhere the admin hears of it."""
    async with Sandbox.start(limits=None) as sandbox:
        admin = sandbox.person("Admin")
        admin.has_started()
        given = settings(sandbox, database_url, ADMINS=str(admin.id))
        async with started({**given, "SERTAKAN_BACKUP_DIR": "/proc/nowhere"}, tmp_path) as bot:
            await bot.ready()
            await admin.hears("Cadangan data hari ini gagal dibuat", within=60)
            assert await bot.stops() == 0
            assert "/proc/nowhere cannot be written" in bot.output
        async with started({**given, "SERTAKAN_BACKUP_DIR": "kept"}, tmp_path) as bot:
            await bot.ready()
            while "a backup was made" not in bot.output:
                await sandbox.api.bell.rung()
            assert await bot.stops() == 0
    ((_made_at, path),) = backups.found(tmp_path / "kept")
    with workroom(tmp_path / "kept") as room:
        async with tried(path, vault(), room) as (_header, trial):
            assert await trial.keys_fit()
