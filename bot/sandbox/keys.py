"""Where the application keeps what its handlers share."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.api import Api

API = web.AppKey("api", Api)
