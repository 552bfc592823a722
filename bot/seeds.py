"""Seeds: made-up people for the demo. No NIK here belongs to anybody: the serials are from the range tests use."""

from __future__ import annotations

from datetime import timedelta

from bot.app import App
from conversations.consent import VERSION
from storage import people, registrations, roles
from storage.database import Transaction
from storage.registrations import Application

WORKERS = (
    ("Sumiyati", "3319025207809001", "+6281100009101", "pedagang_keliling", "Jl. Melati No. 3, RT 02 RW 01", ()),
    ("Kasmuri", "3319021108759002", "+6281100009102", "ojek_pangkalan", "Jl. Kenanga No. 8, RT 01 RW 02", ()),
    ("Ngatini", "3319024109719003", "+6281100009103", "buruh_tani", "Jl. Dahlia No. 5, RT 04 RW 01", ("odd_date",)),
)  # name, NIK, phone, occupation, address, hints
FIRST_PERSON = 7_100_000_001  # Telegram ids nobody in the sandbox has


async def seed(app: App, sponsor: int, village: str) -> None:
    """Make `sponsor` responsible for a village in which a few people wait."""
    now = app.office.clock()
    async with app.database.write() as tx:
        await people.meet(tx, sponsor, now)
        await people.named(tx, sponsor, "Bu Lurah")
        await roles.grant(tx, sponsor, "sponsor", village, by=None, now=now)
        for number, worker in enumerate(WORKERS):
            await _register(app, tx, FIRST_PERSON + number, worker, village, hours=5 * (len(WORKERS) - number))


async def _register(
    app: App,
    tx: Transaction,
    person: int,
    worker: tuple[str, str, str, str, str, tuple[str, ...]],
    village: str,
    *,
    hours: int,
) -> None:
    name, nik, phone, occupation, address, hints = worker
    now = app.office.clock() - timedelta(hours=hours)
    await people.meet(tx, person, now)
    document = {
        "consent": {"option": "agree", "version": VERSION, "at": now.isoformat()},
        "nik": nik,
        "nik_right": "yes",
        "name": name,
        "phone": phone,
        "occupation": {"code": occupation, "words": None},
        "village": {"code": village, "words": None},
        "address": address,
        "employer": "no",
        "payer": "unknown",
        "tier": "basic",
    }
    application = Application(
        person=person,
        registered_by=person,
        area=village,
        occupation=occupation,
        transport=occupation.startswith("ojek"),
        tier="basic",
        payer="unknown",
        programme=None,
        language="id",
        document=document,
        nik=nik,
        phone=phone,
        hints=hints,
    )
    await registrations.submit(tx, application, now)
