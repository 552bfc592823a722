"""Bot API methods about the bot itself and the chats it knows."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.files import FETCH_LIMIT
from bot.sandbox.parameters import Parameters
from bot.sandbox.profile import About
from bot.sandbox.refusals import bad_request
from bot.sandbox.world import World

Json = dict[str, Any]

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LIMITS: dict[About, int] = {"name": 64, "description": 512, "short_description": 120}


def get_me(world: World, _: Parameters) -> Json:
    """The method getMe."""
    return {
        **world.bot.as_telegram(),
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(world: World, parameters: Parameters) -> Json:
    """The method getChat, with the fields that may not be missing."""
    return {
        **world.chat(parameters.number("chat_id")).as_telegram(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


def get_file(world: World, parameters: Parameters) -> Json:
    """The method getFile, for files up to 20 MB; the content is at /file/bot<token>/<file_path>."""
    file = world.files.get(parameters.text("file_id") or "")
    if len(file.content) > FETCH_LIMIT:
        raise bad_request("file is too big")
    return {**file.as_telegram(), "file_path": file.path}


def set_my_commands(world: World, parameters: Parameters) -> bool:
    """The method setMyCommands for one scope and language."""
    commands = parameters.tree("commands", "bot commands")
    if not isinstance(commands, list) or len(commands) > 100:  # noqa: PLR2004 - the documented limit
        raise bad_request("can't parse list of bot commands")
    for command in commands:
        if not _COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:  # noqa: PLR2004 - likewise
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.bot.set_commands(*_scope(parameters), commands)
    return _show(world)


def get_my_commands(world: World, parameters: Parameters) -> list[Json]:
    """The method getMyCommands of exactly one scope and language."""
    return world.bot.commands(*_scope(parameters))


def delete_my_commands(world: World, parameters: Parameters) -> bool:
    """The method deleteMyCommands of one scope and language."""
    world.bot.set_commands(*_scope(parameters), [])
    return _show(world)


def set_my_name(world: World, parameters: Parameters) -> bool:
    """The method setMyName."""
    return _set_about(world, parameters, "name")


def get_my_name(world: World, parameters: Parameters) -> Json:
    """The method getMyName."""
    return _get_about(world, parameters, "name")


def set_my_description(world: World, parameters: Parameters) -> bool:
    """The method setMyDescription: what an empty chat shows."""
    return _set_about(world, parameters, "description")


def get_my_description(world: World, parameters: Parameters) -> Json:
    """The method getMyDescription."""
    return _get_about(world, parameters, "description")


def set_my_short_description(world: World, parameters: Parameters) -> bool:
    """The method setMyShortDescription."""
    return _set_about(world, parameters, "short_description")


def get_my_short_description(world: World, parameters: Parameters) -> Json:
    """The method getMyShortDescription."""
    return _get_about(world, parameters, "short_description")


def set_chat_menu_button(world: World, parameters: Parameters) -> bool:
    """The method setChatMenuButton, for one chat or as the default."""
    button = parameters.tree("menu_button", "menu button") or {"type": "default"}
    if parameters.number("chat_id") is None:
        world.bot.menu_button = button
    else:
        world.chat(parameters.number("chat_id")).menu_button = button
    return True


def get_chat_menu_button(world: World, parameters: Parameters) -> Json:
    """The method getChatMenuButton."""
    if parameters.number("chat_id") is None:
        return world.bot.menu_button
    return world.chat(parameters.number("chat_id")).menu_button


def _scope(parameters: Parameters) -> tuple[Json | None, str]:
    return parameters.tree("scope", "bot command scope"), parameters.text("language_code") or ""


def _set_about(world: World, parameters: Parameters, which: About) -> bool:
    text = parameters.text(which) or ""
    if len(text) > _LIMITS[which]:
        raise bad_request(f"{which.replace('_', ' ')} is too long")
    world.bot.texts[which, parameters.text("language_code") or ""] = text
    return _show(world)


def _get_about(world: World, parameters: Parameters, which: About) -> Json:
    return {which: world.bot.about(which, parameters.text("language_code") or "")}


def _show(world: World) -> bool:
    """Everybody sees the new menu or description."""
    for chat in world.chats.values():
        world.touch(chat)
    return True
