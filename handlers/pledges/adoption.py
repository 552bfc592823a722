"""A sponsor offers to pay for somebody who waits in the queue; that person says yes or no, and the village decides.

The sponsor learns no name before the yes: work, age and district, and where fewer than five wait not even those.
"""

from __future__ import annotations

from datetime import date, time

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations.rules import names, occupations
from conversations.rules.areas import Level
from conversations.words import Lines, Text, Value, _, paragraphs
from handlers import notices, pledges, rights
from handlers.programmes import applicant, read
from handlers.rounds import daily
from handlers.visit import Key, Visit, button, pressed_button, pressed_on
from storage import offers, programmes, registrations
from storage.offers import Offer, OfferedError
from storage.programmes import OPEN, Programme
from storage.registrations import MovedError, Registration, State

router = Router(name="adopt")

FEW = 5  # of fewer people nothing is told: in a village everybody knows who is meant
SHOWN = 8
BANDS = (18, 30, 45, 60)  # years at which an age band begins
PACKAGES: dict[str, Text] = {"basic": _("accident and death"), "with_jht": _("accident, death and old-age savings")}
OVER = _("This offer no longer holds.")


@router.callback_query(pressed_on("adopt"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button: the sponsor's on the list, or the worker's answer."""
    action, subject = pressed_button(callback.data)
    if action in {"yes", "no"}:
        await _answer(visit, subject, agreed=action == "yes")
        return
    code, _bar, number = subject.partition("|")
    programme = await rights.pledged(visit, code)
    if programme is None:
        visit.refuse("adoption", pledges.NOT_YOURS)
    elif not await pledges.room(visit, programme):
        visit.notify(_("All places of this pledge are taken or offered."), alert=True)
    elif action == "list":
        await _list(visit, programme)
    elif action == "offer":
        await _offer(visit, programme, number)


async def _candidates(visit: Visit, programme: Programme) -> list[Registration]:
    """Return who may be offered this pledge, longest waiting first."""
    waiting = await offers.adoptable(visit.tx, programme.area, but=visit.id)
    return [one for one in waiting if not read(programme).unfit(applicant(visit, one), visit.today)]


async def _list(visit: Visit, programme: Programme) -> None:
    found = await _candidates(visit, programme)
    back = [Key(_("⬅️ Back"), button("pledge", "open", programme.code))]
    if not found:
        visit.show(_("Nobody waits there for somebody to pay."), [back])
    elif len(found) < FEW:
        longest = Key(_("🤝 Offer it to who waits longest"), button("adopt", "offer", f"{programme.code}|first"))
        visit.show(_("Fewer than five wait there, so nothing is told about them."), [[longest], back])
    else:
        head = _(
            "{count} people wait there. <b>For whom do you want to pay?</b> Who agrees, you learn by name.",
            count=len(found),
        )
        keys = [
            [Key(_described(visit, one), button("adopt", "offer", f"{programme.code}|{one.number}"))]
            for one in found[:SHOWN]
        ]
        visit.show(head, [*keys, back])


def _described(visit: Visit, registration: Registration) -> Value:
    """Describe somebody without saying who it is: work, age band, district."""
    job = occupations.get(registration.occupation)
    district = ".".join(registration.area.split(".")[: Level.DISTRICT])
    age = applicant(visit, registration).age
    known = visit.office.areas.known(district)
    return Lines(
        [
            _("other work") if job is None else job.label,
            "" if age is None else _band(age),
            visit.office.areas.name(district) if known else "",
        ],
        ", ",
    )


def _band(age: int) -> Value:
    begins = max((band for band in BANDS if band <= age), default=BANDS[0])
    ends = min((band for band in BANDS if band > age), default=65)
    return _("{youngest}–{oldest} years", youngest=begins, oldest=ends - 1)


async def _offer(visit: Visit, programme: Programme, number: str) -> None:
    """Make the offer to one of those who are listed; of few, to who waits longest."""
    found = await _candidates(visit, programme)
    chosen = found[:1] if len(found) < FEW else [one for one in found if one.number == number]
    if not chosen:
        visit.notify(_("This person no longer waits for that. Please look at the list again."), alert=True)
        return
    try:
        made = await offers.make(visit.tx, chosen[0].number, programme.code, visit.now)
    except OfferedError:
        visit.notify(_("Somebody else has just made an offer. Please choose another."), alert=True)
        return
    await _ask(visit, chosen[0], programme, made)
    visit.show(
        _("The offer is on its way. You are told as soon as it is answered, within seven days."),
        [[Key(_("⬅️ Back"), button("pledge", "open", programme.code))]],
    )


async def _ask(visit: Visit, registration: Registration, programme: Programme, offer: Offer) -> None:
    """Ask the worker; who has no Telegram is asked by whoever registered them."""
    name = str((registration.document or {}).get("name") or "…")
    asked_by_other = registration.person is None
    text = paragraphs(
        _("Please ask {name} ({number}):", name=names.mask(name), number=registration.number) if asked_by_other else "",
        _(
            "🤝 <b>{payer}</b> offers to pay the contribution: {package}, {months} months, directly to BPJS.",
            payer=programme.name,
            package=PACKAGES[programme.tier],
            months=programme.months,
        ),
        _(
            "After a yes, {payer} sees number, first name and state. The payer's name is as they wrote it.",
            payer=programme.name,
        ),
        _("The officer of the village still decides. Never give money, OTP or PIN to anyone for it."),
        _("<b>Do you agree?</b> Until {day}.", day=_day(visit, offer)),
    )
    keys = [
        [Key(_("✅ Yes, I agree"), button("adopt", "yes", str(offer.id)))],
        [Key(_("No, thank you"), button("adopt", "no", str(offer.id)))],
    ]
    await visit.write_to([_answerer(registration)], text, keys, slot=f"offer:{offer.id}")


def _day(visit: Visit, offer: Offer) -> date:
    return offer.expires_at.astimezone(visit.office.zone).date()


def _answerer(registration: Registration) -> int:
    """Return who answers for a registration: its owner, or else whoever entered it and can ask the worker."""
    return registration.registered_by if registration.person is None else registration.person


async def _answer(visit: Visit, subject: str, *, agreed: bool) -> None:
    """Take the worker's answer; that of anybody else, or of an offer that is over, changes nothing."""
    offer = (
        await offers.get(visit.tx, int(subject)) if subject.isdecimal() and len(subject) <= len(str(2**31)) else None
    )
    registration = None if offer is None else await registrations.get(visit.tx, offer.registration)
    programme = None if offer is None else await programmes.get(visit.tx, offer.programme)
    if offer is None or registration is None or programme is None or _answerer(registration) != visit.id:
        visit.refuse("answer to an offer", OVER)
        return
    holds = programme.state == OPEN and offer.expires_at > visit.now
    free = registration.state is State.QUEUED and registration.programme is None
    if offer.answer is not None or not holds or not free:
        await offers.answer(visit.tx, offer.id, "void", visit.id, visit.now)
        visit.show(OVER)
        return
    if agreed:
        await _agree(visit, offer, registration, programme)
    else:
        await offers.answer(visit.tx, offer.id, "no", visit.id, visit.now)
        visit.show(_("All right. The registration stays as it was, and keeps its place in the queue."))
        await _tell_sponsor(visit, programme, _("Your offer was declined. You may choose somebody else."))


async def _agree(visit: Visit, offer: Offer, registration: Registration, programme: Programme) -> None:
    try:
        adopted = await registrations.put_under(
            visit.tx,
            registration.number,
            programme.code,
            payer=programme.payer,
            tier=programme.tier,
            actor=visit.id,
            now=visit.now,
        )
    except MovedError:
        visit.show(OVER)
        return
    await offers.answer(visit.tx, offer.id, "yes", visit.id, visit.now)
    visit.show(_("✅ Thank you. {payer} is told. The officer of the village decides next.", payer=programme.name))
    await notices.tell(visit, adopted)
    name = names.mask(str((adopted.document or {}).get("name") or "…"))
    agreed = _(
        "✅ {name} ({number}) agreed. The officer of the village decides next.", name=name, number=adopted.number
    )
    await _tell_sponsor(visit, programme, agreed)


async def _tell_sponsor(visit: Visit, programme: Programme, text: Value) -> None:
    if programme.owner is not None:
        key = Key(_("Look at the pledge"), button("pledge", "open", programme.code))
        await visit.write_to([programme.owner], text, [[key]])


@daily("offers", at=time(7))
async def expire(visit: Visit) -> None:
    """End the offers that nobody answered, and tell who made them."""
    for offer in await offers.expired(visit.tx, visit.now):
        programme = await programmes.get(visit.tx, offer.programme)
        if await offers.answer(visit.tx, offer.id, "expired", None, visit.now) and programme is not None:
            await _tell_sponsor(
                visit, programme, _("An offer was not answered within seven days. You may choose somebody else.")
            )
