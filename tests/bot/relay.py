"""A relay between a bot and its PostgreSQL, for tests: closed, it is as if the server were away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self

from outages import free_port
from sqlalchemy.engine import make_url


class Relay:
    """Passes bytes on both ways while it is open; `url` leads to the database through it."""

    def __init__(self, database_url: str) -> None:
        server = make_url(database_url)
        self._to = server.host or "127.0.0.1", server.port or 5432
        self._port = free_port()
        self.url = server.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Future[None]] = set()
        self._ways: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    @classmethod
    @asynccontextmanager
    async def opened(cls, database_url: str) -> AsyncIterator[Self]:
        """Pass on while the block runs, unless it is closed."""
        relay = cls(database_url)
        await relay.open()
        try:
            yield relay
        finally:
            await relay.close()
            relay.thaw()
            await asyncio.gather(*relay._passing, return_exceptions=True)

    async def open(self) -> None:
        """Let everybody through."""
        self._server = await asyncio.start_server(self._came, "127.0.0.1", self._port)

    async def close(self) -> None:
        """Break every connection, and refuse new ones."""
        if self._server is not None:
            self._server.close()
            for way in list(self._ways):
                way.transport.abort()
            self._server = None

    def freeze(self) -> None:
        """Take what is said, and pass nothing on."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass it on again."""
        self._flows.set()

    def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._passing.add(asyncio.ensure_future(self._pass_on(reader, writer)))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_connection(*self._to)
            self._ways |= {writer, back}
            try:
                await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
            finally:
                for way in (writer, back):
                    self._ways.discard(way)
                    way.transport.abort()
                    await way.wait_closed()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while block := await reader.read(2**16):
            await self._flows.wait()
            writer.write(block)
            await writer.drain()
        writer.close()
