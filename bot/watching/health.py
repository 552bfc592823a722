"""Health: whether the bot runs, and whether it can do its work now, in short sentences for an operator.

/metrics shows figures to Prometheus (`bot/watching/metrics.py`); /livez says whether a service manager should start the program again, /readyz whether updates are taken in, handled and
answered. Neither names a person, a chat or an address. Asking often costs little: one look serves a whole second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import structlog
from aiohttp import web

from bot.watching import metrics
from bot.watching.logs import where
from bot.watching.pulse import Pulse
from handlers.office import Clock
from storage import backups, schema
from storage.database import Database
from storage.load import Load, load, rehearse

log = structlog.get_logger("health")

FRESH = 1.0  # seconds for which one look is enough
PATIENCE = 5.0  # seconds the database may take for it
PROXIED = frozenset(
    {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"}
)  # headers by which proxies make themselves known
INBOX_LATE = 60  # seconds; a failing update is tried for 44 and then laid aside
OUTBOX_LATE = 120  # seconds


class Health:
    """What is known of a running bot: its `pulses`, its parts, and what waits in the database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *pulses: Pulse,
        folder: Path = Path(),
        backup_dir: Path | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._database, self._clock, self._patience = database, clock, patience
        self._folder, self._backups = folder, backup_dir
        self.pulses = list(pulses)
        self.load: Load | None = None  # as it was at the last look, None when the database did not answer
        self.revision: str | None = None  # of the schema, likewise
        self._phase: str | None = "it is starting"
        self._parts: Mapping[str, asyncio.Task[None]] = {}
        self._looking = asyncio.Lock()
        self._looked, self._found = float("-inf"), list[str]()

    @contextmanager
    def serving(self, parts: Mapping[str, asyncio.Task[None]]) -> Iterator[None]:
        """Be ready while the block runs; on leaving, that ends before anything else does."""
        self._phase, self._parts = None, parts
        try:
            yield
        finally:
            self._phase = "it is stopping"

    def add_to(self, pages: web.UrlDispatcher) -> None:
        """Add the pages to those of a listener."""
        pages.add_get("/livez", self._live_page)
        pages.add_get("/readyz", self._ready_page)
        pages.add_get("/metrics", self._metrics_page)

    def dead(self) -> list[str]:
        """Say which parts have ended though nobody stopped them."""
        ended = [name for name, task in self._parts.items() if task.done()] if self._phase is None else []
        return [f"the part {name} has ended" for name in ended]

    async def wrong(self) -> list[str]:
        """Say what keeps the bot from doing its work now; nothing when all is well."""
        if self._phase is not None:
            return [self._phase]
        async with self._looking:
            if time.monotonic() - self._looked >= FRESH:
                found = [
                    *self.dead(),
                    *(each for pulse in self.pulses if (each := pulse.complaint)),
                    *await self._look(),
                ]
                if found != self._found:
                    log.warning("not ready", why=found) if found else log.info("ready again")
                self._found, self._looked = found, time.monotonic()
        return self._found

    async def _look(self) -> list[str]:
        """Look at the database, and try whether it can be written."""
        self.load = self.revision = None
        try:
            async with asyncio.timeout(self._patience):
                self.revision = await self._database.revision()
                if not schema.serves(self.revision):
                    return ["the database does not have this version's schema: run `sertakan migrate`"]
                async with self._database.write() as tx:
                    await rehearse(tx)
                async with self._database.read() as tx:
                    self.load = await load(tx, self._clock())
        except TimeoutError:
            return [f"the database takes longer than {self._patience:g} seconds"]
        except Exception as error:  # noqa: BLE001  # not ready, whatever the reason
            log.debug("the database fails", error=where(error))
            return [f"the database fails ({type(error).__name__})"]
        boxes = (("update", self.load.inbox, INBOX_LATE), ("letter", self.load.outbox, OUTBOX_LATE))
        return [
            f"the oldest {name} has waited for {box.oldest_seconds} seconds"
            for name, box, late in boxes
            if box.oldest_seconds > late
        ]

    async def _live_page(self, _request: web.Request) -> web.Response:
        return _page(self.dead())

    async def _ready_page(self, _request: web.Request) -> web.Response:
        return _page(await self.wrong())

    async def _metrics_page(self, request: web.Request) -> web.Response:
        """Show the figures to whoever asks on this machine; what came through a proxy is from somewhere else."""
        if not PROXIED.isdisjoint(request.headers):
            raise web.HTTPNotFound
        ready = not await self.wrong()
        if self._backups is not None and (made_at := backups.latest(self._backups)) is not None:
            metrics.record_backup(made_at, ok=True)
        metrics.looked(self.load, self.revision, ready=ready)
        return web.Response(body=metrics.page(self._folder), headers={"Content-Type": metrics.FORMAT})


def _page(complaints: list[str]) -> web.Response:
    return web.Response(text="\n".join(complaints or ["ok"]) + "\n", status=503 if complaints else 200)
