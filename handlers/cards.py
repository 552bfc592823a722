"""A registration on a card: its answers, masked, and for a reviewer first what to look at."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.registration import FORM
from conversations.words import Lines, Text, Value, _, paragraphs
from handlers.visit import Key, Keys, Visit, button
from storage import registrations
from storage.registrations import Registration

HINTS: Mapping[str, Text] = {
    "duplicate": _("⚠️ The same NIK was proposed by somebody else"),
    "phone_shared": _("⚠️ This phone number is used by several people"),
    "odd_date": _("⚠️ The birth date differs from the NIK"),
    "family_card": _("⚠️ The NIK may be a family card's number"),
    "unknown_code": _("⚠️ The area code in the NIK is unknown"),
    "outside_area": _("⚠️ The village is outside this area"),
    "employer": _("⚠️ Already has cover through an employer: please check"),
    "employer_unsure": _("⚠️ Not sure about cover through an employer"),
}


async def card(visit: Visit, registration: Registration, count: int) -> tuple[Value, Keys]:
    """Return a reviewer's card: hints first, then the masked answers, then what can be done."""
    number = registration.number
    waited = max(0, round((visit.now - registration.queued_at).total_seconds() / 3600))
    head = _("<b>{number}</b> · waiting: {count} · since {hours} h", number=number, count=count, hours=waited)
    keys = [
        [Key(_("✅ Approve"), button("queue", "approve", f"{number}|{stamp(registration)}"))],
        [
            Key(_("✏️ Needs correction"), button("queue", "fix", number)),
            Key(_("✖️ Reject"), button("queue", "reject", number)),
        ],
        [Key(_("⏭ Skip"), button("queue", "skip", number))],
    ]
    codes = list(registration.hints)
    phone = (registration.document or {}).get("phone")
    if isinstance(phone, str) and await registrations.phone_users(visit.tx, phone) > 1:
        codes.append("phone_shared")
    return paragraphs(head, Lines([HINTS[code] for code in codes if code in HINTS]), answers(visit, registration)), keys


def stamp(registration: Registration) -> str:
    """Return when a registration last changed, in milliseconds: an approval is of what was read, not of what it became."""
    return str(round(registration.changed_at.timestamp() * 1000))


def answers(visit: Visit, registration: Registration) -> Value:
    """Return the labelled answers of a registration, NIK and phone masked."""
    context, document = visit.context(), registration.document or {}
    return Lines(
        [
            _("{label}: <b>{value}</b>", label=step.label, value=step.kind.shown(document[step.id], document, context))
            for step in FORM
            if step.label is not None and document.get(step.id) is not None
        ]
    )
