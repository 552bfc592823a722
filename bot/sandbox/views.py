"""What the chat page is shown of the world, as JSON."""

from __future__ import annotations

from typing import Any

from bot.sandbox.chats import Chat, Message
from bot.sandbox.world import World

Json = dict[str, Any]


def changes(world: World, since: int) -> list[Json]:
    """Every chat that changed after tick `since`, with the messages and toasts that did."""
    return [chat_view(world, chat, since) for chat in world.chats.values() if chat.tick > since]


def chat_view(world: World, chat: Chat, since: int = 0) -> Json:
    """A chat with its messages after tick `since`; a deleted message is only its id."""
    user = chat.user
    return {
        "id": chat.id,
        "name": user.name,
        "language": user.language,
        "started": chat.started,
        "blocked": chat.blocked,
        "action": chat.action,
        "keyboard": _keyboard(chat),
        "commands": world.bot.shown_commands(chat.id, user.language),
        "posters": world.posters,
        "papers": world.papers(chat.id),
        "description": world.bot.about("description", user.language),
        "messages": [_message(world, chat, each) for each in chat.messages.values() if each.tick > since],
        "toasts": [
            {"text": toast.text, "alert": toast.alert, "tick": toast.tick}
            for toast in chat.toasts
            if toast.tick > since
        ],
    }


def _message(world: World, chat: Chat, message: Message) -> Json:
    if message.deleted:
        return {"message_id": message.id, "deleted": True}
    return {**world.as_telegram(chat, message), "sender": message.sender, "tick": message.tick}


def _keyboard(chat: Chat) -> Json | None:
    if chat.keyboard is None:
        return None
    return {**(chat.keyboard.markup or {}), "message_id": chat.keyboard.id}
