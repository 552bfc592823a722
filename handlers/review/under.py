"""Under which programme a waiting registration is: a reviewer may choose another one that fits, or none."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations.rules.programmes import Programme, why
from conversations.words import Lines, _, paragraphs
from handlers import programmes, rights
from handlers.review import card, decisions
from handlers.review.deck import STRANGER, seen
from handlers.visit import Key, Visit, button, pressed_button, pressed_on
from storage import registrations
from storage.registrations import MovedError, Registration, Scope, State

router = Router(name="under")

NONE = "-"  # in a button: under no programme


@router.callback_query(pressed_on("under"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Show the programmes of the place, or put a registration under one."""
    action, subject = pressed_button(callback.data)
    number, code = [*subject.split("|"), ""][:2]
    scope = await rights.scope_of(visit, visit.id)
    if not scope:
        visit.refuse("under", STRANGER)
        return
    registration = await seen(visit, scope, number)
    if registration is None:
        return
    if registration.state != State.QUEUED or not scope.decides(registration):
        visit.refuse("under", decisions.ELSEWHERE)
    elif visit.id in {registration.person, registration.registered_by}:
        visit.refuse("under", decisions.OWN)
    elif action == "show":
        await _show(visit, registration)
    elif action == "put":
        await _put(visit, scope, registration, code)


async def _show(visit: Visit, registration: Registration) -> None:
    """List the programmes here: those that fit as buttons, the others with their reason."""
    number, who = registration.number, programmes.applicant(visit, registration)
    there = await programmes.covering(visit, registration.area)
    fitting = [one for one in there if not one.unfit(who, visit.today)]
    unfit = [one for one in there if one not in fitting]
    lines = [_("✖️ {name}: {reason}", name=one.name, reason=why(one.unfit(who, visit.today)[0], one)) for one in unfit]
    keys = [
        [Key(_("🏷 {name}", name=one.name), button("under", "put", f"{number}|{one.code}"))]
        for one in fitting
        if one.code != registration.programme
    ]
    if registration.programme is not None:
        keys.append([Key(_("No programme"), button("under", "put", f"{number}|{NONE}"))])
    keys.append([Key(_("◀ Back"), button("queue", "show", number))])
    visit.show(
        paragraphs(
            _("<b>{number}</b>: under which programme? It keeps its place in the queue.", number=number), Lines(lines)
        ),
        keys,
    )


async def _put(visit: Visit, scope: Scope, registration: Registration, code: str) -> None:
    """Put it there, if it fits today; whoever said a first yes is asked again."""
    chosen: Programme | None = None
    if code != NONE:
        there = {one.code: one for one in await programmes.covering(visit, registration.area)}
        chosen = there.get(code)
        if chosen is None or chosen.unfit(programmes.applicant(visit, registration), visit.today):
            visit.notify(_("This programme does not fit any more."), alert=True)
            return
    try:
        moved = await registrations.put_under(
            visit.tx,
            registration.number,
            None if chosen is None else chosen.code,
            payer="unknown" if chosen is None else chosen.payer,
            tier=registration.tier if chosen is None else chosen.tier.value,
            actor=visit.id,
            now=visit.now,
        )
    except MovedError as gone:
        await decisions.show_decided(visit, gone.registration)
        return
    await card.show_card(visit, moved, scope)
