"""How a registration stands once the village has said yes, in words: at the department, waiting, covered, lapsed.

"Covered" is said on nothing but BPJS's own confirmation.
"""

from __future__ import annotations

from collections.abc import Mapping

from conversations.rules.benefits import benefits
from conversations.rules.prices import Tier
from conversations.rules.reminder import SELF
from conversations.words import Lines, Text, Value, _, paragraphs
from handlers import payers
from handlers.visit import Key, Visit, button
from storage import programmes, registrations
from storage.registrations import Registration, State

TOLD = ("treatment", "report", "death")  # benefits that a new member is told, by id

HANDED_OVER = _("📮 It has been handed over to BPJS Ketenagakerjaan. As soon as BPJS confirms it, you are told here.")

BRIEFLY: Mapping[State, Text] = {
    State.QUEUED: _("🕓 in the queue"),
    State.NEEDS_CORRECTION: _("✏️ to be put right"),
    State.WITH_DEPARTMENT: _("👍 with the department"),
    State.WAITING_LIST: _("⏳ on the waiting list"),
    State.APPROVED: _("✅ approved"),
    State.HANDED_OVER: _("📮 with BPJS"),
    State.NOT_MATCHED: _("🔎 not found at Dukcapil"),
    State.ACTIVE: _("🛡 protected"),
    State.LAPSED: _("⏸ cover stopped"),
    State.REJECTED: _("✖️ rejected"),
    State.WITHDRAWN: _("🗑 withdrawn"),
}


def covered(registration: Registration) -> Value:
    """Say from when the worker is covered, and what that means, in a few lines."""
    since = registration.cover_from
    until = registration.paid_until
    facts = {one.id: one for one in benefits(Tier.BASIC)}
    told = [line for name in TOLD for line in (facts[name].sentence, facts[name].waiting) if line is not None]
    return paragraphs(
        Lines(
            [
                _("🛡 BPJS has confirmed it: <b>covered since {day}</b>.", day=since) if since is not None else "",
                _("According to our records, the contribution is entered until {day}.", day=until)
                if until is not None
                else "",
            ]
        ),
        Lines([_("• {benefit}", benefit=one) for one in told]),
    )


def unmatched(registration: Registration) -> Value:
    """Say that Dukcapil's data did not match, and how the worker puts that right."""
    if registration.wanted is None:
        return _("🔎 Thank you. It goes to BPJS once more, with the next hand-over.")
    return Lines(
        [
            _("🔎 BPJS could not find this NIK in Dukcapil's data. Your place is kept."),
            _(
                "Please visit or call Dukcapil with KTP and KK, and ask for “konsolidasi NIK”. It can take up to 3 × 24 hours."
            ),
            _("When it is done, or when the NIK was mistyped, press a button below."),
        ]
    )


def unmatched_keys(registration: Registration) -> list[list[Key]]:
    """Return the buttons for somebody who has been at Dukcapil, and for whose NIK was mistyped."""
    if registration.wanted is None:
        return []
    return [
        [Key(_("✅ It has been updated"), button("cover", "renewed", registration.number))],
        [Key(_("✏️ The NIK was mistyped"), button("cover", "mistyped", registration.number))],
    ]


def covered_keys(registration: Registration) -> list[list[Key]]:
    """Return the button that shows the member's number, which does not stay in the chat."""
    return [[Key(_("🔢 My KPJ number"), button("cover", "kpj", registration.number))]]


async def lapsed(visit: Visit, registration: Registration) -> Value:
    """Say kindly that cover has stopped, and what can be done; nobody is told to pay what a programme pays."""
    day = registration.paid_until
    stopped = (
        _("⏸ Cover has stopped: according to our records, the contribution was entered until {day}.", day=day)
        if day is not None
        else _("⏸ Cover has stopped.")
    )
    programme = None if registration.programme is None else await programmes.get(visit.tx, registration.programme)
    if payers.of(registration, {} if programme is None else {programme.code: programme.payer}) == SELF:
        return Lines(
            [
                stopped,
                _("There is no fine. Paying again brings the cover back; up to 3 months can be paid afterwards."),
                _("Paid already? BPJS's record may take some days."),
            ]
        )
    return Lines(
        [
            stopped,
            _("You owe nothing."),
            _(
                "Whether {payer} goes on paying, you can ask {operator}, {contact}.",
                payer=_("the one who paid for you") if programme is None else programme.name,
                operator=visit.office.operator,
                contact=visit.office.contact,
            ),
        ]
    )


def approved(registration: Registration) -> Value:
    """Say who has approved it, and what comes next."""
    if registration.department is None:
        return _("✅ The sponsor of your village has approved it. Next, it goes to BPJS Ketenagakerjaan.")
    return _(
        "✅ The sponsor of your village and {department} have approved it. Next, it goes to BPJS Ketenagakerjaan.",
        department=registration.department,
    )


def with_department(registration: Registration) -> Value:
    """Say that the department looks at it next."""
    return _("👍 The village has said yes. Next, {department} looks at it.", department=registration.department or "…")


async def on_waiting_list(visit: Visit, registration: Registration) -> Value:
    """Say that there is no place just now, and which place on the waiting list it has."""
    programme = await programmes.get(visit.tx, registration.programme or "")
    return Lines(
        [
            _(
                "⏳ It is accepted, but {programme} has no place free just now. Your place on the waiting list: <b>{place}</b>.",
                programme="…" if programme is None else programme.name,
                place=await registrations.waiting_place(visit.tx, registration.number),
            ),
            _("Free places are given in that order, and I tell you. There is nothing to do."),
        ]
    )
