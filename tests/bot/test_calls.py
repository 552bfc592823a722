"""Pictures: the common ones are drawn once, those of one person are not kept, and all of them before their turn."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from aiogram import Bot

from bot.sending.calls import Calls
from bot.sending.pacer import HaltedError, Pacer
from conversations.rules.areas import Areas
from handlers.office import Office
from storage.database import Database
from storage.outbox import Posted, Priority

WISH = {"draw": "qr", "facts": {"link": "https://t.me/contoh", "title": "Contoh", "lines": ""}, "language": "id"}


@pytest.fixture
def calls(database: Database, now: datetime) -> Calls:
    """Make calls that reach nobody."""
    zone, areas = ZoneInfo("Asia/Jakarta"), Areas.load("33.19")
    office = Office("Dinas", "Jl. Contoh", "33.19", zone, areas, "contoh_bot", clock=lambda: now)
    return Calls(database, Bot("1:contoh"), Pacer(), office)


async def test_only_common_pictures_are_kept(calls: Calls) -> None:
    """A picture with a key is drawn once; one without is drawn each time, and nothing of it stays."""
    common = await calls._picture("common", WISH)
    assert await calls._picture("common", WISH) is common
    assert await calls._picture("", WISH) == common
    assert await calls._picture("", WISH) is not common
    assert list(calls._drawn) == ["common"]


async def test_a_picture_is_drawn_before_its_turn(calls: Calls) -> None:
    """When the turn comes the picture is there, so that the call neither goes out late nor into a halt begun meanwhile."""
    letter = Posted(1, "", 7, "sendPhoto", {"chat_id": 7, "photo": WISH}, Priority.REPLY, None, False, 0, None)
    drawn: list[str] = []

    async def turn() -> None:
        drawn.extend(calls._drawn)
        raise HaltedError(1)

    with pytest.raises(HaltedError):
        await calls.make(letter, {}, turn)
    assert len(drawn) == 1
