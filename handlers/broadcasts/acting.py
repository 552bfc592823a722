"""The buttons under broadcasts and reminders: each says what its reader did with the message, and does it.

A button carries the number of a recipient's row, which only that recipient can act on. Nobody is told to pay what a
programme pays, and nobody is called covered because they say that they have paid.
"""

from __future__ import annotations

import re

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations.words import Value, _, paragraphs
from handlers import cards, menu, news, notices, own, payers
from handlers.visit import Visit, pressed_button, pressed_on
from storage import broadcasts, programmes, registrations
from storage.broadcasts import Recipient
from storage.registrations import Registration

router = Router(name="acting")

NUMBER = re.compile(r"[0-9]{1,18}")
ACTIONS = frozenset({"resume", "where", "paid", "right", "changed", "stop"})


@router.callback_query(pressed_on("siar"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Note what the person did with a message of theirs, and do it; the message stays as it is."""
    action, subject = pressed_button(callback.data)
    known = action in ACTIONS and NUMBER.fullmatch(subject)
    noted = "where" if action == "paid" else action  # who has nothing to pay has not paid
    recipient = await broadcasts.act(visit.tx, int(subject), visit.id, noted, visit.now) if known else None
    if recipient is None:
        visit.refuse("siar", _("This button belongs to a message to somebody else."))
        return
    visit.leave()
    match action:
        case "resume":
            await menu.register(visit, None)
        case "where":
            visit.say(await _where(visit, await _about(visit, recipient)))
        case "paid":
            visit.say(await _paid(visit, recipient))
        case "right":
            visit.say(_("Thank you. It stays as it is. Whenever something changes: /data."))
        case "changed":
            await _changed(visit, await _about(visit, recipient))
        case "stop":
            await news.stop_by_button(visit)


async def _about(visit: Visit, recipient: Recipient) -> Registration | None:
    """Return the registration a message was about, where it is still this person's own."""
    found = None if recipient.registration is None else await registrations.get(visit.tx, recipient.registration)
    return found if found is not None and found.person == visit.id else None


async def _where(visit: Visit, registration: Registration | None) -> Value:
    """Say where to pay to who pays alone, and to everybody else that somebody pays for them."""
    if registration is None:
        return paragraphs(notices.WHERE_TO_PAY, _("How your registration stands: /status."))
    if (others := await _others_pay(visit, registration)) is not None:
        return others
    return paragraphs(notices.WHERE_TO_PAY, notices.NOT_YET if registration.state in notices.UNCOVERED else "")


async def _others_pay(visit: Visit, registration: Registration) -> Value | None:
    """Say to who does not pay alone that there is nothing to pay; None for who does."""
    match payers.of(registration, await payers.known(visit.tx)):
        case "self":
            return None
        case "unknown":
            return _(
                "Who pays for you is not settled yet, so there is nothing to pay now. /status shows how it stands."
            )
        case _:
            programme = await programmes.get(visit.tx, registration.programme or "")
            name = "…" if programme is None else programme.name
            return _("You have nothing to pay: {programme} pays for you.", programme=name)


async def _paid(visit: Visit, recipient: Recipient) -> Value:
    """Thank who pays alone, and note it; say to everybody else that nothing has to be paid."""
    registration = await _about(visit, recipient)
    if registration is not None and (others := await _others_pay(visit, registration)) is not None:
        return others
    await broadcasts.act(visit.tx, recipient.id, visit.id, "paid", visit.now)
    return paragraphs(
        _("Thank you. I have noted that you have paid."),
        _("Please keep the receipt. /status changes once BPJS Ketenagakerjaan has told us; that can take some days."),
    )


async def _changed(visit: Visit, registration: Registration | None) -> None:
    """Show what is stored, with the ways to put it right; where it is at BPJS already, say who puts it right."""
    if registration is None or registration.document is None:
        visit.say(_("/data shows what is stored about you, and how to put it right."))
        return
    keys = own.data_keys(registration)
    asks = _(
        "It is at BPJS already. To have it changed there, please bring your KTP to {operator}, {contact}.",
        operator=visit.office.operator,
        contact=visit.office.contact,
    )
    shown = [_("What is stored: <b>{number}</b>", number=registration.number), await cards.answers(visit, registration)]
    visit.say(paragraphs(*shown, "" if keys else asks), keys)
