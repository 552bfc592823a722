"""Invitations: an admin makes a one-use link, a sponsor opens it."""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from conversations import events
from conversations.replies import Finished
from conversations.words import _, paragraphs
from handlers import rights, turn
from handlers.commands import staff_commands
from handlers.visit import Key, Visit, button
from storage import roles

router = Router(name="invite")

PREFIX = "i-"  # of the start payload that carries an invitation


@router.message(Command("undang"))
async def invite(_message: Message, visit: Visit) -> None:
    """/undang: ask for the place of the invitation."""
    if not await rights.is_admin(visit):
        visit.say(_("Only admins invite sponsors."))
        return
    await visit.sign()
    await turn.begin(visit, "invitation", events.Started())


@turn.ending("invitation")
async def invited(visit: Visit, result: Finished) -> None:
    """Make the link; the right to do so is asked again."""
    if not await rights.is_admin(visit):
        visit.show(_("Only admins invite sponsors."))
        return
    place: Any = result.answers.get("village") or result.answers["district"]
    token = await roles.invite(visit.tx, "sponsor", place["code"], visit.id, visit.now)
    visit.show(
        paragraphs(
            _(
                "Invitation for the sponsor of <b>{place}</b>. It works once, for 7 days. Please forward the next message to "
                "that person only.",
                place=visit.office.areas.describe(place["code"]),
            )
        )
    )
    visit.say(
        _(
            "{operator} invites you to look after the registrations of {place}. Please open: {link}",
            operator=visit.office.operator,
            place=visit.office.areas.describe(place["code"]),
            link=visit.office.link(PREFIX + token),
        )
    )


async def accept(visit: Visit, token: str) -> None:
    """Take an invitation up. A wrong, used or expired one gives the same sentence, so that guessing tells nothing."""
    role = await roles.accept(visit.tx, token, visit.id, visit.now)
    if role is None:
        visit.say(_("This invitation is not valid, or no longer. Please ask for a new one."))
        return
    await visit.sign()
    visit.say(
        paragraphs(
            _("Welcome. You are now the sponsor of <b>{place}</b>.", place=visit.office.areas.describe(role.area)),
            _("You see who has registered there and decide: /antrean. You are told when somebody waits."),
            _("Please keep what you see here to yourself."),
        ),
        [[Key(_("Open the queue"), button("queue", "open"))]],
    )
    visit.letters.append(staff_commands(visit.id, visit.words, admin=False))
