"""Bot API methods that change or remove a message, or answer a button press."""

from __future__ import annotations

from typing import Any

from bot.sandbox.api.sending import read_caption, read_text, stored
from bot.sandbox.chats import Chat, Message
from bot.sandbox.keyboards import Markup, inline
from bot.sandbox.parameters import Parameters
from bot.sandbox.refusals import bad_request
from bot.sandbox.world import World

Json = dict[str, Any]

_MEDIA = ("photo", "document")
_MOST_DELETED = 100
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def edit_message_text(world: World, parameters: Parameters) -> Json:
    """The method editMessageText."""
    chat, message = _editable(world, parameters)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _change(world, chat, message, read_text(parameters), _markup(parameters), source=parameters.text("text"))


def edit_message_caption(world: World, parameters: Parameters) -> Json:
    """The method editMessageCaption."""
    chat, message = _editable(world, parameters)
    kept = {kind: message.content[kind] for kind in _MEDIA if kind in message.content}
    if not kept:
        raise bad_request("there is no caption in the message to edit")
    content = {**kept, **read_caption(parameters)}
    return _change(world, chat, message, content, _markup(parameters), source=parameters.text("caption"))


def edit_message_reply_markup(world: World, parameters: Parameters) -> Json:
    """The method editMessageReplyMarkup."""
    chat, message = _editable(world, parameters)
    return _change(world, chat, message, message.content, _markup(parameters), source=message.source)


def edit_message_media(world: World, parameters: Parameters) -> Json:
    """The method editMessageMedia, between pictures and documents; a text message becomes one too."""
    chat, message = _editable(world, parameters)
    media = parameters.tree("media", "input media")
    if not isinstance(media, dict) or media.get("type") not in _MEDIA:
        raise bad_request("can't parse InputMedia: type must be photo or document")
    photo = media["type"] == "photo"
    reference = str(media.get("media", ""))
    file = stored(world, parameters.attached(reference), reference, photo=photo)
    caption = read_caption(Parameters(media))
    content = {media["type"]: file.as_photo() if photo else file.as_document(), **caption}
    return _change(world, chat, message, content, _markup(parameters), source=media.get("caption"))


def delete_message(world: World, parameters: Parameters) -> bool:
    """The method deleteMessage: the bot's own or, in a private chat, the person's, within 48 hours."""
    chat = world.chat(parameters.number("chat_id"))
    message = _find(chat, parameters.number("message_id"), "message to delete not found")
    if world.old(message):
        raise bad_request("message can't be deleted for everyone")
    world.delete(chat, message)
    return True


def delete_messages(world: World, parameters: Parameters) -> bool:
    """The method deleteMessages: those that can be found, the others are passed over."""
    chat = world.chat(parameters.number("chat_id"))
    numbers = parameters.tree("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > _MOST_DELETED:
        raise bad_request("too many message identifiers specified")
    for number in numbers:
        message = chat.messages.get(number)
        if message is not None and not message.deleted and not world.old(message):
            world.delete(chat, message)
    return True


def answer_callback_query(world: World, parameters: Parameters) -> bool:
    """The method answerCallbackQuery: stops the waiting mark on the button, shows a toast or an alert."""
    text = parameters.text("text") or ""
    if len(text) > 200:  # noqa: PLR2004 - the documented limit
        raise bad_request("MESSAGE_TOO_LONG")
    world.answer_press(parameters.text("callback_query_id") or "", text, alert=parameters.flag("show_alert"))
    return True


def _find(chat: Chat, message_id: int | None, missing: str) -> Message:
    message = chat.messages.get(message_id or 0)
    if message is None or message.deleted:
        raise bad_request(missing)
    return message


def _editable(world: World, parameters: Parameters) -> tuple[Chat, Message]:
    chat = world.chat(parameters.number("chat_id"))
    message = _find(chat, parameters.number("message_id"), "message to edit not found")
    if message.sender != "bot" or (message.markup and not message.inline):
        raise bad_request("message can't be edited")  # also whatever was sent with a reply keyboard
    return chat, message


def _markup(parameters: Parameters) -> Markup | None:
    return inline(parameters.tree("reply_markup", "inline keyboard"))


def _change(
    world: World, chat: Chat, message: Message, content: Json, markup: Markup | None, *, source: str | None
) -> Json:
    if content == message.content and markup == message.markup:
        raise bad_request(_NOT_MODIFIED)
    if content != message.content:
        message.edited = world.now  # a changed keyboard alone leaves no mark
    message.content, message.markup, message.source = content, markup, source or ""
    world.touch(chat, message)
    return world.as_telegram(chat, message)
