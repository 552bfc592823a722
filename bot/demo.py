"""The demo: the real bot, its real handlers, over real HTTP, against the sandbox, with made-up people."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.app import App, running
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.limits import TELEGRAM, Limits
from bot.sandbox.server import check_loopback
from bot.seeds import Cast, furnish
from bot.sending.pace import UNHURRIED, Pace
from bot.settings import Settings
from handlers.office import Clock, utc_now
from storage.vault import fresh_keys

AREA = "33.19"
PROVINCE = "33"  # what the demo serves, so that the programmes of four regencies can be tried
ALONE = 100  # recipients up to whom one admin sends alone: fewer than usual, so that the second one has to agree
PORT = 8765  # where the page is served unless somebody else is there
CAST = (
    "Pak Slamet · ojek",
    "Mbak Rini · pendamping",
    "Bu Lurah · petugas desa",
    "Pak Hadi · petugas dinas",
    "Bu Ratmi · yang membayarkan",
    "Pak Tono · admin",
    "Bu Wulan · admin kedua",
)
TELLS = """\
The demo is ready: {url}

  Pak Slamet  a worker: scans the village's poster, registers, chooses the programme of Kudus, asks for /status
  Mbak Rini   a facilitator: /daftarkan registers neighbours one by one, or many from a list, and gives them a link
  Bu Lurah    the officer of the village: /antrean; two of those who wait have one NIK, so she compares them;
              /siarkan writes to the few of her village who have Telegram
  Pak Hadi    Dinas Perhubungan: /antrean shows the ojek drivers whom the village has approved
  Bu Ratmi    pays for others: /bayarkan pledges, and offers it to who waits longest; Mbak Rini is asked
  Pak Tono    an admin: /serahkan; once Bu Wulan agrees, the file comes within half a minute; /rekap, /program, /undang;
              /siarkan writes to who has Telegram, more than 100 people, so Bu Wulan has to agree; between 20:00 and
              07:00 WIB it waits for the morning, unless it is a necessary notice and urgent; /pengingat sets reminders
  Bu Wulan    the second admin: decides where the warnings ask for a second person

"Tambah orang" makes somebody who opens a link. Everything here is made up; a NIK to type is under the paper clip of
each phone. Ctrl-C ends it, and it is forgotten.
"""


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock = utc_now,
    pace: Pace = UNHURRIED,
    limits: Limits | None = TELEGRAM,
    area: str = AREA,
) -> AsyncIterator[tuple[Sandbox, App, Person]]:
    """Run sandbox and bot together over a fresh database in `folder`; gives both, and the admin of the `area`."""
    async with Sandbox.start(host=host, port=port, limits=limits) as sandbox:
        admin = sandbox.person("Admin")
        async with running(settings(sandbox, folder, admin, area), clock=clock, pace=pace) as app:
            yield sandbox, app, admin


def settings(sandbox: Sandbox, folder: Path, admin: Person, area: str = AREA) -> Settings:
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
        area=area,
        listen="127.0.0.1:0",
        backup_dir=None,
    )


@asynccontextmanager
async def performance(
    folder: Path, *, host: str = "127.0.0.1", port: int = 0, clock: Clock = utc_now
) -> AsyncIterator[tuple[Sandbox, App]]:
    """Run the whole demo: somebody in each role, in a village where a few people wait already."""
    async with Sandbox.start(host=host, port=port) as sandbox:
        cast = Cast(*(sandbox.person(name) for name in CAST))
        given = settings(sandbox, folder, cast.admin, PROVINCE).model_copy(update={"broadcast_alone": ALONE})
        async with running(given, clock=clock) as app:
            await furnish(sandbox, app, cast)
            yield sandbox, app


async def serve_until_stopped(host: str, port: int | None) -> None:
    """Serve the demo until Ctrl-C; its data are gone afterwards. Without a port, 8765 or else a free one is taken.

    Raises NotLoopbackError, OSError for a taken port.
    """
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    check_loopback(host)
    free = port if port is not None else _preferred(host)
    with TemporaryDirectory(prefix="sertakan-demo-") as folder:
        async with performance(Path(folder), host=host, port=free) as (sandbox, _app):
            click.echo(TELLS.format(url=sandbox.url))
            await stopped.wait()
    click.echo("The demo has ended.")


def _preferred(host: str) -> int:
    """Return the usual port, or 0 for any when another program, perhaps a second demo, has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, PORT))
        except OSError:
            return 0
    return PORT
