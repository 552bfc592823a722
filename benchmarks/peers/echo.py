"""The yardstick: the least an aiogram bot can do, as its documentation writes one. It stores nothing.

It answers a text with the same text and a button, and a press by answering it and editing the message.
"""

from __future__ import annotations

import logging
import os

import uvloop
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

dispatcher = Dispatcher()
AGAIN = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Again", callback_data="again")]])


@dispatcher.startup()
async def ready() -> None:
    """Say "ready" on standard output."""
    print("ready", flush=True)


@dispatcher.message()
async def said(message: Message) -> None:
    """Send the text back."""
    await message.answer(f"You said: {message.text}", reply_markup=AGAIN)


@dispatcher.callback_query(F.data == "again")
async def pressed(press: CallbackQuery) -> None:
    """Edit the message that was pressed."""
    await press.answer()
    if isinstance(press.message, Message):
        await press.message.edit_text("You pressed.")


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    server = TelegramAPIServer.from_base(os.environ["SERTAKAN_API_URL"])
    bot = Bot(os.environ["SERTAKAN_TOKEN"], session=AiohttpSession(api=server))
    uvloop.run(dispatcher.start_polling(bot))
