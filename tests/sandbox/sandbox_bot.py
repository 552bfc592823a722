"""The bot's side of these tests: aiogram's client for a sandbox, keyboards, and a small bot that echoes."""

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)

from bot.sandbox.acts import drawn
from bot.sandbox.client import Sandbox


def client_of(sandbox: Sandbox, token: str | None = None) -> Bot:
    """Return aiogram's client for this sandbox."""
    return Bot(token or sandbox.token, session=AiohttpSession(api=TelegramAPIServer.from_base(sandbox.url)))


def inline(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    """Return an inline keyboard of (label, data)."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=label, callback_data=data) for label, data in row] for row in rows]
    )


CONTACT = ReplyKeyboardMarkup(
    keyboard=[[KeyboardButton(text="Bagikan nomor saya", request_contact=True)], [KeyboardButton(text="Kembali")]],
    resize_keyboard=True,
)


async def echo_forever(bot: Bot) -> None:
    """Answer everything in a way the page can show, until cancelled."""
    offset = 0
    while True:
        for update in await bot.get_updates(offset=offset, timeout=30):
            offset = update.update_id + 1
            await _answer(bot, update)


async def _answer(bot: Bot, update: Update) -> None:
    match update:
        case Update(callback_query=CallbackQuery() as query):
            await _answer_press(bot, query)
        case Update(edited_message=Message() as message):
            await bot.send_message(message.chat.id, f"Diubah menjadi: {message.text}")
        case Update(message=Message() as message):
            await _answer_message(bot, message)


async def _answer_press(bot: Bot, query: CallbackQuery) -> None:
    assert query.message is not None
    if query.data == "alert":
        await bot.answer_callback_query(query.id, text="Perhatian dulu.", show_alert=True)
    elif query.data == "delete":
        await bot.delete_message(query.from_user.id, query.message.message_id)
        await bot.answer_callback_query(query.id, text="Sudah dihapus.")
    else:
        text = f"Dipilih: <b>{query.data}</b>"
        await bot.edit_message_text(
            text, chat_id=query.from_user.id, message_id=query.message.message_id, parse_mode="HTML"
        )
        await bot.answer_callback_query(query.id)


async def _answer_message(bot: Bot, message: Message) -> None:
    chat = message.chat.id
    if message.contact:
        own = message.contact.user_id == chat
        await bot.send_message(chat, f"Nomor {'sendiri' if own else 'orang lain'}", reply_markup=ReplyKeyboardRemove())
    elif message.text == "tombol":
        rows = [("Setuju", "ya"), ("Tidak", "tidak")], [("Perhatian", "alert"), ("Hapus", "delete")]
        await bot.send_message(chat, "Silakan <i>pilih</i> &lt;satu&gt;", parse_mode="HTML", reply_markup=inline(*rows))
    elif message.text == "nomor":
        await bot.send_message(chat, "Berapa nomornya?", reply_markup=CONTACT)
    elif message.text == "gambar":
        await bot.send_photo(chat, BufferedInputFile(drawn(), "kartu.png"), caption="Dua paket")
    elif message.text == "berkas":
        await bot.send_document(chat, BufferedInputFile(b"isi berkas", "bukti.txt"))
    elif message.text == "undangan":
        await bot.send_message(chat, "https://t.me/sertakan_sandbox_bot?start=undangan-1")
    else:
        await bot.send_message(chat, f"Gema: {message.text or message.content_type.value}")
