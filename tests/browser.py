"""A browser for the tests of pages; where there is none, they are left out, but never in a build."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

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
        terminalreporter.write_line("Left out: pages in a browser (install Chromium).")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser out where there is none; a build may not."""
    if not CHROMIUM.exists() and os.environ.get("CI") != "true":
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium"))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield started
        await started.close()
