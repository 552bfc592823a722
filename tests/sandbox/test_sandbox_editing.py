"""Editing, deleting and answering presses through the sandbox."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InaccessibleMessage, InputMediaPhoto, ReplyKeyboardRemove
from sandbox_bot import CONTACT, inline

from bot.sandbox.acts import drawn
from bot.sandbox.client import Person, Sandbox

TWO_DAYS = 48 * 3600 + 1


async def test_a_text_is_edited_in_place(bot: Bot, ani: Person) -> None:
    """An edit changes text and buttons of the same message and marks it as edited."""
    sent = await bot.send_message(ani.id, "Satu", reply_markup=inline([("Ya", "y")]))
    edited = await bot.edit_message_text("Dua", chat_id=ani.id, message_id=sent.message_id)
    assert edited.edit_date is not None
    assert [(each.plain, each.labels, each.edited) for each in ani.chat.messages[1:]] == [("Dua", [], True)]


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, ani: Person) -> None:
    """The same text, entities and buttons again are "not modified", whatever the markup was written like."""
    keyboard = inline([("Ya", "y")])
    sent = await bot.send_message(ani.id, "<b>Satu</b>", parse_mode="HTML", reply_markup=keyboard)
    with pytest.raises(TelegramBadRequest, match="message is not modified: specified new message content"):
        await bot.edit_message_text(
            "<strong>Satu</strong>",
            chat_id=ani.id,
            message_id=sent.message_id,
            parse_mode="HTML",
            reply_markup=keyboard,
        )


async def test_captions_pictures_and_buttons_are_edited(bot: Bot, ani: Person) -> None:
    """Caption, media and markup each change alone; a changed keyboard leaves no mark of editing."""
    sent = await bot.send_photo(ani.id, BufferedInputFile(drawn(), "a.png"), caption="Satu")
    where = {"chat_id": ani.id, "message_id": sent.message_id}
    await bot.edit_message_reply_markup(**where, reply_markup=inline([("Ya", "y")]))
    assert ani.chat.messages[-1].labels == ["Ya"]
    assert not ani.chat.messages[-1].edited
    await bot.edit_message_caption(**where, caption="Dua")
    assert ani.chat.messages[-1].caption == "Dua"
    media = InputMediaPhoto(media=BufferedInputFile(drawn(), "b.png"), caption="Tiga")
    changed = await bot.edit_message_media(media, **where)
    assert changed.photo is not None
    assert ani.chat.messages[-1].caption == "Tiga"


async def test_text_and_caption_are_not_confused(bot: Bot, ani: Person) -> None:
    """A photo has no text to edit, a text no caption."""
    photo = await bot.send_photo(ani.id, BufferedInputFile(drawn(), "a.png"))
    text = await bot.send_message(ani.id, "Satu")
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("x", chat_id=ani.id, message_id=photo.message_id)
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await bot.edit_message_caption(chat_id=ani.id, message_id=text.message_id, caption="x")


async def test_messages_with_a_reply_keyboard_cannot_be_edited(bot: Bot, ani: Person) -> None:
    """What was sent with a reply keyboard or its removal stays, and an edit takes inline keyboards only."""
    for keyboard in (CONTACT, ReplyKeyboardRemove()):
        sent = await bot.send_message(ani.id, "Nomor?", reply_markup=keyboard)
        with pytest.raises(TelegramBadRequest, match="message can't be edited"):
            await bot.edit_message_text("x", chat_id=ani.id, message_id=sent.message_id)


async def test_only_the_bots_own_messages_can_be_edited(bot: Bot, ani: Person) -> None:
    """A person's message and one that is gone cannot be edited."""
    said = await ani.says("Halo")
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("x", chat_id=ani.id, message_id=said.id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=ani.id, message_id=999)


async def test_deleting_works_once_and_for_two_days(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """The bot deletes its own and the person's messages, each once, until 48 hours have passed."""
    said = await ani.says("3319 …")
    assert await bot.delete_message(ani.id, said.id)
    assert said.deleted
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(ani.id, said.id)
    old = await bot.send_message(ani.id, "Lama")
    sandbox.clock.offset += TWO_DAYS
    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await bot.delete_message(ani.id, old.message_id)


async def test_several_are_deleted_and_missing_ones_passed_over(bot: Bot, ani: Person) -> None:
    """DeleteMessages takes what it finds."""
    sent = await bot.send_message(ani.id, "Satu")
    assert await bot.delete_messages(ani.id, [sent.message_id, 999])
    assert ani.chat.last is None


async def test_a_press_carries_the_current_message(bot: Bot, ani: Person) -> None:
    """A press arrives with data, message and chat instance, and its answer is shown."""
    await bot.send_message(ani.id, "Ya?", reply_markup=inline([("✅ Ya", "y:1")]))
    await ani.presses("Ya")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert (query.data, query.message.message_id) == ("y:1", ani.chat.messages[-1].id)
    assert query.chat_instance
    await bot.answer_callback_query(query.id, text="Baik", show_alert=True)
    toast = await ani.gets_toast("Baik")
    assert toast.alert


async def test_a_press_can_be_answered_for_150_seconds(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """Later, or with an id nobody gave out, the answer is refused."""
    await bot.send_message(ani.id, "Ya?", reply_markup=inline([("Ya", "y")]))
    await ani.presses("Ya")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    sandbox.clock.offset += 151
    for query_id in (query.id, "1"):
        with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired or query ID is"):
            await bot.answer_callback_query(query_id)


async def test_a_press_on_a_very_old_message_hides_it(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """After 48 hours the query names the message without showing it."""
    await bot.send_message(ani.id, "Ya?", reply_markup=inline([("Ya", "y")]))
    sandbox.clock.offset += TWO_DAYS
    await ani.presses("Ya")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert isinstance(query.message, InaccessibleMessage)
