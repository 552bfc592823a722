"""The commands everybody has. Each works in any state; in the middle of a conversation its question comes back."""

from __future__ import annotations

import re

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, Message

from conversations import events
from conversations.offer import price_list
from conversations.words import Lines, Value, _, paragraphs
from handlers import notices, rights, turn
from handlers.commands import greeting, help_for, staff_commands
from handlers.neighbours import claims
from handlers.staff import invite
from handlers.visit import Key, Visit, button, pressed_button, pressed_on
from locales import LANGUAGES
from storage import registrations, uploads
from storage.states import OPEN

router = Router(name="menu")

POSTER = re.compile(r"v-(\d{2})(\d{2})(\d{2})(\d{4})")  # the start payload of a village's poster


@router.message(CommandStart())
async def start(_message: Message, command: CommandObject, visit: Visit) -> None:
    """/start: an invitation, a claim, a village's poster, the open question, or the first one."""
    payload = command.args or ""
    if payload.startswith(invite.PREFIX):
        await invite.accept(visit, payload.removeprefix(invite.PREFIX))
        return
    if payload.startswith(claims.PREFIX):
        await claims.open_link(visit, payload.removeprefix(claims.PREFIX))
        return
    village = POSTER.fullmatch(payload)
    known = ".".join(village.groups()) if village else None
    held = await rights.held(visit)
    if known is None and held:
        _welcome_staff(visit, held)
    else:
        await register(visit, known)


@router.message(Command("daftar"))
async def daftar(_message: Message, visit: Visit) -> None:
    """/daftar: the open registration, or a new one."""
    await register(visit, None)


async def register(visit: Visit, village: str | None) -> None:
    """Open the registration, with the village of the poster where there is one."""
    known: dict[str, events.Json] = {} if village is None else {"village": {"code": village, "words": None}}
    if visit.drawer.load(visit.id, "registration") is not None:
        await turn.hold(visit, "registration", events.Started(known) if known else events.Resumed())
        return
    mine = [one for one in await registrations.of_person(visit.tx, visit.id) if one.state in OPEN]
    if mine:
        await notices.list_all(visit)
        visit.say(
            _(
                "You have already sent a registration. Is somebody of your family to register on this phone? Then please hand "
                "it over: everybody agrees and answers for themselves."
            ),
            [[Key(_("➕ Register a family member"), button("menu", "daftar"))]],
        )
        return
    await turn.hold(visit, "registration", events.Started(known))


def _welcome_staff(visit: Visit, held: list[str]) -> None:
    """Greet those who act for others with what they can do here."""
    visit.letters.append(staff_commands(visit.id, visit.words, held))
    decides = {"admin", "sponsor", "verifier"} & {*held}
    visit.say(
        paragraphs(
            Lines([_("Welcome."), greeting(held)]),
            _("/peran shows who you are here. To register yourself: /daftar."),
        ),
        [[Key(_("Open the queue"), button("queue", "open"))]] if decides else [],
    )


@router.message(Command("batal"))
async def batal(_message: Message, visit: Visit) -> None:
    """/batal: ask whether the open conversation is to be given up."""
    if await turn.go_on(visit, events.Cancelled()):
        return
    if await uploads.forget_expected(visit.tx, visit.id):
        visit.say(_("All right, I expect no list any more. /daftarkan begins anew."))
    else:
        visit.say(_("There is nothing to stop. A registration that was sent can be withdrawn with /data."))


@router.message(Command("bantuan", "help"))
async def bantuan(_message: Message, visit: Visit) -> None:
    """/bantuan: help for the open question, or for everything."""
    if not await turn.go_on(visit, events.AskedHelp()):
        visit.say(overview(visit, await rights.held(visit)))


def overview(visit: Visit, held: list[str]) -> Value:
    """Return what the bot can do, first for the roles that are `held`, and who is behind it."""
    return paragraphs(
        help_for(held),
        _("/daftar registers you for BPJS Ketenagakerjaan. /status shows how it stands. /iuran tells what it costs."),
        _(
            "/bayarkan is for paying for somebody near you. /data shows what is stored. /kabar is about reminders and news. "
            "/bahasa changes the language."
        ),
        _(
            "This bot is run by {operator}. You can check that at {contact}. It never asks for OTP, PIN, password or money.",
            operator=visit.office.operator,
            contact=visit.office.contact,
        ),
    )


@router.message(Command("iuran"))
async def iuran(_message: Message, visit: Visit) -> None:
    """/iuran: today's prices for everybody, and where to pay."""
    visit.say(paragraphs(price_list(visit.context()), notices.WHERE_TO_PAY, notices.NOT_YET))
    await turn.go_on(visit, events.Resumed())


@router.message(Command("bahasa"))
async def bahasa(_message: Message, visit: Visit) -> None:
    """/bahasa: offer the languages."""
    keys = [[Key(name, button("menu", "bahasa", code))] for code, name in LANGUAGES.items()]
    visit.say(_("Which language?"), keys)


@router.callback_query(pressed_on("menu"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of these screens."""
    action, subject = pressed_button(callback.data)
    if action == "bahasa" and subject in LANGUAGES:
        await visit.speak(subject)
        visit.show(_("From now on in English."))
        await turn.go_on(visit, events.Resumed())
    elif action == "daftar":
        visit.lay_aside()
        await turn.hold(visit, "registration", events.Started())
