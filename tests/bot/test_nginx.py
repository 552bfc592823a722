"""The nginx of deploy/nginx.conf, before two processes that answer: it brings updates, lets nothing else in, and keeps no body."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from applicants import applicants
from bot_process import SOURCE, chosen, settings
from hurried import hurried
from test_shapes import GUARD, SECRET, all_in_order

from bot import api
from bot.front import serving
from bot.intake import hook
from bot.sandbox.client import Sandbox
from bot.sending.post import sending

pytestmark = [
    pytest.mark.parametrize("kind", ["postgres"]),  # SQLite has one process
    pytest.mark.skipif(  # a build may not
        shutil.which("nginx") is None and os.environ.get("CI") != "true", reason="nginx is not installed"
    ),
]

FRAME = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {site}
}}
"""


def ports(count: int) -> list[int]:
    """Find ports that nobody listens on."""
    found = [socket.create_server(("127.0.0.1", 0)) for _port in range(count)]
    numbers = [one.getsockname()[1] for one in found]
    for one in found:
        one.close()
    return numbers


@asynccontextmanager
async def nginx(folder: Path, outside: int, inside: list[int]) -> AsyncIterator[str]:
    """Run nginx with the site that operators copy, on a port of this machine and without a certificate."""
    site = (SOURCE / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    site = site.replace("listen 443 ssl;", f"listen 127.0.0.1:{outside};").replace("8081", str(inside[0]))
    site = re.sub(r"ssl_certificate.*;", "", site.replace("8082", str(inside[1])))
    config = folder / "nginx.conf"
    config.write_text(FRAME.format(folder=folder, site=site), encoding="utf-8")
    checked = await asyncio.create_subprocess_exec("nginx", "-t", "-q", "-p", folder, "-c", config)
    assert await checked.wait() == 0
    process = await asyncio.create_subprocess_exec("nginx", "-p", folder, "-c", config)
    try:
        yield f"http://127.0.0.1:{outside}"
    finally:
        process.terminate()
        await process.wait()


async def test_people_register_through_it(database_url: str, tmp_path: Path) -> None:
    """Everybody is registered once, though one process is killed; other pages and methods stay closed; no body is on disk."""
    outside, *inside = ports(3)
    (tmp_path / "nginx").mkdir()
    async with Sandbox.start(limits=None) as sandbox, nginx(tmp_path / "nginx", outside, inside) as url:
        own = {"HOOK_URL": url, "HOOK_SECRET": SECRET}
        wanted = chosen(sandbox, database_url, **own)
        first, second = (settings(sandbox, database_url, **own, LISTEN=f"127.0.0.1:{port}") for port in inside)
        async with (
            asyncio.timeout(GUARD),
            hurried(first, tmp_path, program=serving),
            hurried(settings(sandbox, database_url), tmp_path, program=sending),
            api.reached(wanted) as bot,
        ):
            await hook.put(bot, wanted)
            workers = applicants(sandbox, 8)
            async with hurried(second, tmp_path, program=serving):
                registering = asyncio.gather(*(worker.registers() for worker in workers))
                while sum(call.method == "sendMessage" for call in sandbox.calls) < 30:
                    await sandbox.api.bell.rung()
            await registering
            async with aiohttp.ClientSession() as http:
                for method, page, status in (("GET", "/hook", 403), ("GET", "/readyz", 404), ("GET", "/metrics", 404)):
                    async with http.request(method, url + page) as answer:
                        assert (page, answer.status) == (page, status)
        await all_in_order(database_url, workers)
    written = b"".join(path.read_bytes() for path in (tmp_path / "nginx").rglob("*") if path.is_file())
    assert not [worker for worker in workers if worker.nik.encode() in written]
    assert SECRET.encode() not in written
