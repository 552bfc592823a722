"""How the bot presents itself through the sandbox."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    MenuButtonCommands,
)

from bot.sandbox.client import Person, Sandbox


async def test_get_me_names_the_bot(sandbox: Sandbox, bot: Bot) -> None:
    """GetMe gives the id in the token and the username in links."""
    me = await bot.get_me()
    assert (me.id, me.username, me.is_bot) == (bot.id, sandbox.bot_username, True)


async def test_get_chat_knows_who_started(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """GetChat gives a started chat and no other."""
    assert (await bot.get_chat(ani.id)).first_name == "Ani"
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.get_chat(sandbox.person("Budi").id)


async def test_texts_are_kept_by_language(bot: Bot) -> None:
    """Name and descriptions fall back to those without a language."""
    await bot.set_my_name("Sertakan")
    await bot.set_my_description("Mendaftar")
    await bot.set_my_description("Register", language_code="en")
    await bot.set_my_short_description("Singkat")
    assert (await bot.get_my_name()).name == "Sertakan"
    assert (await bot.get_my_description(language_code="en")).description == "Register"
    assert (await bot.get_my_description(language_code="jv")).description == "Mendaftar"
    assert (await bot.get_my_short_description()).short_description == "Singkat"
    with pytest.raises(TelegramBadRequest, match="short description is too long"):
        await bot.set_my_short_description("a" * 121)


async def test_commands_are_kept_by_scope_and_language(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """Each scope and language has its list; a person sees the narrowest one."""

    def shown() -> list[str]:
        return [each["command"] for each in sandbox.world.bot.shown_commands(ani.id, "id")]

    await bot.set_my_commands([BotCommand(command="start", description="Mulai")])
    assert shown() == ["start"]
    own = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([BotCommand(command="daftar", description="Daftar")], scope=own, language_code="id")
    assert shown() == ["daftar"]
    await bot.set_my_commands(
        [BotCommand(command="antrean", description="x")], scope=BotCommandScopeChat(chat_id=ani.id)
    )
    assert shown() == ["antrean"]
    await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=ani.id))
    assert shown() == ["daftar"]
    assert [each.command for each in await bot.get_my_commands()] == ["start"]


async def test_a_command_telegram_would_refuse_is_refused(bot: Bot) -> None:
    """Command names are small letters, digits and underscores, and have a description."""
    for command, reason in (
        (BotCommand(command="Daftar-Baru", description="x"), "BOT_COMMAND_INVALID"),
        (BotCommand(command="daftar", description=""), "BOT_COMMAND_DESCRIPTION_INVALID"),
    ):
        with pytest.raises(TelegramBadRequest, match=reason):
            await bot.set_my_commands([command])


async def test_the_menu_button_is_kept(bot: Bot, ani: Person) -> None:
    """SetChatMenuButton works for all and for one."""
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    await bot.set_chat_menu_button(chat_id=ani.id, menu_button=MenuButtonCommands())
    assert (await bot.get_chat_menu_button(chat_id=ani.id)).type == "commands"
