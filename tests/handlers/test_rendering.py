"""Rendering: each reads what is true of them today, as valid HTML, whatever their name is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from audience import composed, joins, office_at
from hypothesis import example, given
from hypothesis import strategies as st

from bot.sandbox.entities import parse, utf16
from conversations.rules import placeholders
from conversations.rules.placeholders import CAPTION, MESSAGE, Fault
from handlers.broadcasts import rendering, values
from handlers.broadcasts.rendering import LeftOut, Ready
from handlers.errands import errand
from handlers.visit import Visit
from locales import words
from storage import registrations
from storage.broadcasts import Broadcast, Recipient, Stage
from storage.database import Database
from storage.drawer import Drawer
from storage.people import Person
from storage.registrations import Registration, State

NOW = datetime.fromisoformat("2026-11-20T03:00:00+00:00")
HOSTILE = [
    "<b>Ani",
    "Ani & Co",
    "{nomor}",
    "</b></b>",
    "&lt;i&gt;",
    "سلمى",
    "\u202eAni",
    "👩‍🌾" * 60,
    "A" * 200,
    "o'<a href='x'>",
]


def recipient(registration: Registration | None, person: int = 1, language: str = "id") -> Recipient:
    """Return a recipient who waits."""
    number = None if registration is None else registration.number
    who = person if registration is None else registration.person
    assert who is not None
    return Recipient(7, 1, who, number, "", language, "WIB", 1, "waiting", None, NOW, None, None, None, None)


async def rendered(database: Database, broadcast: Broadcast, who: Recipient, now: datetime = NOW) -> Ready | LeftOut:
    """Render as the broadcaster does."""
    async with database.write() as tx, errand(tx, office_at(now)) as visit:
        return await rendering.render(visit, broadcast, who)


def shown(made: Ready | LeftOut) -> str:
    """Return what is read, without markup."""
    assert isinstance(made, Ready)
    return parse(str(made.payload.get("text") or made.payload["caption"]), "HTML")[0]


async def test_each_value_is_the_persons_own(database: Database) -> None:
    """Name, village, number, month and price are those of the recipient, in the recipient's language, escaped."""
    async with database.write() as tx:
        ani = await joins(tx, 0, NOW, name="ANI <b> LESTARI")
        made = await composed(tx, NOW)
    said = shown(await rendered(database, made, recipient(ani)))
    assert said == (
        f"Halo Ani di Kelurahan Purwosari, iuran November 2026: Rp8.400. Nomor {ani.number}. Dinas <Contoh>, Jl. Contoh No. 1"
    )
    assert "Rp8,400" in shown(await rendered(database, made, recipient(ani, language="en")))


@pytest.mark.parametrize(
    ("tier", "now", "price"),
    [
        ("basic", NOW, "Rp8.400"),
        ("with_jht", NOW, "Rp28.400"),
        ("basic", NOW + timedelta(days=150), "Rp16.800"),
    ],
)
async def test_who_pays_alone_reads_the_price(database: Database, tier: str, now: datetime, price: str) -> None:
    """Half of it while the table says so, then all of it."""
    async with database.write() as tx:
        ani = await joins(tx, 0, NOW, payer="self", tier=tier)
        made = await composed(tx, NOW, "{iuran}")
    assert shown(await rendered(database, made, recipient(ani), now)) == price


@pytest.mark.parametrize("payer", ["apbd", "sponsor", "unknown", "undecided"])
async def test_nobody_reads_a_price_that_others_pay(database: Database, payer: str) -> None:
    """Whoever did not say to pay alone gets no message with a price in it."""
    async with database.write() as tx:
        ani = await joins(tx, 0, NOW, payer=payer)
        made = await composed(tx, NOW, "{iuran}")
    assert await rendered(database, made, recipient(ani), NOW) == LeftOut("skipped", "placeholder")


async def test_the_month_is_the_next_after_what_is_paid(database: Database) -> None:
    """Somebody covered until the end of December pays January next, at January's price."""
    async with database.write() as tx:
        ani = await joins(tx, 0, NOW, transport=False, payer="self")
        for state in (State.APPROVED, State.HANDED_OVER):
            ani = await registrations.move(tx, ani.number, state, actor=1, reason=None, frm=ani.state, now=NOW)
        paid = {"cover_from": date(2026, 11, 20), "paid_until": date(2026, 12, 31)}
        await registrations.activate(tx, ani.number, kpj="12345678901", actor=1, now=NOW, **paid)
        made = await composed(tx, NOW, "{bulan} {iuran} {sampai}")
    assert shown(await rendered(database, made, recipient(ani))) == "Januari 2027 Rp16.800 31 Desember 2026"


async def test_who_no_longer_belongs_gets_nothing(database: Database) -> None:
    """Somebody who withdrew after it was prepared is left out, and so is whose registration is gone."""
    async with database.write() as tx:
        ani = await joins(tx, 0, NOW)
        made = await composed(tx, NOW)
    assert isinstance(await rendered(database, made, recipient(ani)), Ready)
    async with database.write() as tx:
        await registrations.move(
            tx, ani.number, State.WITHDRAWN, actor=ani.person, reason=None, frm=State.QUEUED, now=NOW
        )
    assert await rendered(database, made, recipient(ani)) == LeftOut("skipped", "changed")
    other = replace(recipient(ani), registration="K7M-4QXA")
    async with database.write() as tx, errand(tx, office_at(NOW)) as visit:
        assert await rendering.render_all(visit, made, [other]) == [LeftOut("skipped", "changed")]


async def test_a_picture_carries_the_text_under_it(database: Database) -> None:
    """With a picture it is a photo by Telegram's own id, with the text as its caption and the same buttons."""
    async with database.write() as tx:
        ani = await joins(tx, 0, NOW)
        made = await composed(tx, NOW, "Halo", body={"picture": "AgAC"})
    ready = await rendered(database, made, recipient(ani))
    assert isinstance(ready, Ready)
    assert (ready.payload["method"], ready.payload["photo"], ready.payload["caption"]) == ("sendPhoto", "AgAC", "Halo")
    assert "text" not in ready.payload


async def test_news_can_be_stopped_and_buttons_tell_nothing(database: Database) -> None:
    """News carries the way to stop it, a necessary notice does not; buttons hold the recipient's row and no person."""
    async with database.write() as tx:
        ani = await joins(tx, 0, NOW, name="Lestari")
        news, notice = [await composed(tx, NOW, "Halo", necessary=necessary) for necessary in (False, True)]
    datas = []
    for made in (news, notice):
        ready = await rendered(database, made, recipient(ani))
        assert isinstance(ready, Ready)
        datas.append([key["callback_data"] for row in ready.payload["reply_markup"]["inline_keyboard"] for key in row])
    assert datas == [["s|siar|where|7", "s|siar|stop|7"], ["s|siar|where|7"]]


async def test_nothing_is_written_into_logs_or_names(database: Database) -> None:
    """A message that is ready does not show itself: its payload is no part of how it is printed."""
    async with database.write() as tx:
        ani = await joins(tx, 0, NOW, name="Rahasia")
        made = await composed(tx, NOW)
    ready = await rendered(database, made, recipient(ani))
    assert "Rahasia" in json.dumps(ready.payload if isinstance(ready, Ready) else {})
    assert "Rahasia" not in repr(ready)


REGISTERED = Registration(
    number="K7M-4QXA", person=1, registered_by=1, area="33.19.02.1001", occupation="ojek", transport=True, tier="basic",
    payer="self", programme=None, claim="own", department=None, first_yes_by=None, language="id", state=State.ACTIVE,
    duplicate_of=None, document={}, hints=(), wanted=None, kpj=None, cover_from=None, paid_until=date(2026, 11, 30),
    queued_at=NOW, decided_at=None, decided_by=None, created_at=NOW, changed_at=NOW,
)  # fmt: skip
PIECES = st.sampled_from(
    [
        *("{" + name + "}" for name in sorted(placeholders.KNOWN_OF["registered"])),
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "&",
        "x",
        "\n",
        "🙏",
    ]
)


@given(
    text=st.lists(PIECES, max_size=30).map("".join),
    name=st.one_of(st.text(max_size=200), st.sampled_from(HOSTILE)),
    village=st.one_of(st.text(max_size=120), st.sampled_from(HOSTILE)),
    picture=st.sampled_from([None, "AgAC"]),
)
@example(text="{nama_depan}", name="\x1b", village="", picture=None)  # a name that nobody sees
def test_whatever_people_are_called_telegram_can_read_it(
    text: str, name: str, village: str, picture: str | None
) -> None:
    """Any text that was accepted, with any names and places in it, is a message that Telegram takes."""
    most = CAPTION if picture else MESSAGE
    read = placeholders.read(text, most=most)
    if isinstance(read, Fault):
        return
    document = {"name": name, "village": {"code": "33.19", "words": village}}
    nobody, drawer = Person(0, None, NOW, None, 0, None), Drawer(None, ())  # type: ignore[arg-type]
    visit = Visit(None, office_at(NOW), NOW, nobody, words("id"), drawer)  # type: ignore[arg-type]
    known = values._of_registered(visit, replace(REGISTERED, area="33.19", document=document), read.needs, {})
    made = rendering._made(broadcast_of(read.html, picture), recipient(REGISTERED), known)
    if isinstance(made, LeftOut):
        assert made == LeftOut("skipped", "placeholder")
        return
    said = shown(made)
    assert 0 < utf16(said) <= most
    assert len(json.dumps(made.payload["reply_markup"])) < 1000


def broadcast_of(html: str, picture: str | None) -> Broadcast:
    """Return a broadcast with this text."""
    body: dict[str, Any] = {"texts": {"id": html}, "picture": picture, "button": None}
    return Broadcast(1, None, "33.19", Stage.RUNNING, body, False, True, None, 0, 0, None, NOW, None, None, None, NOW)
