"""Claims: a link for somebody who was registered by another, and what they say when they open it."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations import events
from conversations.events import Json
from conversations.replies import Finished
from conversations.rules import names
from conversations.words import Lines, _, paragraphs
from handlers import corrected, news, notices, programmes, rights, turn
from handlers.staff import invite
from handlers.visit import Visit, pressed_button, pressed_on
from storage import claims, people, registrations
from storage import programmes as stored_programmes
from storage.registrations import MovedError, Registration, State

router = Router(name="claims")

PREFIX = "c-"  # of the start payload that carries a claim
INVALID = _("This link is not valid, or no longer. Please ask who registered you for a new one.")


@router.callback_query(pressed_on("claim"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Give who entered a registration the link for the one it is about."""
    action, number = pressed_button(callback.data)
    registration = await registrations.get(visit.tx, number)
    mine = registration is not None and await rights.looks_after(visit, registration)
    if action != "link" or registration is None or not mine:
        visit.refuse("claim", _("That is no registration of yours."))
    elif not _open(registration):
        visit.notify(_("No link is needed: its owner has taken it over, or it is closed."), alert=True)
    else:
        await _give(visit, registration)


def _open(registration: Registration) -> bool:
    """Tell whether somebody may still claim a registration."""
    whole = registration.erased_at is None  # nothing is left to look at, nor to prove oneself by
    return whole and registration.claim == registrations.ATTESTED and registration.state in registrations.OPEN


async def _give(visit: Visit, registration: Registration) -> None:
    """Make a link, as a message to forward and as a picture to show or print."""
    await visit.sign()
    link = visit.office.link(PREFIX + await claims.offer(visit.tx, registration.number, visit.id, visit.now))
    visit.leave()
    visit.say(
        _(
            "Link for <b>{name}</b>, registration {number}. It works once, for 7 days; an earlier one has ended. "
            "Please forward the next message to that person only, or let the picture be scanned.",
            name=names.mask(_answer(registration, "name")),
            number=registration.number,
        )
    )
    asks = _(
        "{who} has registered you for BPJS Ketenagakerjaan with {operator}. Please look whether it is right.",
        who=visit.name,
        operator=visit.office.operator,
    )
    free = _("Registering is free. OTP, PIN or money is never asked.")
    visit.say(Lines([asks, _("Please open: {link}", link=link), free]))
    invite.post_code(visit, link, _("Is your registration right?"), [asks, free])


def _answer(registration: Registration, step: str) -> str:
    return str((registration.document or {}).get(step, ""))


async def open_link(visit: Visit, token: str) -> None:
    """Show what was entered to whoever opens the link; a wrong, used or expired one gives the same sentence."""
    if invite.tried_too_often(visit):
        return
    claim = await claims.find(visit.tx, token)
    if claim is None:
        await people.count_link_try(visit.tx, visit.id, visit.today)
        visit.refuse("claim", INVALID)
        return
    registration = await registrations.get(visit.tx, claim.registration)
    if registration is None or registration.person == visit.id:
        await notices.list_all(visit)
    elif visit.id == registration.registered_by:
        visit.say(
            _("This link is for the person you have registered. Please forward it, or let the picture be scanned.")
        )
    elif not claim.good(visit.now) or not _open(registration):
        visit.refuse("claim", INVALID)
    else:
        await turn.begin(visit, "claim", events.Started({}, await _facts(visit, claim.id, registration)))


async def _facts(visit: Visit, claim: int, registration: Registration) -> dict[str, Json]:
    """Return what the conversation is about; it stays in the sealed session and is shown masked."""
    document = registration.document or {}
    code = registration.programme
    programme = None if code is None else await stored_programmes.get(visit.tx, code)
    return {
        "claim": claim,
        "number": registration.number,
        "name": _answer(registration, "name"),
        "nik": _answer(registration, "nik"),
        "occupation": document.get("occupation"),
        "village": registration.area,
        "payer": registration.payer,
        "programme": None if programme is None else programme.name,
        "by": await people.name(visit.tx, registration.registered_by) or visit.office.operator,
    }


@turn.ending("claim")
async def answered(visit: Visit, result: Finished) -> None:
    """Act on what the worker said. Link and registration are looked at again: both may have changed meanwhile."""
    claim, number = result.facts.get("claim"), str(result.facts.get("number"))
    registration = await registrations.get(visit.tx, number)
    if result.outcome == "declined":
        visit.show(_("That is all right. Nothing was changed. The link still works if you change your mind."))
        return
    if not isinstance(claim, int) or registration is None or not _open(registration):
        visit.show(INVALID)
        return
    if (facts := await _facts(visit, claim, registration)) != result.facts:
        visit.lay_aside()
        visit.say(_("Something in it was changed since you opened it. Please look once more."))
        await turn.begin(visit, "claim", events.Started({}, facts))
        return
    answer = str(result.answers["answer"])
    if not await claims.use(visit.tx, claim, visit.id, answer, visit.now):
        visit.show(INVALID)
        return
    try:
        await (_deny(visit, registration) if answer == "never" else _take_over(visit, registration, result))
    except MovedError:
        visit.show(INVALID)


async def _take_over(visit: Visit, before: Registration, result: Finished) -> None:
    """Make the registration the worker's own, with the worker's own consent."""
    number, consent = before.number, result.answers["consent"]
    twin = await registrations.own_open(visit.tx, visit.id, _answer(before, "nik"))
    registration = await registrations.claimed(
        visit.tx,
        number,
        visit.id,
        consent=consent if isinstance(consent, dict) else {},
        language=visit.words.language,
        now=visit.now,
    )
    yours = _("✅ Thank you. Registration <b>{number}</b> is yours now: /status, /data.", number=number)
    double = (
        ""
        if twin is None
        else _(
            "You have another one with this NIK, <b>{number}</b>. Only one can be approved: please withdraw the one you do "
            "not need, with /data.",
            number=twin.number,
        )
    )
    visit.show(paragraphs(yours, double))
    entered = _("👤 <b>{number}</b>: its owner has taken it over.", number=number)
    await visit.write_to([before.registered_by], entered)
    if result.answers["answer"] == "fix" and registration.state in corrected.CORRECTABLE:
        await corrected.reopen(visit, registration, None)
        return
    if result.answers["answer"] == "fix":
        visit.say(
            _(
                "It is decided already, so it cannot be corrected here. Please tell {operator}, {contact}, what is wrong.",
                operator=visit.office.operator,
                contact=visit.office.contact,
            )
        )
    text, keys = await notices.status(visit, registration)
    visit.say(text, keys, slot=notices.slot(number), fresh=True)
    await news.offer(visit)
    await turn.go_on(visit, events.Resumed())


async def _deny(visit: Visit, before: Registration) -> None:
    """Stop what was never asked for, give its place to the next, and tell those who must know, without a name."""
    registration = await registrations.denied(visit.tx, before.number, visit.id, visit.now)
    stopped = registration.state is State.WITHDRAWN
    if stopped:
        visit.show(_("Thank you for saying so. The registration is stopped and its data are erased."))
        await notices.tell(visit, registration)
        await notices.move_up(visit, before.area)
        await programmes.promote(visit, before.programme)
    else:
        visit.show(
            _(
                "Thank you for saying so. BPJS Ketenagakerjaan has the data already, so it cannot be stopped here. "
                "{operator} is told and will look into it: {contact}.",
                operator=visit.office.operator,
                contact=visit.office.contact,
            )
        )
    await visit.write_to(
        [one for one in await rights.guardians(visit, before.area) if one != before.registered_by],
        Lines(
            [
                _(
                    "⚠️ <b>{number}</b>, {village}: the worker never asked to be registered. Entered by {who}.",
                    number=before.number,
                    village=visit.office.areas.describe(before.area),
                    who=await people.name(visit.tx, before.registered_by) or _("somebody unknown"),
                ),
                _("It is stopped, and its data are erased.")
                if stopped
                else _("BPJS has it already, so nothing was erased: please look into it."),
                _("Please talk to whoever entered it."),
            ]
        ),
    )
    await turn.go_on(visit, events.Resumed())
