"""`sertakan hook`: set, looked at and taken away, over the wire; and what is said when it is not as it should be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bot_process import BotProcess, settings

from bot.intake.hook import Hook, age, faults, lines
from bot.intake.polling import KINDS
from bot.sandbox.client import Sandbox

OURS = {"HOOK_URL": "http://127.0.0.1:9/bot", "HOOK_SECRET": "a-secret-of-at-least-16"}
WANTED = "http://127.0.0.1:9/bot/hook"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WELL = Hook(WANTED, 0, 40, frozenset(KINDS), None, None)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Serve a Bot API."""
    async with Sandbox.start() as served:
        yield served


async def hook(sandbox: Sandbox, folder: Path, command: str, **others: str) -> tuple[int, str]:
    """Run a command and return its exit code, and what it wrote."""
    environment = settings(sandbox, f"sqlite:///{folder / 'none.db'}", **others)
    process = await BotProcess.start(environment, folder, ("-m", "bot", "hook", *command.split()))
    return await process.ends(), process.output


async def test_it_is_set_shown_and_taken_away(sandbox: Sandbox, tmp_path: Path) -> None:
    """Setting it says how it stands afterwards, with all that the bot needs; no step loses what waits."""
    code, said = await hook(sandbox, tmp_path, "set --at-once 7", **OURS)
    assert (code, sandbox.world.hook.url, sandbox.world.hook.secret) == (0, WANTED, OURS["HOOK_SECRET"]), said
    assert f"Web hook: {WANTED} (ours)" in said
    assert "Waiting at Telegram: 0" in said
    assert "At once: 7" in said
    assert sandbox.world.updates.allowed == set(KINDS)
    await sandbox.person("Ani").start()
    code, said = await hook(sandbox, tmp_path, "drop", **OURS)
    assert (code, sandbox.world.hook.url, len(sandbox.world.updates)) == (0, "", 1)
    assert "none, the bot polls" in said
    assert OURS["HOOK_SECRET"] not in said


async def test_its_status_tells_what_is_wrong(sandbox: Sandbox, tmp_path: Path) -> None:
    """Not set, set to another address, or set where the bot polls: each is an exit code of 1 and a sentence."""
    assert await hook(sandbox, tmp_path, "status") == (0, "Web hook: none, the bot polls\nWaiting at Telegram: 0\n")
    code, said = await hook(sandbox, tmp_path, "status", **OURS)
    assert code == 1
    assert "Wrong: No web hook is set at Telegram: `sertakan hook set`." in said
    sandbox.world.hook.url = "http://127.0.0.1:9/elsewhere"
    code, said = await hook(sandbox, tmp_path, "status", **OURS)
    assert code == 1
    assert "is not ours" in said
    code, said = await hook(sandbox, tmp_path, "status")
    assert code == 1
    assert "`sertakan hook drop`" in said


async def test_without_an_address_nothing_is_set(sandbox: Sandbox, tmp_path: Path) -> None:
    """`hook set` without SERTAKAN_HOOK_URL, and one that Telegram refuses, end in a sentence and leave all as it was."""
    code, said = await hook(sandbox, tmp_path, "set")
    assert (code, sandbox.world.hook.url) == (1, "")
    assert "SERTAKAN_HOOK_URL is missing" in said
    code, said = await hook(sandbox, tmp_path, "set", **{**OURS, "HOOK_URL": "https://example.org"})
    assert (code, sandbox.world.hook.url) == (1, "")
    assert "did not set the web hook: Bad Request: bad webhook" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("ago", "error", "said"),
    [
        (timedelta(minutes=4), "Connection timed out", "4 minutes ago: Connection timed out. Look at the proxy"),
        (timedelta(seconds=9), "Wrong response from the webhook: 403 Forbidden", "The secret differs"),
        (timedelta(minutes=6), "Connection timed out", None),
    ],
)
def test_an_error_counts_while_it_is_fresh(ago: timedelta, error: str, said: str | None) -> None:
    """What went wrong lately is told with its age and where to look; what is long over is not held against the hook."""
    found = faults(Hook(WANTED, 3, 40, frozenset(KINDS), error, NOW - ago), WANTED, NOW)
    assert faults(WELL, WANTED, NOW) == []
    assert (said in found[0]) if said else found == []


def test_a_token_in_an_address_is_not_shown() -> None:
    """Some programs have their hook at an address that holds the token: neither the log nor the terminal shows it."""
    theirs = Hook("https://example.org/4200000001:sandbox-token-of-no-value", 0, 40, frozenset(), None, None)
    shown = [*faults(theirs, WANTED, NOW), *lines(theirs, WANTED, NOW)[0]]
    assert "sandbox-token" not in str(shown)
    assert "https://example.org/<token>" in str(shown)


def test_a_kind_that_is_not_brought_is_told() -> None:
    """A hook that was set for fewer kinds of updates than the bot needs is not well; one that names none brings all."""
    assert faults(Hook(WANTED, 0, 40, frozenset({"message"}), None, None), WANTED, NOW)
    assert faults(Hook(WANTED, 0, 40, frozenset(), None, None), WANTED, NOW) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 seconds"), (119, "119 seconds"), (120, "2 minutes"), (7200, "2 hours"), (2e5, "2 days")],
)
def test_ages(seconds: float, said: str) -> None:
    """A span is told in its greatest unit, of which there are at least two."""
    assert age(timedelta(seconds=seconds)) == said
