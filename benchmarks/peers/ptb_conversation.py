"""A python-telegram-bot with a ConversationHandler, in the manner of its documentation: conversations live in memory.

Updates are handled one after another, as is its default and as conversations ask for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import warnings
from collections.abc import Awaitable, Callable

import uvloop
from form import DONE, QUESTIONS
from registry import create, register
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)
from telegram.warnings import PTBUserWarning

Context = ContextTypes.DEFAULT_TYPE


async def ask(message: Message, place: int) -> None:
    """Ask the question at a place of the form."""
    name, question, options = QUESTIONS[place]
    row = [InlineKeyboardButton(option, callback_data=f"{name}:{option}") for option in options]
    await message.reply_text(question, reply_markup=InlineKeyboardMarkup([row]) if row else None)


async def start(update: Update, _context: Context) -> int:
    """Begin."""
    assert update.message is not None
    await ask(update.message, 0)
    return 0


def answer(place: int) -> Callable[[Update, Context], Awaitable[int]]:
    """Return what reads the answer at a place: keeps it, and goes on to the next question or to the end."""

    async def handler(update: Update, context: Context) -> int:
        message, press = update.effective_message, update.callback_query
        assert message is not None
        assert context.user_data is not None
        if press is not None:
            await press.answer()
        said = (press.data or "").partition(":")[2] if press is not None else message.text
        context.user_data[QUESTIONS[place][0]] = said
        if place + 1 < len(QUESTIONS):
            await ask(message, place + 1)
            return place + 1
        await register(message.chat_id, context.user_data)
        context.user_data.clear()
        await message.reply_text(DONE)
        return ConversationHandler.END

    return handler


def reader(place: int) -> CallbackQueryHandler[Context, int] | MessageHandler[Context, int]:
    """Return the handler of a question."""
    name, _question, options = QUESTIONS[place]
    if options:
        return CallbackQueryHandler(answer(place), pattern=f"^{name}:")
    return MessageHandler(filters.TEXT & ~filters.COMMAND, answer(place))


async def serve() -> None:
    """Poll until SIGTERM; says "ready" on standard output."""
    logging.basicConfig(level=logging.WARNING)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await create()
    base = f"{os.environ['SERTAKAN_API_URL']}/bot"
    application = Application.builder().token(os.environ["SERTAKAN_TOKEN"]).base_url(base).build()
    states = {place: [reader(place)] for place in range(len(QUESTIONS))}
    with warnings.catch_warnings(category=PTBUserWarning, action="ignore"):  # of what this form does not need
        form = ConversationHandler([CommandHandler("start", start)], states, [])  # type: ignore[arg-type]
    application.add_handler(form)
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling()
        print("ready", flush=True)
        await stopped.wait()
        await application.updater.stop()
        await application.stop()


if __name__ == "__main__":
    uvloop.run(serve())
