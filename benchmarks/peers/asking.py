"""The form as an aiogram router, in the manner of its documentation: a state for each question, the answers in its data."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from form import DONE, QUESTIONS
from registry import create, register

router = Router()
STATES = [State(name, group_name="Form") for name, _question, _options in QUESTIONS]


async def ask(message: Message, place: int) -> None:
    """Ask the question at a place of the form."""
    name, question, options = QUESTIONS[place]
    row = [InlineKeyboardButton(text=option, callback_data=f"{name}:{option}") for option in options]
    await message.answer(question, reply_markup=InlineKeyboardMarkup(inline_keyboard=[row]) if row else None)


async def answered(message: Message, person: int, state: FSMContext, place: int, answer: str) -> None:
    """Keep an answer, and go on to the next question or to the end."""
    form = await state.update_data({QUESTIONS[place][0]: answer})
    if place + 1 < len(QUESTIONS):
        await state.set_state(STATES[place + 1])
        await ask(message, place + 1)
    else:
        await register(person, form)
        await state.clear()
        await message.answer(DONE)


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    """Begin."""
    await state.set_state(STATES[0])
    await ask(message, 0)


def said(place: int) -> Callable[..., Awaitable[Any]]:
    """Return what reads a typed answer."""

    async def handler(message: Message, state: FSMContext) -> None:
        await answered(message, message.chat.id, state, place, message.text or "")

    return handler


def pressed(place: int) -> Callable[..., Awaitable[Any]]:
    """Return what reads a button."""

    async def handler(press: CallbackQuery, state: FSMContext) -> None:
        await press.answer()
        if isinstance(press.message, Message) and press.data:
            await answered(press.message, press.from_user.id, state, place, press.data.partition(":")[2])

    return handler


for _place, (_name, _question, _options) in enumerate(QUESTIONS):
    if _options:
        router.callback_query.register(pressed(_place), STATES[_place], F.data.startswith(f"{_name}:"))
    else:
        router.message.register(said(_place), STATES[_place], F.text)


def poll(dispatcher: Dispatcher) -> None:
    """Run a bot with this form until SIGTERM; says "ready" on standard output."""
    logging.basicConfig(level=logging.WARNING)

    async def ready() -> None:
        await create()
        print("ready", flush=True)

    dispatcher.startup.register(ready)
    dispatcher.include_router(router)
    server = TelegramAPIServer.from_base(os.environ["SERTAKAN_API_URL"])
    bot = Bot(os.environ["SERTAKAN_TOKEN"], session=AiohttpSession(api=server))
    uvloop.run(dispatcher.start_polling(bot))
