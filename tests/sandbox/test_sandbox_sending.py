"""Sending through the sandbox: what arrives, and what is refused with Telegram's words."""

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from sandbox_bot import CONTACT, client_of, inline

from bot.sandbox.acts import drawn
from bot.sandbox.client import Person, Sandbox

PICTURE = BufferedInputFile(drawn(), "kartu.png")


async def test_a_text_arrives_with_its_entities(bot: Bot, ani: Person) -> None:
    """HTML is read into text and entities counted in UTF-16 units."""
    sent = await bot.send_message(ani.id, "👋 <b>Ani &amp; Budi</b>", parse_mode="HTML")
    assert sent.text == "👋 Ani & Budi"
    assert sent.entities is not None
    assert [(each.type, each.offset, each.length) for each in sent.entities] == [("bold", 3, 10)]
    heard = await ani.hears("Ani & Budi")
    assert heard.text == "👋 <b>Ani &amp; Budi</b>"
    assert heard.plain == "👋 Ani & Budi"


async def test_a_photo_can_be_sent_again_by_its_id(bot: Bot, ani: Person) -> None:
    """An upload gives a file id, and the id sends the same picture."""
    first = await bot.send_photo(ani.id, PICTURE, caption="<i>Dua</i> paket", parse_mode="HTML")
    assert first.photo is not None
    assert (first.photo[-1].width, first.photo[-1].height) == (640, 420)
    await bot.send_photo(ani.id, first.photo[-1].file_id)
    assert [message.picture for message in ani.chat.messages[1:]] == [drawn(), drawn()]
    assert ani.chat.messages[1].caption == "Dua paket"


async def test_a_document_can_be_downloaded(bot: Bot, ani: Person) -> None:
    """What was uploaded comes back byte by byte through getFile."""
    sent = await bot.send_document(ani.id, BufferedInputFile(b"isi", "bukti.txt"))
    assert sent.document is not None
    assert sent.document.file_name == "bukti.txt"
    content = await bot.download(sent.document)
    assert content is not None
    assert content.read() == b"isi"
    assert ani.chat.messages[-1].document == b"isi"


async def test_a_reply_keyboard_stays_until_it_is_removed(bot: Bot, ani: Person) -> None:
    """A reply keyboard belongs to the chat, and goes with the message that brought it."""
    await bot.send_message(ani.id, "Nomor?", reply_markup=CONTACT)
    brought = await bot.send_message(ani.id, "Atau ketik saja.")
    assert ani.chat.keyboard == [["Bagikan nomor saya"], ["Kembali"]]
    await bot.delete_message(ani.id, brought.message_id - 1)
    assert ani.chat.keyboard is None


async def test_a_chat_action_is_accepted(bot: Bot, ani: Person) -> None:
    """SendChatAction is answered with True."""
    assert await bot.send_chat_action(ani.id, "typing")


REFUSED_TEXTS = {
    "": "message text is empty",
    " \n ": "message text is empty",
    "a" * 4097: "message is too long",
    "😀" * 2049: "message is too long",
    "<b>a": "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    "<b><i>a</b></i>": 'can\'t parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    "é<p>a</p>": 'can\'t parse entities: Unsupported start tag "p" at byte offset 2',
    "1 < 2": "can't parse entities: Unclosed start tag at byte offset 2",
    "a</b>": "can't parse entities: Unexpected end tag at byte offset 1",
    "<span>a</span>": 'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0',
}


@pytest.mark.parametrize(("text", "reason"), REFUSED_TEXTS.items(), ids=range(len(REFUSED_TEXTS)))
async def test_a_text_telegram_would_refuse_is_refused(bot: Bot, ani: Person, text: str, reason: str) -> None:
    """Empty, long and badly marked-up texts get Telegram's words."""
    with pytest.raises(TelegramBadRequest) as refusal:
        await bot.send_message(ani.id, text, parse_mode="HTML")
    assert refusal.value.message == f"Bad Request: {reason}"


async def test_the_longest_text_and_caption_pass(bot: Bot, ani: Person) -> None:
    """4.096 units of text and 1.024 of caption count after the markup is read."""
    await bot.send_message(ani.id, f"<b>{'a' * 4096}</b>", parse_mode="HTML")
    await bot.send_photo(ani.id, PICTURE, caption=f"<b>{'a' * 1024}</b>", parse_mode="HTML")
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(ani.id, PICTURE, caption="a" * 1025)


async def test_button_data_holds_64_bytes(bot: Bot, ani: Person) -> None:
    """Sixty-four bytes pass, one more does not, however few letters they are."""
    await bot.send_message(ani.id, "?", reply_markup=inline([("a", "é" * 32)]))
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(ani.id, "?", reply_markup=inline([("a", "é" * 32 + "a")]))
    bare = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="a")]])
    with pytest.raises(TelegramBadRequest, match="Text buttons are unallowed in the inline keyboard"):
        await bot.send_message(ani.id, "?", reply_markup=bare)


async def test_what_is_no_picture_is_refused_as_photo(bot: Bot, ani: Person) -> None:
    """Bytes that are no picture, nothing at all, and unknown ids are refused."""
    for photo, reason in (
        (BufferedInputFile(b"teks", "a.png"), "IMAGE_PROCESS_FAILED"),
        (BufferedInputFile(b"", "a.png"), "file must be non-empty"),
        ("nothing", "wrong file identifier"),
    ):
        with pytest.raises(TelegramBadRequest, match=reason):
            await bot.send_photo(ani.id, photo)


async def test_a_bot_cannot_write_first(sandbox: Sandbox, bot: Bot) -> None:
    """A chat exists for the bot once its owner has pressed START."""
    stranger = sandbox.person("Budi")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(stranger.id, "Halo")
    await stranger.start()
    await bot.send_message(stranger.id, "Halo")


async def test_a_blocked_bot_is_refused_and_told(bot: Bot, ani: Person) -> None:
    """Blocking brings a my_chat_member update and a 403, starting again lifts both."""
    await ani.blocks()
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(ani.id, "Halo")
    await ani.start()
    await bot.send_message(ani.id, "Halo")
    updates = await bot.get_updates()
    statuses = [each.my_chat_member.new_chat_member.status for each in updates if each.my_chat_member]
    assert statuses == ["kicked", "member"]


async def test_a_wrong_token_is_unauthorized(sandbox: Sandbox) -> None:
    """Another token gets a 401."""
    async with client_of(sandbox, "1:wrong") as stranger:
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()


async def test_an_unknown_method_is_not_found(sandbox: Sandbox) -> None:
    """An unknown method gets a 404 in Telegram's shape."""
    url = f"{sandbox.url}/bot{sandbox.token}/sendMoney"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert (answer.status, await answer.json()) == (
            404,
            {"ok": False, "error_code": 404, "description": "Not Found"},
        )


@pytest.mark.parametrize("how", ["query", "form", "json"])
async def test_parameters_come_in_every_way(sandbox: Sandbox, ani: Person, how: str) -> None:
    """Query, form and JSON bodies are read alike, and method names in any case."""
    url = f"{sandbox.url}/bot{sandbox.token}/sendmessage"
    values = {"chat_id": str(ani.id), "text": how}
    async with aiohttp.ClientSession() as session:
        request = {
            "query": lambda: session.get(url, params=values),
            "form": lambda: session.post(url, data=values),
            "json": lambda: session.post(url, json={**values, "chat_id": ani.id}),
        }[how]
        async with request() as answer:
            assert (await answer.json())["result"]["text"] == how


async def test_a_broken_json_body_is_refused(sandbox: Sandbox) -> None:
    """A body that is no JSON object gets a 400."""
    url, headers = f"{sandbox.url}/bot{sandbox.token}/getMe", {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session:
        for body in ("{", "[]"):
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == 400


async def test_other_methods_are_not_found_by_aiogram(bot: Bot, ani: Person) -> None:
    """A method this imitation does not have fails loudly instead of pretending."""
    with pytest.raises(TelegramNotFound):
        await bot.send_dice(ani.id)


async def test_a_large_file_cannot_be_fetched(bot: Bot, ani: Person) -> None:
    """A bot fetches files of up to 20 MB, and what it fetches is what was sent."""
    await ani.sends_document("kecil.csv", b"NIK")
    await ani.sends_document("besar.csv", bytes(20 * 1024 * 1024 + 1))
    _start, small, large = [update.message for update in await bot.get_updates() if update.message]
    assert small.document is not None
    assert large.document is not None
    fetched = await bot.download(small.document)
    assert fetched is not None
    assert fetched.read() == b"NIK"
    with pytest.raises(TelegramBadRequest, match="too big"):
        await bot.get_file(large.document.file_id)
