"""The command menu and the bot's descriptions, as Telegram shows them in each language."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from conversations.words import Lines, Text, Value, _
from handlers.office import Office
from locales import DEFAULT, LANGUAGES, Words, words
from storage.outbox import Letter

COMMANDS: Final = {
    "start": _("Begin, or go on where you stopped"),
    "daftar": _("Register"),
    "status": _("How my registration stands"),
    "iuran": _("What it costs and what it pays"),
    "bayarkan": _("Pay for somebody near you"),
    "bantuan": _("Help"),
    "bahasa": _("Language"),
    "data": _("My data: see, correct, withdraw"),
    "kabar": _("Reminders and news: what I get"),
    "berhenti": _("Stop reminders and news"),
    "batal": _("Stop and delete the answers"),
}
STAFF_COMMANDS: Final = {
    "antrean": _("Registrations that wait for a decision"),
    "daftarkan": _("Register a neighbour, or many"),
    "program": _("Programmes: who pays for whom"),
    "serahkan": _("Hand over to BPJS"),
    "undang": _("Invite somebody"),
    "siarkan": _("Write to many"),
    "pengingat": _("Reminders that run by themselves"),
    "rekap": _("How things stand, as a picture"),
    "poster": _("A poster to print"),
    "contoh": _("A sheet to fill in for many"),
    "peran": _("Who I am here"),
}
USED_BY: Final = {
    "facilitator": {"daftarkan", "contoh", "poster", "rekap", "peran"},
    "sponsor": {"antrean", "undang", "siarkan", "daftarkan", "contoh", "poster", "rekap", "peran"},
    "verifier": {"antrean", "rekap", "peran"},
    "admin": set(STAFF_COMMANDS),
}
GREETINGS: Final = {
    "admin": _("/program sets up programmes, /undang invites, /serahkan hands over to BPJS."),
    "sponsor": _("/antrean shows who has registered there, and you decide. You are told when somebody waits."),
    "verifier": _("/antrean shows what waits for your department, and you decide."),
    "facilitator": _("/daftarkan registers a neighbour who does not use Telegram."),
}
SHORT: Final = _("Register for BPJS Ketenagakerjaan with KTP and phone number. Registering is free. By {operator}.")
LONG: Final = _(
    "I help people who work for themselves (ojek drivers, traders, farmers, craftsmen) to register for BPJS Ketenagakerjaan: "
    "cover for accidents at work and for death.\n\nRegistering is free. This bot never asks for OTP, PIN, password or "
    "money.\n\nRun by {operator}. You can check that at {contact}."
)


HELP: Final = {
    "admin": _(
        "/program programmes · /undang invite · /serahkan hand over to BPJS · /siarkan write to many · /pengingat reminders · /poster a poster"
    ),
    "sponsor": _("/antrean decide · /undang invite a facilitator · /siarkan write to many · /poster a poster"),
    "verifier": _("/antrean decide"),
    "facilitator": _("/daftarkan register others · /contoh a sheet for many · /poster a poster"),
}
FOR_ALL_STAFF: Final = _("/rekap how things stand · /peran who you are here")


def help_for(held: Collection[str]) -> Value:
    """Return what helps somebody who holds these roles; nothing for who holds none."""
    return Lines([*(text for role, text in HELP.items() if role in held), FOR_ALL_STAFF]) if held else ""


def greeting(held: Collection[str]) -> Value:
    """Return what somebody who holds these roles can do here."""
    return Lines([text for role, text in GREETINGS.items() if role in held])


def _menu(reader: Words, commands: dict[str, Text]) -> list[dict[str, str]]:
    return [{"command": name, "description": reader.plain(text)} for name, text in commands.items()]


def staff_commands(person: int, reader: Words, held: Collection[str]) -> Letter:
    """Return the call that adds what somebody's roles use to their own menu. A menu is no permission."""
    used = {name for role in held for name in USED_BY[role]}
    commands = {name: text for name, text in STAFF_COMMANDS.items() if name in used} | COMMANDS
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
