"""The chat page and its own API under /sandbox/: look at the world, act in it, follow its changes."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox import acts, views
from bot.sandbox.chats import Chat
from bot.sandbox.keys import API
from bot.sandbox.refusals import Refusal
from bot.sandbox.world import World

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PAGE = Path(__file__).parent / "page"
_PARTS = ("chat.css", "chat.js", "phone.js", "message.js", "acts.js", "ask.js", "sheets.js")
_FILES = {"/": "index.html"} | {f"/{name}": name for name in _PARTS}
_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_HOSTS = {"127.0.0.1", "localhost", "::1"}
_HEARTBEAT = 15  # seconds
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_BOOT = secrets.token_hex(4)  # a page that outlived its server starts afresh

_ACTS: dict[str, Callable[[World, Chat, Json], object]] = {
    "start": lambda world, chat, how: acts.start(world, chat, how.get("payload", "")),
    "say": lambda world, chat, how: acts.say(world, chat, how["text"]),
    "edit": lambda world, chat, how: acts.edit(world, chat, how["message"], how["text"]),
    "press": lambda world, chat, how: acts.press(world, chat, how["message"], how["row"], how["column"]),
    "press_raw": lambda world, chat, how: acts.press_raw(
        world, chat, how["data"], chat.messages.get(how.get("message", 0))
    ),
    "tap": lambda world, chat, how: acts.tap(world, chat, how["row"], how["column"]),
    "contact": lambda world, chat, how: acts.share_contact(world, chat, how.get("phone"), how.get("name")),
    "sticker": lambda world, chat, how: acts.send_sticker(world, chat, how.get("emoji", "👍")),
    "voice": lambda world, chat, how: acts.send_voice(world, chat, how.get("seconds", 3)),
    "location": lambda world, chat, _: acts.send_location(world, chat),
    "forward": lambda world, chat, how: acts.forward(world, chat, how["text"]),
    "block": lambda world, chat, _: acts.block(world, chat),
    "unblock": lambda world, chat, _: acts.unblock(world, chat),
    "redeliver": lambda world, _, how: world.updates.redeliver(how.get("update")),
}


def add_to(app: web.Application) -> None:
    """Add the page's files and the world API to `app`."""
    for path in _FILES:
        app.router.add_get(path, _page)
    app.router.add_get("/sandbox/chats", _chats)
    app.router.add_get("/sandbox/events", _events)
    app.router.add_get("/sandbox/files/{id}", _file)
    app.router.add_post("/sandbox/people", _add_person)
    app.router.add_post("/sandbox/people/{id}/upload", _upload)
    app.router.add_post("/sandbox/people/{id}/{act}", _act)


@web.middleware
async def own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep other web pages out: a foreign Host (DNS rebinding) or Origin (a form elsewhere) gets a 403."""
    origin = request.headers.get("Origin")
    if urlsplit(f"//{request.host}").hostname not in _HOSTS or (origin and urlsplit(origin).netloc != request.host):
        raise web.HTTPForbidden(text="This sandbox answers its own page only.")
    return await handler(request)


async def _page(request: web.Request) -> web.FileResponse:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return web.FileResponse(_PAGE / _FILES[request.path], headers=headers)


async def _chats(request: web.Request) -> web.Response:
    """Every chat in full, for tests in another process."""
    return web.json_response(views.changes(request.app[API].world, -1))


async def _events(request: web.Request) -> web.StreamResponse:
    """Server-sent events: first everything, then what changes, each event numbered by the world's tick."""
    world = request.app[API].world
    boot, _, tick = request.headers.get("Last-Event-ID", "").partition("-")
    since = int(tick) if boot == _BOOT and tick.isdigit() else -1
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    while True:
        if world.tick > since:
            body = {"bot": world.bot.as_telegram(), "boot": _BOOT, "chats": views.changes(world, since)}
            since = world.tick
            await response.write(f"id: {_BOOT}-{since}\ndata: {json.dumps(body)}\n\n".encode())
            continue
        try:
            async with asyncio.timeout(_HEARTBEAT):
                await world.bell.rung()
        except TimeoutError:
            await response.write(b": still here\n\n")


async def _file(request: web.Request) -> web.Response:
    try:
        file = request.app[API].world.files.get(request.match_info["id"])
    except Refusal as refusal:
        raise web.HTTPNotFound(text="There is no such file.") from refusal
    inline = file.mime in _PICTURES and bool(file.width)
    headers = {"X-Content-Type-Options": "nosniff"} | ({} if inline else {"Content-Disposition": "attachment"})
    mime = file.mime if inline else "application/octet-stream"
    return web.Response(body=file.content, content_type=mime, headers=headers)


async def _add_person(request: web.Request) -> web.Response:
    how = await _body(request)
    name = str(how.get("name", "")).strip()[:64]
    if not name:
        raise web.HTTPBadRequest(text="A person needs a name.")
    world = request.app[API].world
    return web.json_response(views.chat_view(world, world.add_user(name, how.get("language") or "id")))


async def _act(request: web.Request) -> web.Response:
    act = _ACTS.get(request.match_info["act"])
    if act is None:
        raise web.HTTPNotFound(text="Nobody can do that here.")
    how = await _body(request)
    return _done(request, lambda world, chat: act(world, chat, how))


async def _upload(request: web.Request) -> web.Response:
    """A photo or a document: the body is the file, its name and kind stand in the query."""
    content = await request.read()
    name = request.query.get("name", "file")
    if request.query.get("kind") == "photo":
        return _done(request, lambda world, chat: acts.send_photo(world, chat, content or None))
    return _done(request, lambda world, chat: acts.send_document(world, chat, name, content, request.content_type))


def _done(request: web.Request, act: Callable[[World, Chat], object]) -> web.Response:
    world = request.app[API].world
    chat = world.chats.get(int(request.match_info["id"]) if request.match_info["id"].isdigit() else 0)
    if chat is None:
        raise web.HTTPNotFound(text="There is no such person.")
    try:
        act(world, chat)
    except (KeyError, TypeError) as error:
        raise web.HTTPBadRequest(text="Something is missing in this act.") from error
    except (acts.Impossible, LookupError, Refusal) as error:
        raise web.HTTPConflict(text=str(error)) from error
    return web.json_response({"ok": True})


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="The body has to be JSON.") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="The body has to be a JSON object.")
    return body
