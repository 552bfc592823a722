"""Cover while it lasts: it ends by itself when nothing more is paid, and the worker answers for Dukcapil's data."""

from __future__ import annotations

from datetime import time

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations.words import _
from handlers import corrected, notices, rights
from handlers.rounds import always
from handlers.visit import Visit, pressed_button, pressed_on
from storage import registrations
from storage.registrations import MovedError

router = Router(name="cover")

AT_ONCE = 100  # of those whose cover ends, at one look at the clock: a whole programme may end on one day
MORNING, EVENING = time(7), time(20)  # between these, local time, somebody is told that cover has stopped


@always("lapse")
async def lapse(visit: Visit) -> None:
    """End the cover of whoever is paid until yesterday or before, and tell them by day."""
    if not MORNING <= visit.now.astimezone(visit.office.zone).time() < EVENING:
        return
    over = await registrations.overdue(visit.tx, visit.today, limit=AT_ONCE)
    await registrations.lock_all(visit.tx, [one.number for one in over])
    for one in over:
        try:
            await notices.tell(visit, await registrations.lapse(visit.tx, one.number, visit.today, now=visit.now))
        except MovedError:
            continue  # paid this moment


@router.callback_query(pressed_on("cover"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of somebody's own registration, or of one entered for them."""
    action, number = pressed_button(callback.data)
    registration = await registrations.get(visit.tx, number)
    if registration is None or visit.id not in notices.audience(registration):
        visit.refuse("cover", _("That is no registration of yours."))
        return
    match action:
        case "kpj" if registration.kpj is not None:
            visit.notify(_("KPJ number: {number}", number=registration.kpj), alert=True)
            visit.leave()
        case "mistyped" if corrected.is_correctable(registration) and await rights.looks_after(visit, registration):
            visit.lay_aside()
            await corrected.reopen(visit, registration, "nik")
        case "renewed":
            await _renewed(visit, number)
        case _:
            visit.show(*await notices.status(visit, registration))


async def _renewed(visit: Visit, number: str) -> None:
    """Let it go to BPJS once more; the facilitator's button, or the worker's, then no longer does anything."""
    try:
        renewed = await registrations.renewed(visit.tx, number, actor=visit.id, now=visit.now)
    except MovedError as moved:
        visit.show(*await notices.status(visit, moved.registration))
        return
    visit.lay_aside()
    await notices.tell(visit, renewed)
