"""Everything that is not a command: words, buttons, contacts, edits and what cannot be read.

Most of what people send belongs to a conversation, so `router` is asked before all screens; `rest` takes what no screen
knows.
"""

from __future__ import annotations

from typing import Literal

from aiogram import Router
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from conversations import events
from conversations.reading import SECRET
from conversations.rules.secrets import looks_like_secret
from conversations.words import _
from handlers import desk, news, turn
from handlers.visit import Visit
from storage import people
from storage.sessions import Stored

router, rest = Router(name="talk"), Router(name="rest")

STOPS = {"stop", "berhenti"}  # answers to a message of ours that mean the command

Unreadable = Literal["photo", "sticker", "voice", "video", "location", "document", "forward", "other"]
UNREADABLE: dict[str, Unreadable] = {
    "sticker": "sticker",
    "animation": "sticker",
    "voice": "voice",
    "audio": "voice",
    "video": "video",
    "video_note": "video",
    "location": "location",
    "venue": "location",
    "document": "document",
}


async def of_conversation(press: CallbackQuery) -> bool:
    """Let a conversation's buttons through."""
    return (press.data or "").startswith("t|")


async def no_command(message: Message) -> bool:
    """Let everything through but what begins like a command, which a screen may know."""
    return not (message.text or message.caption or "").lstrip().startswith("/")


async def in_words(message: Message) -> bool:
    """Let texts through."""
    return bool(message.text)


@router.my_chat_member()
async def reach(update: ChatMemberUpdated, visit: Visit) -> None:
    """Remember whether the person can still be written to."""
    gone = update.new_chat_member.status in {"kicked", "left"}
    await people.reachable(visit.tx, visit.id, yes=not gone, now=visit.now)


@router.callback_query(of_conversation)
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Give a press to its conversation."""
    read = turn.pressed(callback.data or "")
    stored = None if read is None else visit.drawer.load(visit.id, read[0])
    if read is None or stored is None:
        visit.notify(_("This conversation has ended."))
        visit.lay_aside()
        return
    await turn.hold(visit, *read, stored)


@rest.callback_query()
async def forged(_callback: CallbackQuery, visit: Visit) -> None:
    """Answer a button that no screen has made."""
    visit.refuse("button", _("This button no longer works."))


@router.edited_message(in_words)
async def edited(message: Message, visit: Visit) -> None:
    """Let an edited message correct the answer it gave."""
    if not await turn.go_on(visit, events.Corrected(message.text or "", message.message_id)):
        visit.say(_("That message has been read already. What was sent can be corrected with /data."))


@rest.message()
@router.message(no_command)
async def said(message: Message, visit: Visit) -> None:
    """Give what was sent to the desk or the open conversation; where nothing is open, say how to begin."""
    if message.document is not None and await desk.received(visit, message.document, message.message_id):
        return
    stored = turn.latest(visit)
    if stored is None and message.text is not None and await desk.pasted(visit, message.text, message.message_id):
        return
    if stored is None and (message.text or "").strip().casefold() in STOPS:
        await news.stop(visit)
    elif stored is None:
        _without_conversation(visit, message)
    else:
        await turn.hold(visit, stored.flow, _event(message, visit, stored), stored)


def _event(message: Message, visit: Visit, stored: Stored) -> events.Event:
    number = message.message_id
    if message.forward_origin is not None:
        return events.Attached("forward", number)
    if message.contact is not None:
        return events.Contact(message.contact.phone_number, message.contact.user_id == visit.id, number)
    if message.photo:
        return events.Pictured(message.photo[-1].file_id, number)
    if message.text is None:
        return events.Attached(UNREADABLE.get(message.content_type, "other"), number)
    if (option := turn.reply_key(visit, stored, message.text)) is not None:
        return events.Keyed(option)
    return events.Typed(message.text, number)


def _without_conversation(visit: Visit, message: Message) -> None:
    if message.text is not None and looks_like_secret(message.text):
        visit.forget(message.message_id)
        visit.say(SECRET)
    elif message.contact is not None or message.content_type in {"photo", "document"}:
        visit.forget(message.message_id)
        visit.say(_("I did not ask for that, so I deleted it. /daftar begins a registration, /bantuan helps."))
    else:
        visit.say(_("Good to see you. /daftar begins a registration, /status shows how yours stands, /bantuan helps."))
