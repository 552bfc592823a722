"""Bot API methods that put a message into a chat."""

from __future__ import annotations

from typing import Any

from bot.sandbox.chats import Chat, Message
from bot.sandbox.entities import Entity, parse, utf16
from bot.sandbox.files import File
from bot.sandbox.keyboards import Markup, checked
from bot.sandbox.parameters import Parameters, Upload
from bot.sandbox.refusals import bad_request, blocked
from bot.sandbox.world import World

Json = dict[str, Any]

TEXT_LIMIT = 4096  # UTF-16 units after the markup is read
CAPTION_LIMIT = 1024

_ACTIONS = {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
            "choose_sticker", "find_location", "record_video_note", "upload_video_note"}  # fmt: skip


def send_message(world: World, parameters: Parameters) -> Json:
    """The method sendMessage."""
    chat = open_chat(world, parameters)
    content = read_text(parameters)
    return _post(world, chat, parameters, content, parameters.text("text"))


def send_photo(world: World, parameters: Parameters) -> Json:
    """The method sendPhoto, by upload or by the id of a file seen before."""
    chat = open_chat(world, parameters)
    content = read_caption(parameters)
    photo = stored(world, parameters.upload("photo"), parameters.text("photo"), photo=True)
    return _post(world, chat, parameters, {"photo": photo.as_photo(), **content}, parameters.text("caption"))


def send_document(world: World, parameters: Parameters) -> Json:
    """The method sendDocument, by upload or by the id of a file seen before."""
    chat = open_chat(world, parameters)
    content = read_caption(parameters)
    document = stored(world, parameters.upload("document"), parameters.text("document"), photo=False)
    return _post(world, chat, parameters, {"document": document.as_document(), **content}, parameters.text("caption"))


def send_chat_action(world: World, parameters: Parameters) -> bool:
    """The method sendChatAction: shown until the next message."""
    chat = open_chat(world, parameters)
    action = parameters.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.action = action
    world.touch(chat)
    return True


def open_chat(world: World, parameters: Parameters) -> Chat:
    """The chat that chat_id names, able to receive; raises Refusal when it is unknown or has blocked the bot."""
    chat = world.chat(parameters.number("chat_id"))
    if chat.blocked:
        raise blocked()
    return chat


def read_text(parameters: Parameters) -> Json:
    """Text and entities as message content; raises Refusal when empty, too long or not to be read."""
    text, entities = _read(parameters, "text", "entities")
    if not text:
        raise bad_request("message text is empty")
    if utf16(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, **({"entities": entities} if entities else {})}


def read_caption(parameters: Parameters) -> Json:
    """Caption and entities as message content, empty without one; raises Refusal as `read_text`."""
    text, entities = _read(parameters, "caption", "caption_entities")
    if utf16(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, **({"caption_entities": entities} if entities else {})}


def stored(world: World, upload: Upload | None, file_id: str | None, *, photo: bool) -> File:
    """The file that was uploaded or is named by its id; raises Refusal when there is none or it is the wrong kind."""
    if upload is not None:
        return world.files.add_photo(upload) if photo else world.files.add_document(upload)
    if not file_id:
        raise bad_request(f"there is no {'photo' if photo else 'document'} in the request")
    file = world.files.get(file_id)
    if photo and not file.width:
        raise bad_request("can't use file of type Document as Photo")
    return file


def _read(parameters: Parameters, name: str, entities_name: str) -> tuple[str, list[Entity]]:
    source = parameters.text(name) or ""
    parse_mode = parameters.text("parse_mode")
    text, entities = parse(source, parse_mode)
    given = parameters.tree(entities_name, "message entities")
    return text, given if given and not parse_mode else entities


def _markup(parameters: Parameters) -> Markup | None:
    return checked(parameters.tree("reply_markup", "reply keyboard markup"))


def _post(world: World, chat: Chat, parameters: Parameters, content: Json, source: str | None) -> Json:
    message: Message = world.post(chat, "bot", content, markup=_markup(parameters), source=source or "")
    return world.as_telegram(chat, message)
