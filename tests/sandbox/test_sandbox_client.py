"""The test client that reads like a chat."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.types import BufferedInputFile
from sandbox_bot import CONTACT, inline

from bot.sandbox.acts import drawn
from bot.sandbox.client import Person, Sandbox


async def test_a_button_is_found_by_its_label(bot: Bot, ani: Person) -> None:
    """The reply keyboard comes first, then the newest message; the same label before one that contains it."""
    await bot.send_message(ani.id, "lama", reply_markup=inline([("Ya", "old")]))
    await bot.send_message(ani.id, "baru", reply_markup=inline([("Ya, semua", "all"), ("Ya", "new")]))
    await ani.presses("Ya")
    await ani.presses("semua")
    await ani.presses_on(ani.chat.messages[1], "Ya")
    await bot.send_message(ani.id, "nomor", reply_markup=CONTACT)
    await ani.presses("Bagikan nomor saya")
    updates = await bot.get_updates()
    assert [each.callback_query.data for each in updates if each.callback_query] == ["new", "all", "old"]
    assert updates[-1].message is not None
    assert updates[-1].message.contact is not None
    assert updates[-1].message.contact.phone_number == ani.phone


async def test_a_missing_button_lists_what_is_visible(bot: Bot, ani: Person) -> None:
    """The error of a press that is not possible shows the chat."""
    await bot.send_message(ani.id, "Pilih", reply_markup=inline([("Setuju", "y"), ("Tidak", "n")]))
    with pytest.raises(AssertionError, match=r"(?s)no button 'Simpan'.*\[Setuju\] \[Tidak\]") as error:
        await ani.presses("Simpan")
    assert "user: /start" in str(error.value)


async def test_forged_data_can_be_sent(bot: Bot, ani: Person) -> None:
    """Presses_raw sends data no button has."""
    await bot.send_message(ani.id, "Pilih")
    await ani.presses_raw("palsu")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.data == "palsu"


async def test_a_transcript_shows_the_chat(bot: Bot, ani: Person) -> None:
    """Every visible message is a line, pictures are named, further lines indented, the keyboard stands last."""
    await bot.send_message(ani.id, "Satu\nDua", reply_markup=inline([("Ya", "y"), ("Tidak", "n")]))
    said = await ani.says("dihapus")
    await bot.delete_message(ani.id, said.id)
    await bot.send_photo(ani.id, BufferedInputFile(drawn(), "a.png"), caption="Kartu")
    await bot.send_message(ani.id, "Nomor?", reply_markup=CONTACT)
    assert ani.chat.transcript().splitlines() == [
        "user: /start",
        "bot: Satu",
        "     Dua  [Ya] [Tidak]",
        "bot: (foto) Kartu",
        "bot: Nomor?",
        "keyboard: [Bagikan nomor saya] [Kembali]",
    ]


async def test_hearing_waits_for_what_follows_the_last_act(bot: Bot, ani: Person) -> None:
    """An old sentence does not count unless asked for; an edit does."""
    sent = await bot.send_message(ani.id, "Berapa NIK-nya?")
    await ani.says("3319")
    assert (await ani.hears("NIK", ever=True)).id == sent.message_id
    hearing = asyncio.create_task(ani.hears("NIK"))
    await bot.edit_message_text("NIK-nya kurang.", chat_id=ani.id, message_id=sent.message_id)
    assert (await hearing).plain == "NIK-nya kurang."


async def test_waiting_in_vain_prints_the_chat(ani: Person) -> None:
    """A timeout shows the transcript."""
    with pytest.raises(AssertionError, match=r"'NIK' was not heard\. Nothing after 0 s\. Ani sees:\nuser: /start"):
        await ani.hears("NIK", within=0)


async def test_what_telegram_does_not_offer_is_an_error(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """Nobody writes before START or through a block, edits what is not theirs, or presses what is gone."""
    with pytest.raises(AssertionError, match="has not been started"):
        await sandbox.person("Budi").says("Halo")
    sent = await bot.send_message(ani.id, "Pilih", reply_markup=inline([("Ya", "y")]))
    message = ani.chat.messages[-1]
    with pytest.raises(AssertionError, match="Only an own text message"):
        await ani.edits(message, "x")
    await bot.delete_message(ani.id, sent.message_id)
    with pytest.raises(AssertionError, match="shows no button"):
        await ani.presses_on(message, "Ya")
    await ani.blocks()
    with pytest.raises(AssertionError, match="is blocked"):
        await ani.says("Halo")
    await ani.unblocks()
    await ani.says("Halo")


async def test_long_texts_are_sent_in_parts(bot: Bot, ani: Person) -> None:
    """What is above 4.096 characters arrives as several messages."""
    await ani.says("a" * 5000)
    sizes = [len(each.message.text or "") for each in await bot.get_updates() if each.message]
    assert sizes == [6, 4096, 904]


async def test_a_one_time_keyboard_goes_when_used(bot: Bot, ani: Person) -> None:
    """A one-time keyboard disappears with the first message."""
    await bot.send_message(ani.id, "?", reply_markup=CONTACT.model_copy(update={"one_time_keyboard": True}))
    await ani.presses("Kembali")
    assert ani.chat.keyboard is None
