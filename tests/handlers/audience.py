"""People to write to, and a broadcast to them, for the tests of preparing and rendering."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from village import form

from conversations.audience import STATES
from conversations.rules.areas import Areas
from handlers.news import VERSION
from handlers.office import Office
from storage import broadcasts, people, registrations
from storage.broadcasts import Audience, Broadcast
from storage.registrations import Registration
from storage.transaction import Transaction

TEXT = "Halo {nama_depan} di {desa}, iuran {bulan}: <b>{iuran}</b>. Nomor {nomor}. {operator}, {kontak}"
EVERYBODY = Audience("registered", "33.19", states=tuple(STATES))


def office_at(now: datetime, **differences: Any) -> Office:
    """Return the office of Kudus at a moment."""
    made = Office(
        "Dinas <Contoh>",
        "Jl. Contoh No. 1",
        "33.19",
        ZoneInfo("Asia/Jakarta"),
        Areas.load("33.19"),
        "bot",
        clock=lambda: now,
    )
    return replace(made, **differences)


async def joins(
    tx: Transaction, number: int, now: datetime, *, news: bool = True, name: str = "Kasmuri", **more: Any
) -> Registration:
    """Let a made-up person register, who has agreed to news."""
    made = form(number, now, nik=f"33190205059{number + 1:05}")
    document = {**made.document, "name": name}
    await people.meet(tx, made.registered_by, now)
    if news:
        await people.agree_to_news(tx, made.registered_by, VERSION, now)
    return await registrations.submit(tx, replace(made, document=document, **{"payer": "self", **more}), now)


async def composed(tx: Transaction, now: datetime, text: str = TEXT, **more: Any) -> Broadcast:
    """Write a broadcast down, as composing does."""
    audience = more.pop("audience", EVERYBODY)
    texts = more.pop("texts", {"id": text, "en": text})
    body = {
        "audience": audience.as_json(),
        "texts": texts,
        "picture": None,
        "button": "where",
        "title": "Kabar",
        **more.pop("body", {}),
    }
    usual = {"necessary": False, "quiet": True, "due_at": None, "canary": 50, "by": None}
    number = await broadcasts.create(tx, area="33.19", body=body, now=now, **{**usual, **more})
    found = await broadcasts.get(tx, number)
    assert found is not None
    return found
