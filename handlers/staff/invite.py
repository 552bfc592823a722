"""Invitations: somebody who may do so makes a one-use link, and whoever it is for opens it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from conversations import events, invitation
from conversations.claim import TRIES_A_DAY, too_often
from conversations.replies import Finished
from conversations.words import Value, _, paragraphs
from handlers import rights, turn
from handlers.commands import greeting, staff_commands
from handlers.visit import Key, Visit, button
from storage import people, roles

router = Router(name="invite")

PREFIX = "i-"  # of the start payload that carries an invitation
INVALID = _("This invitation is not valid, or no longer. Please ask for a new one.")
NOT_YOURS = _("Only admins invite here, and sponsors of a village the facilitators of their own village.")


@router.message(Command("undang"))
async def invite(_message: Message, visit: Visit) -> None:
    """/undang: ask who is to be what, and where."""
    offer = await rights.offer(visit)
    if not offer.roles:
        visit.refuse("invite", NOT_YOURS)
        return
    await visit.sign()
    known: dict[str, events.Json] = {}
    if len(offer.roles) == 1:
        known["role"] = offer.roles[0]
    if len(offer.places) == 1:
        known["place"] = offer.places[0]
    facts: dict[str, events.Json] = {"roles": [*offer.roles], "places": [*offer.places]}
    await turn.begin(visit, "invitation", events.Started(known, facts))


@turn.ending("invitation")
async def invited(visit: Visit, result: Finished) -> None:
    """Make the link; the right to do so is asked again."""
    answers, context = result.answers, replace(visit.context(), facts=result.facts)
    role, area = str(answers["role"]), invitation.place(answers, context)
    if not await rights.may_invite(visit, visit.id, role, area):
        visit.refuse("invite", NOT_YOURS)
        return
    department = invitation.department(answers)
    token = await roles.invite(visit.tx, role, area, visit.id, visit.now, department=department)
    name, place = invitation.role_name(role, department), visit.office.areas.describe(area)
    link = visit.office.link(PREFIX + token)
    visit.show(
        _(
            "Invitation: <b>{role}</b>, {place}. It works once, for 7 days. Please forward the next message to that "
            "person only, or let the picture be scanned.",
            role=name,
            place=place,
        )
    )
    asks = _("{operator} invites you: {role}, {place}.", operator=visit.office.operator, role=name, place=place)
    visit.say(paragraphs(asks, _("Please open: {link}", link=link)))
    post_code(visit, link, _("Invitation"), [asks, _("It works once, for 7 days.")])


def post_code(visit: Visit, link: str, title: Value, lines: Iterable[Value]) -> None:
    """Send a link as a picture to scan or print; it is drawn for this person and kept nowhere."""
    facts = {
        "link": link,
        "title": visit.words.plain(title),
        "lines": "\n".join(visit.words.plain(line) for line in lines),
        "operator": visit.office.operator,
    }
    photo = {"draw": "qr", "facts": facts, "language": visit.words.language, "once": True}
    visit.post("sendPhoto", {"chat_id": visit.id, "photo": photo, "caption": visit.words(title), "parse_mode": "HTML"})


def tried_too_often(visit: Visit) -> bool:
    """Tell whether somebody has used up today's tries at links, and say so to them.

    A link holds 192 bits of chance, so that nobody guesses one; this keeps guessing from being work for the database.
    """
    if visit.context().link_tries < TRIES_A_DAY:
        return False
    visit.refuse("link", too_often(visit.office.contact))
    return True


async def accept(visit: Visit, token: str) -> None:
    """Take an invitation up. A wrong, used or expired one gives the same sentence, so that guessing tells nothing.

    One whose inviter may no longer invite is void too.
    """
    if tried_too_often(visit):
        return
    found = await roles.invitation(visit.tx, token)
    if found is None:
        await people.count_link_try(visit.tx, visit.id, visit.today)
        visit.refuse("invitation", INVALID)
        return
    if found.created_by == visit.id:
        visit.say(_("This is your own invitation. Please forward it to the person it is for."))
        return
    still = await rights.may_invite(visit, found.created_by, found.role, found.area)
    role = await roles.accept(visit.tx, token, visit.id, visit.now) if still else None
    if role is None:
        visit.refuse("invitation", INVALID)
        return
    await visit.sign()
    held = await rights.held(visit)
    visit.say(
        paragraphs(
            _(
                "Welcome. You are now: <b>{role}</b>, {place}.",
                role=invitation.role_name(role.role, role.department),
                place=visit.office.areas.describe(role.area),
            ),
            greeting([role.role]),
            _("Please keep what you see here to yourself."),
        ),
        [[Key(_("Open the queue"), button("queue", "open"))]] if role.role != "facilitator" else [],
    )
    visit.letters.append(staff_commands(visit.id, visit.words, held))
