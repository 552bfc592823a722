"""Programmes as the screens use them: which cover a place, what an approval costs, and who gets a place that is free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from conversations import paying
from conversations.rules import occupations
from conversations.rules.areas import within
from conversations.rules.prices import Tier
from conversations.rules.programmes import Applicant, Programme, Terms
from handlers import notices, rights
from handlers.rounds import always
from handlers.visit import Visit
from storage import programmes, registrations
from storage.registrations import Application, Cost, Registration


def read(stored: programmes.Programme) -> Programme:
    """Return a stored programme as conversations know it."""
    return Programme(
        code=stored.code,
        name=stored.name,
        payer=stored.payer,
        area=stored.area,
        tier=Tier(stored.tier),
        months=stored.months,
        first_month=stored.first_month,
        last_month=stored.last_month,
        terms=Terms.read(stored.terms),
    )


async def covering(visit: Visit, area: str) -> list[Programme]:
    """Return the open programmes in whose area this place lies; those of private sponsors only with their consent."""
    known = [read(one) for one in await programmes.all_(visit.tx, state=programmes.OPEN) if one.owner is None]
    return [one for one in known if within(area, one.area) and one.cost(visit.today, transport=False) is not None]


async def of(visit: Visit, them: Iterable[Registration]) -> dict[str, Programme]:
    """Return the programmes that these registrations are under, by code."""
    codes = {one.programme for one in them if one.programme is not None}
    found = [await programmes.get(visit.tx, code) for code in sorted(codes)]
    return {one.code: read(one) for one in found if one is not None}


def applicant(visit: Visit, registration: Registration) -> Applicant:
    """Return what matters of a registration to a programme's rules; for own words of work no list of work has room."""
    known = paying.applicant(registration.document or {}, visit.context())
    return replace(known, area=registration.area, occupation=registration.occupation)


async def department(visit: Visit, registration: Registration) -> str | None:
    """Return the department that looks at a registration after the village; None when the village's yes is enough."""
    found = (await of(visit, [registration])).get(registration.programme or "")
    trade = occupations.get(registration.occupation)
    return None if found is None else found.department(registration.occupation, trade.department if trade else "")


async def paid(visit: Visit, registration: Registration) -> dict[str, Any]:
    """Return who pays for what, as answers, as the registration says now: others may have put it under a programme."""
    found = (await of(visit, [registration])).get(registration.programme or "")
    now: dict[str, Any] = {"programme": paying.NONE if found is None else paying.answer(found)}
    if found is not None:
        now["payer"] = "self" if found.payer == "self" else "sponsor"
    elif registration.payer in {"self", "sponsor", "unknown"}:
        now["payer"] = registration.payer
    return now | ({"tier": registration.tier} if registration.tier in {one.value for one in Tier} else {})


async def offered(visit: Visit, area: str, *, under: Registration | None = None) -> list[Programme]:
    """Return the programmes that may be chosen for a place: the public ones, one's own, and that of a registration.

    That of the registration `under` counts while it is open, or while the registration holds a place of it.
    """
    known = {one.code: one for one in await covering(visit, area)}
    mine = await pledged(visit)
    if under is not None and under.programme is not None:
        stored = await programmes.get(visit.tx, under.programme)
        held = await registrations.held(visit.tx, under.number) is not None
        mine += [read(stored)] if stored is not None and (held or stored.state == programmes.OPEN) else []
    return list((known | {one.code: one for one in mine if within(area, one.area)}).values())


async def for_others(visit: Visit, area: str) -> list[Programme]:
    """Return what this person may choose for others in a place: who helps there with nothing but money, their own."""
    found = await offered(visit, area)
    if await rights.may_register(visit, area):
        return found
    mine = {one.code for one in await pledged(visit)}
    return [one for one in found if one.code in mine]


async def pledged(visit: Visit) -> list[Programme]:
    """Return the open programmes in which this very person pays for others."""
    return [read(one) for one in await programmes.all_(visit.tx, state=programmes.OPEN, owner=visit.id)]


async def cost(visit: Visit, registration: Registration) -> Cost | None:
    """Return what approving a registration today takes of its programme; None without one, or when its time is over."""
    stored = None if registration.programme is None else await programmes.get(visit.tx, registration.programme)
    return None if stored is None else _cost(visit, read(stored), registration)


def _cost(visit: Visit, programme: Programme, who: Registration | None) -> Cost | None:
    """Return what one person takes of a programme today: `who`, or anybody."""
    document = {} if who is None else who.document or {}
    own = paying.months_chosen(document) if programme.payer == "self" else None
    found = programme.cost(visit.today, transport=who is not None and who.transport, own_months=own)
    return None if found is None else Cost(*found)


async def room(visit: Visit, stored: programmes.Programme, who: Registration | None = None) -> int | None:
    """Return how many more people a programme can pay for at today's price; None where nothing limits it.

    With `who`, it is asked for people as they are, in their village.
    """
    found = _cost(visit, read(stored), who)
    return 0 if found is None else await registrations.room(visit.tx, stored, found, None if who is None else who.area)


async def drive(visit: Visit, form: Application) -> str | None:
    """Return the drive that somebody who pays alone counts for: an open programme of the place that nobody else pays."""
    if form.payer != "self":
        return None
    who = Applicant(form.area, form.occupation)
    fitting = [
        one
        for one in await covering(visit, form.area)
        if one.payer == "self" and one.tier.value == form.tier and not one.unfit(who, visit.today)
    ]
    return fitting[0].code if fitting else None


async def promote(visit: Visit, code: str | None) -> None:
    """Give the free places of a programme to those who wait for them, and tell them."""
    stored = None if code is None else await programmes.get(visit.tx, code)
    if stored is None or stored.state != programmes.OPEN:
        return
    programme = read(stored)
    if programme.cost(visit.today, transport=False) is None:
        return

    def cost_of(registration: Registration) -> Cost:
        return _cost(visit, programme, registration) or Cost(0, 0, programme.last_month)

    for promoted in await registrations.promote(visit.tx, stored.code, cost_of, visit.now):
        await notices.tell(visit, promoted)


@always("promotion")
async def promote_all(visit: Visit) -> None:
    """Look at every waiting list: a new month or a long list may leave somebody for whom there is a place."""
    for code in await registrations.waited_for(visit.tx):
        await promote(visit, code)
