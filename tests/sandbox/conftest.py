"""A sandbox, aiogram's Bot talking to it over HTTP, and a browser."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiogram import Bot
from playwright.async_api import Browser, async_playwright
from sandbox_bot import client_of, echo_forever

from bot.sandbox.client import Person, Sandbox

CHROMIUM = Path(os.environ.get("SERTAKAN_TEST_CHROMIUM", "/usr/bin/chromium"))
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was left out."""
    if not CHROMIUM.exists():
        terminalreporter.write_line("Left out: the chat page in a browser (install Chromium).")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser out where there is none; a build may not."""
    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium"))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Serve a world without sending limits."""
    async with Sandbox.start(limits=None) as served:
        yield served


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """Talk to the sandbox as aiogram does."""
    async with client_of(sandbox) as talking:
        yield talking


@pytest.fixture
async def ani(sandbox: Sandbox) -> Person:
    """Return somebody who has started the bot."""
    person = sandbox.person("Ani")
    await person.start()
    return person


@pytest.fixture
async def echo(bot: Bot) -> AsyncIterator[None]:
    """Keep a bot running that answers everything in a way the page can show."""
    running = asyncio.create_task(echo_forever(bot))
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield started
        await started.close()
