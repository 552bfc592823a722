"""What people do in Telegram, and the updates it makes. Every act returns what it left in the chat."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw

from bot.sandbox.chats import Chat, Json, Message
from bot.sandbox.entities import commands
from bot.sandbox.files import File
from bot.sandbox.parameters import Upload
from bot.sandbox.world import World

_LONGEST = 4096  # characters; Telegram's apps split what is longer
_INACCESSIBLE = 0  # the date of a message too old to be shown in a callback query


class Impossible(Exception):  # noqa: N818 - a person's app would not offer it
    """Somebody tried what Telegram's app does not let them do; the text says why."""


def start(world: World, chat: Chat, payload: str = "") -> Message:
    """Press START, or open t.me/<bot>?start=<payload>; a blocked bot is unblocked by it."""
    if chat.blocked:
        unblock(world, chat)
    chat.started = True
    return say(world, chat, f"/start {payload}".strip())


def say(world: World, chat: Chat, text: str) -> Message:
    """Type a text and send it; returns its last part, as a text above 4.096 characters is sent in parts."""
    text = text.strip()
    if not text:
        raise Impossible("There is nothing to send.")
    for begin in range(0, len(text), _LONGEST):
        message = _send(world, chat, _written(text[begin : begin + _LONGEST]))
    return message


def edit(world: World, chat: Chat, message_id: int, text: str) -> Message:
    """Change an own text message."""
    message = _visible(chat, message_id)
    if message.sender != "user" or "text" not in message.content or "forward_origin" in message.content:
        raise Impossible("Only an own text message can be edited.")
    if world.old(message):
        raise Impossible("A message can be edited for 48 hours.")
    if not text.strip() or text.strip() == message.plain:
        raise Impossible("There is nothing to change.")
    message.content = _written(text.strip())
    message.edited = world.now
    world.touch(chat, message)
    world.updates.add("edited_message", world.as_telegram(chat, message))
    return message


def press(world: World, chat: Chat, message_id: int, row: int, column: int) -> str:
    """Press an inline button that a message shows; returns the id of the callback query."""
    message = _visible(chat, message_id)
    try:
        button = message.inline[row][column]
    except IndexError as error:
        raise Impossible("The message has no such button.") from error
    if "callback_data" not in button:
        raise Impossible("This button only opens a link.")
    return press_raw(world, chat, button["callback_data"], message)


def press_raw(world: World, chat: Chat, data: str, message: Message | None = None) -> str:
    """Send any button data, as a forged or modified app could; by default from the bot's last message."""
    _check_open(chat)
    if message is None:
        message = next((each for each in reversed(chat.messages.values()) if each.sender == "bot"), None)
    query_id = world.add_press(chat)
    body: Json = {
        "id": query_id,
        "from": chat.user.as_telegram(),
        "chat_instance": str(-chat.id * 7919),
        "data": data,
    }
    if message is not None:
        body["message"] = _shown_in_query(world, chat, message)
    world.updates.add("callback_query", body)
    return query_id


def tap(world: World, chat: Chat, row: int, column: int) -> Message:
    """Press a button of the reply keyboard: it sends its text, or the own contact where it asks for that."""
    if chat.keyboard is None:
        raise Impossible("There is no reply keyboard.")
    try:
        button = (chat.keyboard.markup or {})["keyboard"][row][column]
    except IndexError as error:
        raise Impossible("The keyboard has no such button.") from error
    if button.get("request_contact"):
        return share_contact(world, chat)
    return say(world, chat, button["text"])


def share_contact(world: World, chat: Chat, phone: str | None = None, name: str | None = None) -> Message:
    """Send the own contact, or with `phone` somebody else's from the address book."""
    contact: Json = {"phone_number": phone or chat.user.phone, "first_name": name or chat.user.called}
    if phone is None:
        contact["user_id"] = chat.user.id
    return _send(world, chat, {"contact": contact})


def send_photo(world: World, chat: Chat, picture: bytes | None = None, caption: str = "") -> Message:
    """Send a picture; a plain one is drawn when none is given."""
    file = world.files.add_photo(Upload("photo.png", "image/png", picture or drawn()))
    return _send(world, chat, {"photo": file.as_photo(), **({"caption": caption} if caption else {})})


def send_document(
    world: World, chat: Chat, name: str, content: bytes, mime: str = "application/octet-stream"
) -> Message:
    """Send a file."""
    return _send(world, chat, {"document": world.files.add_document(Upload(name, mime, content)).as_document()})


def send_sticker(world: World, chat: Chat, emoji: str = "👍") -> Message:
    """Send a sticker that stands for `emoji`."""
    kind = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False, "emoji": emoji}
    return _send(world, chat, {"sticker": {**_kept(world, "sticker.png", "image/png").as_telegram(), **kind}})


def send_voice(world: World, chat: Chat, seconds: int = 3) -> Message:
    """Send a voice message."""
    file = _kept(world, "voice.ogg", "audio/ogg")
    return _send(world, chat, {"voice": {**file.as_telegram(), "duration": seconds, "mime_type": file.mime}})


def send_location(world: World, chat: Chat, latitude: float = -6.8048, longitude: float = 110.8405) -> Message:
    """Send a place; the square of Kudus unless told otherwise."""
    return _send(world, chat, {"location": {"latitude": latitude, "longitude": longitude}})


def forward(world: World, chat: Chat, text: str, origin: str = "Grup RT") -> Message:
    """Pass on a text that somebody called `origin` wrote."""
    where: Json = {"type": "hidden_user", "sender_user_name": origin, "date": world.now}
    return _send(world, chat, {"forward_origin": where, **_written(text)})


def block(world: World, chat: Chat) -> None:
    """Block the bot: it can send nothing any more and is told so."""
    _change_membership(world, chat, blocked=True)


def unblock(world: World, chat: Chat) -> None:
    """Let the bot write again."""
    _change_membership(world, chat, blocked=False)


def _send(world: World, chat: Chat, content: Json) -> Message:
    _check_open(chat)
    message = world.post(chat, "user", content)
    keyboard = chat.keyboard
    if keyboard is not None and (keyboard.markup or {}).get("one_time_keyboard"):
        chat.keyboard = None
    world.updates.add("message", world.as_telegram(chat, message))
    return message


def _written(text: str) -> Json:
    entities = commands(text)
    return {"text": text, **({"entities": entities} if entities else {})}


def _check_open(chat: Chat) -> None:
    if chat.blocked:
        raise Impossible("The bot is blocked: unblock or start it first.")
    if not chat.started:
        raise Impossible("The chat has not been started.")


def _visible(chat: Chat, message_id: int) -> Message:
    message = chat.messages.get(message_id)
    if message is None or message.deleted:
        raise Impossible("There is no such message in the chat.")
    return message


def _shown_in_query(world: World, chat: Chat, message: Message) -> Json:
    if world.old(message):
        return {"chat": chat.as_telegram(), "message_id": message.id, "date": _INACCESSIBLE}
    return world.as_telegram(chat, message)


def _change_membership(world: World, chat: Chat, *, blocked: bool) -> None:
    if chat.blocked == blocked or not chat.started:
        return
    chat.blocked = blocked
    member: Json = {"user": world.bot.as_telegram(), "status": "member"}
    kicked: Json = {"user": world.bot.as_telegram(), "status": "kicked", "until_date": 0}
    body: dict[str, Any] = {"chat": chat.as_telegram(), "from": chat.user.as_telegram(), "date": world.now}
    body["old_chat_member"], body["new_chat_member"] = (member, kicked) if blocked else (kicked, member)
    world.touch(chat)
    world.updates.add("my_chat_member", body)


def _kept(world: World, name: str, mime: str) -> File:
    return world.files.add_document(Upload(name, mime, b"(made up)"))


def drawn() -> bytes:
    """A small landscape as PNG."""
    picture = Image.new("RGB", (640, 420), "#dfe9e3")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 270, 640, 420), fill="#7d9a86")
    draw.ellipse((430, 60, 540, 170), fill="#f2c879")
    draw.polygon([(40, 270), (220, 110), (400, 270)], fill="#557a67")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()
