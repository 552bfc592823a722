"""The demo: the real bot, its real handlers, over real HTTP, against the sandbox, with made-up people."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.app import App, running
from bot.pacer import UNHURRIED, Pace
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.limits import TELEGRAM, Limits
from bot.seeds import seed
from bot.settings import Settings
from handlers.office import Clock, utc_now
from storage.vault import fresh_keys

AREA, VILLAGE = "33.19", "33.19.02.2005"


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock = utc_now,
    pace: Pace = UNHURRIED,
    limits: Limits | None = TELEGRAM,
) -> AsyncIterator[tuple[Sandbox, App, Person]]:
    """Run sandbox and bot together over a fresh database in `folder`; gives both, and the admin."""
    async with Sandbox.start(host=host, port=port, limits=limits) as sandbox:
        admin = sandbox.person("Admin")
        async with running(settings(sandbox, folder, admin), clock=clock, pace=pace) as app:
            yield sandbox, app, admin


def settings(sandbox: Sandbox, folder: Path, admin: Person) -> Settings:
    """Return settings for a bot in this sandbox."""
    keys, index_key = fresh_keys()
    return Settings(
        _env_file=None,
        token=sandbox.token,
        api_url=sandbox.url,
        database_url=f"sqlite:///{folder / 'demo.db'}",
        keys=keys,
        index_key=index_key,
        admins=frozenset({admin.id}),
        operator="Dinas Tenaga Kerja (contoh)",
        operator_contact="Jl. Contoh No. 1, telepon 0291-000000",
        area=AREA,
        listen="127.0.0.1:0",
    )


async def serve_until_stopped(host: str, port: int) -> None:
    """Serve the demo until Ctrl-C; its data are gone afterwards. Raises NotLoopbackError, OSError for a taken port."""
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    with TemporaryDirectory(prefix="sertakan-demo-") as folder:
        async with stage(Path(folder), host=host, port=port) as (sandbox, app, admin):
            worker = sandbox.person("Pak Slamet · ojek")
            sponsor = sandbox.person("Bu Lurah · petugas desa")
            await seed(app, sponsor.id, VILLAGE)
            await admin.start()
            await sponsor.start()
            del worker  # he presses START himself
            click.echo(
                f"The demo is ready: {sandbox.url}\nCtrl-C ends it; everything in it is made up and is forgotten."
            )
            await stopped.wait()
