"""The deck: the queue one card at a time, oldest first, decided with buttons."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations.words import _
from handlers import rights
from handlers.review import card, decisions
from handlers.review.decisions import Verdict
from handlers.visit import Visit, pressed_button, pressed_on
from storage import registrations
from storage.registrations import Registration, Scope, State

router = Router(name="deck")

STRANGER = _("Only sponsors and admins see the queue. If you should be one, ask the operator for an invitation.")


@router.message(Command("antrean"))
async def queue(_message: Message, visit: Visit) -> None:
    """/antrean: the first card."""
    scope = await rights.scope_of(visit, visit.id)
    if not scope:
        visit.refuse("queue", STRANGER)
        return
    await visit.sign()
    await card.show_next(visit, scope)


@router.callback_query(pressed_on("queue"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of the queue, if this person may decide there."""
    action, subject = pressed_button(callback.data)
    number, _bar, stamp = subject.partition("|")
    scope = await rights.scope_of(visit, visit.id)
    if not scope:
        visit.refuse("queue", STRANGER)
        return
    if action == "open":
        await card.show_next(visit, scope)
        return
    registration = await seen(visit, scope, number)
    if registration is None:
        return
    match action:
        case "skip":
            await card.show_next(visit, scope, after=registration)
        case "show":
            await card.show_card(visit, registration, scope)
        case "undo":
            await decisions.undo(visit, registration, scope)
        case "approve" | "fix" | "reject":
            await _decide(visit, scope, registration, action, stamp)


async def seen(visit: Visit, scope: Scope, number: str) -> Registration | None:
    """Return a registration that this person may look at; otherwise say so."""
    registration = await registrations.get(visit.tx, number)
    if registration is not None and scope.sees(registration):
        return registration
    visit.refuse("queue", decisions.OUTSIDE)
    return None


async def _decide(visit: Visit, scope: Scope, registration: Registration, action: str, stamp: str) -> None:
    if registration.state not in {State.QUEUED, State.WITH_DEPARTMENT}:
        await decisions.show_decided(visit, registration)
    elif not scope.decides(registration):
        visit.refuse("queue", decisions.ELSEWHERE)
    elif action != "approve":
        await decisions.ask_reason(visit, registration, action)
    elif stamp != card.stamp(registration):
        visit.notify(_("The worker has corrected something since you opened this. Please look again."), alert=True)
        await card.show_card(visit, registration, scope)
    else:
        await decisions.decide(visit, registration, Verdict(State.APPROVED))
