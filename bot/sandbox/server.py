"""The sandbox as a server on this computer: the Bot API under /bot<token>/, files, and the chat page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

from aiohttp import BodyPartReader, web
from multidict import CIMultiDict

from bot.sandbox import hook, routes
from bot.sandbox.api import Api, NoAnswer
from bot.sandbox.keys import API
from bot.sandbox.parameters import Parameters, Upload
from bot.sandbox.refusals import Refusal, bad_request

_LARGEST_BODY = 60 * 1024 * 1024
_UNAUTHORIZED = Refusal(401, "Unauthorized")
_NOT_FOUND = Refusal(404, "Not Found")


class NotLoopbackError(ValueError):
    """Somebody asked the sandbox to listen where other machines could reach it."""


@asynccontextmanager
async def serve(api: Api, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve `api` while the block runs; gives the address, such as "http://127.0.0.1:8081".

    Port 0 takes a free one. Raises NotLoopbackError for any address but this computer's own, OSError for a taken port.
    """
    check_loopback(host)
    runner = web.AppRunner(application(api), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    delivery = asyncio.create_task(hook.deliver(api.world))
    try:
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0][1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    finally:
        delivery.cancel()
        with suppress(asyncio.CancelledError):
            await delivery
        await runner.cleanup()


def check_loopback(host: str) -> None:
    """Raise NotLoopbackError unless `host` can only be reached from this computer."""
    with suppress(ValueError):
        if host == "localhost" or ip_address(host).is_loopback:
            return
    raise NotLoopbackError(
        f"The sandbox listens on this computer only: use 127.0.0.1, ::1 or localhost as its address, not {host!r}."
    )


def application(api: Api) -> web.Application:
    """The aiohttp application around `api`."""
    app = web.Application(client_max_size=_LARGEST_BODY, middlewares=[routes.own_page_only])
    app[API] = api
    app.router.add_route("*", "/bot{token}/{method}", _answer)
    app.router.add_get("/file/bot{token}/{path:.+}", _file)
    routes.add_to(app)
    return app


async def _answer(request: web.Request) -> web.StreamResponse:
    api = request.app[API]
    try:
        if request.match_info["token"] != api.world.token:
            raise _UNAUTHORIZED
        result = await api.call(request.match_info["method"], await _parameters(request))
    except Refusal as refusal:
        return web.json_response(refusal.as_telegram(), status=refusal.code)
    except NoAnswer as silence:
        return await _say_nothing(request, silence)
    return web.json_response({"ok": True, "result": result})


async def _say_nothing(request: web.Request, silence: NoAnswer) -> web.Response:
    if silence.hang:
        await asyncio.get_running_loop().create_future()  # until the caller gives up
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _file(request: web.Request) -> web.Response:
    world = request.app[API].world
    if request.match_info["token"] != world.token:
        return web.json_response(_UNAUTHORIZED.as_telegram(), status=401)
    file = world.files.at(request.match_info["path"])
    if file is None:
        return web.json_response(_NOT_FOUND.as_telegram(), status=404)
    return web.Response(body=file.content, content_type=file.mime)


async def _parameters(request: web.Request) -> Parameters:
    values: dict[str, object] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        values |= await _json_object(request)
    elif request.content_type == "application/x-www-form-urlencoded":
        values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    elif request.content_type.startswith("multipart/"):
        reader = await request.multipart()
        while isinstance(part := await reader.next(), BodyPartReader):
            name, content = part.name or "", bytes(await part.read(decode=True))
            if part.filename is None:
                values[name] = content.decode()
            else:
                uploads[name] = Upload(part.filename, _mime(part.headers), content)
    return Parameters(values, uploads)


async def _json_object(request: web.Request) -> dict[str, object]:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError as error:
        raise bad_request("can't parse request JSON object") from error
    if not isinstance(body, dict):
        raise bad_request("object expected as the request's body")
    return body


def _mime(headers: Mapping[str, str]) -> str:
    return CIMultiDict(headers).get("Content-Type", "application/octet-stream").partition(";")[0]
