"""The least a program can do: aiohttp and JSON, without a library for bots. It says and stores what the echo does."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import uvloop
from aiohttp import ClientSession

BASE = f"{os.environ['SERTAKAN_API_URL']}/bot{os.environ['SERTAKAN_TOKEN']}"
AGAIN = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}


async def call(session: ClientSession, method: str, **values: object) -> Any:  # noqa: ANN401  # as Telegram answers
    """Make a call and return its result."""
    async with session.post(f"{BASE}/{method}", json=values) as response:
        return (await response.json())["result"]


async def answer(session: ClientSession, update: dict[str, Any]) -> None:
    """Send a text back; edit the message that was pressed."""
    if (message := update.get("message")) is not None:
        said = f"You said: {message['text']}"
        await call(session, "sendMessage", chat_id=message["chat"]["id"], text=said, reply_markup=AGAIN)
    elif (press := update.get("callback_query")) is not None:
        await call(session, "answerCallbackQuery", callback_query_id=press["id"])
        place = {"chat_id": press["message"]["chat"]["id"], "message_id": press["message"]["message_id"]}
        await call(session, "editMessageText", text="You pressed.", **place)


async def serve() -> None:
    """Poll; says "ready" on standard output."""
    offset, answering = 0, set[asyncio.Task[None]]()
    async with ClientSession() as session:
        print("ready", flush=True)
        while True:
            for update in await call(session, "getUpdates", offset=offset, timeout=30):
                offset = update["update_id"] + 1
                task = asyncio.create_task(answer(session, update))
                answering.add(task)
                task.add_done_callback(answering.discard)


if __name__ == "__main__":
    uvloop.run(serve())
