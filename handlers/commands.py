"""The command menu and the bot's descriptions, as Telegram shows them in each language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from conversations.words import Text, _
from handlers.office import Office
from locales import DEFAULT, LANGUAGES, Words, words
from storage.outbox import Letter

COMMANDS: Final = {
    "start": _("Begin, or go on where you stopped"),
    "daftar": _("Register"),
    "status": _("How my registration stands"),
    "iuran": _("What it costs and what it pays"),
    "bantuan": _("Help"),
    "bahasa": _("Language"),
    "data": _("My data: see, correct, withdraw"),
    "batal": _("Stop and delete the answers"),
}
REVIEWER_COMMANDS: Final = {"antrean": _("Registrations that wait for a decision")}
ADMIN_COMMANDS: Final = {"undang": _("Invite a sponsor"), **REVIEWER_COMMANDS}
SHORT: Final = _("Register for BPJS Ketenagakerjaan with KTP and phone number. Registering is free. By {operator}.")
LONG: Final = _(
    "I help people who work for themselves (ojek drivers, traders, farmers, craftsmen) to register for BPJS Ketenagakerjaan: "
    "cover for accidents at work and for death.\n\nRegistering is free. This bot never asks for OTP, PIN, password or "
    "money.\n\nRun by {operator}. You can check that at {contact}."
)


def _menu(reader: Words, commands: dict[str, Text]) -> list[dict[str, str]]:
    return [{"command": name, "description": reader.plain(text)} for name, text in commands.items()]


def staff_commands(person: int, reader: Words, *, admin: bool) -> Letter:
    """Return the call that adds the staff's commands to one person's menu. A menu is no permission."""
    commands = (ADMIN_COMMANDS if admin else REVIEWER_COMMANDS) | COMMANDS
    scope = {"type": "chat", "chat_id": person}
    return Letter(person, "setMyCommands", {"commands": _menu(reader, commands), "scope": scope})


def profile(office: Office) -> Iterator[tuple[str, dict[str, object]]]:
    """Return the calls that introduce the bot: commands and descriptions, for every language."""
    for language in LANGUAGES:
        reader = words(language)
        here: dict[str, object] = {} if language == DEFAULT else {"language_code": language}
        short = Text(SHORT.sentence, {"operator": office.operator})
        long = Text(LONG.sentence, {"operator": office.operator, "contact": office.contact})
        yield "setMyCommands", {"commands": _menu(reader, COMMANDS), **here}
        yield "setMyShortDescription", {"short_description": reader.plain(short)[:120], **here}
        yield "setMyDescription", {"description": reader.plain(long)[:512], **here}
