"""Updates by polling and by web hook."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError
from aiohttp import web
from sandbox_bot import inline

from bot.sandbox.client import Person, Sandbox


async def test_an_offset_confirms_what_lies_below(bot: Bot, ani: Person) -> None:
    """Updates come again, in order, until a higher offset confirms them."""
    await ani.says("satu")
    await ani.says("dua")
    first = await bot.get_updates(limit=2)
    assert [each.message.text for each in first if each.message] == ["/start", "satu"]
    assert await bot.get_updates(limit=2) == first
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [each.message.text for each in rest if each.message] == ["dua"]
    assert await bot.get_updates(offset=rest[-1].update_id + 1) == []


async def test_a_negative_offset_keeps_the_last(bot: Bot, ani: Person) -> None:
    """Offset -1 forgets all but the newest update."""
    await ani.says("satu")
    await ani.says("dua")
    assert len(await bot.get_updates(offset=-1)) == 1
    assert [each.message.text for each in await bot.get_updates() if each.message] == ["dua"]


async def test_a_long_poll_ends_with_the_next_update(bot: Bot, ani: Person) -> None:
    """A poll that waits gets what happens meanwhile."""
    confirmed = (await bot.get_updates())[-1].update_id + 1
    poll = asyncio.create_task(bot.get_updates(offset=confirmed, timeout=30))
    await ani.says("ada orang?")
    assert [each.message.text for each in await poll if each.message] == ["ada orang?"]


async def test_a_second_poll_ends_the_first(sandbox: Sandbox, bot: Bot) -> None:
    """Two pollers conflict, and the older one is told."""
    older = asyncio.create_task(bot.get_updates(timeout=30))
    await sandbox.world.updates.bell.rung()
    await bot.get_updates()
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await older


async def test_unwanted_kinds_do_not_come(bot: Bot, ani: Person) -> None:
    """Allowed_updates filters what happens after it was given."""
    await bot.get_updates(allowed_updates=["callback_query"])
    await ani.says("diam")
    await bot.send_message(ani.id, "?", reply_markup=inline([("Ya", "y")]))
    await ani.presses("Ya")
    assert [each.event_type for each in await bot.get_updates()] == ["message", "callback_query"]


async def test_presses_are_dropped_after_150_seconds(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """A press waits 150 seconds, a message a day."""
    await bot.send_message(ani.id, "?", reply_markup=inline([("Ya", "y")]))
    await ani.presses("Ya")
    sandbox.clock.offset += 151
    assert [each.event_type for each in await bot.get_updates()] == ["message"]
    sandbox.clock.offset += 24 * 3600
    assert await bot.get_updates() == []


async def test_an_update_can_be_delivered_twice(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """Redelivery brings the same update id, although it was confirmed."""
    await ani.says("sekali")
    first = await bot.get_updates()
    await bot.get_updates(offset=first[-1].update_id + 1)
    sandbox.redelivers()
    again = await bot.get_updates(offset=first[-1].update_id + 1, timeout=5)
    assert again == [first[-1]]


async def test_everything_people_send_can_be_parsed(bot: Bot, ani: Person) -> None:
    """Photo, document, sticker, voice, place, contacts, forwarded and edited texts are what aiogram expects."""
    said = await ani.says("asal")
    await ani.sends_photo(caption="KTP?")
    await ani.sends_document()
    await ani.sends_sticker()
    await ani.sends_voice()
    await ani.sends_location()
    await ani.shares_contact()
    await ani.shares_contact_of("+628110009999")
    await ani.forwards("kata orang")
    await ani.edits(said, "ubahan")
    updates = await bot.get_updates()
    messages = [each.message for each in updates if each.message]
    kinds = [message.content_type.value for message in messages[2:]]
    assert kinds == ["photo", "document", "sticker", "voice", "location", "contact", "contact", "text"]
    contacts = [message.contact for message in messages if message.contact]
    assert [each.user_id for each in contacts] == [ani.id, None]
    assert messages[-1].forward_origin is not None
    edited = updates[-1].edited_message
    assert edited is not None
    assert (edited.message_id, edited.text) == (said.id, "ubahan")


async def test_a_web_hook_gets_updates_in_order_until_it_takes_them(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """A refused delivery is tried again before the next, with the secret each time."""
    statuses = iter([500, 200, 503, 503, 200])
    async with _hook(statuses) as (url, seen):
        await bot.set_webhook(url, secret_token="rahasia")
        with pytest.raises(TelegramConflictError, match="webhook is active"):
            await bot.get_updates()
        await ani.says("halo")
        taken = [await asyncio.wait_for(seen.get(), 10) for _ in range(5)]
    assert [update["message"]["text"] for _, update in taken] == ["/start", "/start", "halo", "halo", "halo"]
    assert {secret for secret, _ in taken} == {"rahasia"}
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    assert sandbox.world.hook.url == ""


async def test_a_web_hook_outside_this_computer_is_refused(bot: Bot) -> None:
    """Nothing is delivered to another machine."""
    with pytest.raises(TelegramBadRequest, match="this computer only"):
        await bot.set_webhook("https://example.org/hook")


@asynccontextmanager
async def _hook(statuses: Any) -> AsyncIterator[tuple[str, asyncio.Queue[tuple[str, dict[str, Any]]]]]:
    seen: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        seen.put_nowait((request.headers["X-Telegram-Bot-Api-Secret-Token"], await request.json()))
        return web.Response(status=next(statuses))

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", seen
    await runner.cleanup()
