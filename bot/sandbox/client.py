"""A test client that reads like a chat. The bot talks to it over HTTP; people act in this process.

async with Sandbox.start(limits=None) as sandbox:
    ani = sandbox.person("Ani")
    await ani.start("desa-33.19.02.2001")
    await ani.presses("Setuju")
    await ani.hears("NIK")
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.sandbox.api import Api, Call
from bot.sandbox.faults import Faults
from bot.sandbox.limits import TELEGRAM, Limits
from bot.sandbox.person import Person
from bot.sandbox.server import serve
from bot.sandbox.world import TOKEN, Clock, World

__all__ = ["Person", "Sandbox"]


class Sandbox:
    """A running sandbox: `url` and `token` for the bot, `person` for the people."""

    def __init__(self, api: Api, url: str) -> None:
        self.api = api
        self.world = api.world
        self.url = url

    @classmethod
    @asynccontextmanager
    async def start(
        cls, *, limits: Limits | None = TELEGRAM, host: str = "127.0.0.1", port: int = 0, token: str = TOKEN
    ) -> AsyncIterator[Sandbox]:
        """Serve a new world while the block runs; port 0 takes a free one. `limits` None sends without any.

        Raises NotLoopbackError for an address other machines could reach, OSError for a taken port.
        """
        api = Api(World(token=token), limits)
        async with serve(api, host, port) as url:
            yield cls(api, url)

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.world.token

    @property
    def bot_username(self) -> str:
        """The bot's name in links."""
        return self.world.bot.username

    @property
    def calls(self) -> Sequence[Call]:
        """The bot's calls, oldest first."""
        return self.api.calls

    @property
    def faults(self) -> Faults:
        """Where to order faults."""
        return self.api.faults

    @property
    def sent_inside_halt(self) -> int:
        """How many sends came before the retry_after of a 429 had passed."""
        return self.api.pace.sent_inside_halt

    @property
    def clock(self) -> Clock:
        """The world's clock; move it by its `offset` in seconds."""
        return self.world.clock

    def person(self, name: str, language: str = "id", phone: str | None = None) -> Person:
        """Somebody new on Telegram, who has not started the bot yet."""
        return Person(self.world, self.world.add_user(name, language, phone))

    def redelivers(self, update_id: int | None = None) -> int:
        """Send the bot an update once more under the same id, the last one unless named; returns the id."""
        return self.world.updates.redeliver(update_id)
