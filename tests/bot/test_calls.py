"""Pictures in memory: the common ones are drawn once, those of one person are not kept."""

from __future__ import annotations

from datetime import datetime

from aiogram import Bot

from bot.calls import Calls
from bot.pacer import Pacer
from storage.database import Database

WISH = {"draw": "qr", "facts": {"link": "https://t.me/contoh", "title": "Contoh", "lines": ""}, "language": "id"}


async def test_only_common_pictures_are_kept(database: Database, now: datetime) -> None:
    """A picture with a key is drawn once; one without is drawn each time, and nothing of it stays."""
    calls = Calls(database, Bot("1:contoh"), Pacer(), lambda _seconds: None, lambda: now)
    common = await calls._picture("common", WISH)
    assert await calls._picture("common", WISH) is common
    assert await calls._picture("", WISH) == common
    assert await calls._picture("", WISH) is not common
    assert list(calls._drawn) == ["common"]
