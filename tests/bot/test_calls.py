"""Pictures in memory: the common ones are drawn once, those of one person are not kept."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram import Bot

from bot.calls import Calls
from bot.pacer import Pacer
from conversations.rules.areas import Areas
from handlers.office import Office
from storage.database import Database

WISH = {"draw": "qr", "facts": {"link": "https://t.me/contoh", "title": "Contoh", "lines": ""}, "language": "id"}


async def test_only_common_pictures_are_kept(database: Database, now: datetime) -> None:
    """A picture with a key is drawn once; one without is drawn each time, and nothing of it stays."""
    office = Office(
        "Dinas", "Jl. Contoh", "33.19", ZoneInfo("Asia/Jakarta"), Areas.load("33.19"), "contoh_bot", clock=lambda: now
    )
    calls = Calls(database, Bot("1:contoh"), Pacer(), office)
    common = await calls._picture("common", WISH)
    assert await calls._picture("common", WISH) is common
    assert await calls._picture("", WISH) == common
    assert await calls._picture("", WISH) is not common
    assert list(calls._drawn) == ["common"]
