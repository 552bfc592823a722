"""A sandbox, and aiogram's Bot talking to it over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiogram import Bot
from sandbox_bot import client_of, echo_forever

from bot.sandbox.client import Person, Sandbox


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
