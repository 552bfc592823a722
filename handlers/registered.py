"""What a finished registration form means: it is stored, joins the queue, and the people concerned are told."""

from __future__ import annotations

from typing import Any

from conversations import identity, offer
from conversations.flow import Answers, Context
from conversations.replies import Finished
from conversations.rules.nik import NikWarning
from conversations.words import _, paragraphs
from handlers import notices, own
from handlers.turn import ending
from handlers.visit import Visit
from storage import registrations
from storage.registrations import AlreadyYoursError, Application

UNDECIDED = "undecided"  # tier and payer of somebody whom an officer looks at first


@ending("registration")
async def registered(visit: Visit, result: Finished) -> None:
    """Act on the outcome of a new registration. Only "done" stores anything."""
    if not await _stopped(visit, result):
        await _submit(visit, result.answers)


@ending("correction")
async def corrected(visit: Visit, result: Finished) -> None:
    """Act on the outcome of a correction; whatever else happens, the registration stays as it was."""
    if result.outcome == "done":
        await _correct(visit, str(result.facts["correcting"]), result.answers)
    elif result.outcome == "already":
        await own.list_all(visit)
    else:
        visit.show(_("The registration stays as it was. It can be withdrawn with /data."))


async def _stopped(visit: Visit, result: Finished) -> bool:
    """Say goodbye where the form ended early, and tell whether it did."""
    match result.outcome:
        case "declined":
            visit.show(_("That is all right. Nothing was stored. If you change your mind: /daftar."))
        case "too_young" | "too_old":
            visit.show(
                _(
                    "Thank you. Nothing was stored. Please ask {operator}, {contact}.",
                    operator=visit.office.operator,
                    contact=visit.office.contact,
                )
            )
        case "already":
            await own.list_all(visit)
        case _:
            return False
    return True


def application(visit: Visit, answers: Answers) -> Application:
    """Return the application that the answers make; everything asked stands in its document."""
    village: Any = answers["village"]
    occupation: Any = answers["occupation"]
    phone = answers.get("phone")
    context = visit.context()
    born = identity.born(answers, context)
    return Application(
        person=visit.id,
        registered_by=visit.id,
        area=village["code"],
        occupation=occupation["code"],
        transport=offer.in_transport(answers),
        tier=str(answers.get("tier", UNDECIDED)),
        payer=str(answers.get("payer", UNDECIDED)),
        programme=None,
        language=visit.words.language,
        document={**answers, "birth_date": None if born is None else born.isoformat()},
        nik=str(answers["nik"]),
        phone=phone if isinstance(phone, str) else None,
        hints=hints(answers, context),
    )


def hints(answers: Answers, context: Context) -> tuple[str, ...]:
    """Return what a reviewer should look at first, as codes without personal data."""
    reading = identity.read_nik(answers, context)
    warnings = set(reading.warnings) if reading is not None else set()
    village: Any = answers["village"]
    found = {
        "odd_date": identity.asks_birthday(answers, context),
        "family_card": NikWarning.MAYBE_FAMILY_CARD in warnings,
        "unknown_code": bool({NikWarning.UNKNOWN_REGENCY, NikWarning.UNKNOWN_DISTRICT} & warnings),
        "outside_area": village["code"] == context.area and bool(village["words"]),
        "employer": answers.get("employer") == "yes",
        "employer_unsure": answers.get("employer") == "unsure",
    }
    return tuple(code for code, holds in found.items() if holds)


async def _submit(visit: Visit, answers: Answers) -> None:
    form = application(visit, answers)
    try:
        registration = await registrations.submit(visit.tx, form, visit.now)
    except AlreadyYoursError:
        await own.list_all(visit)
        return
    sent = _("✅ <b>Sent.</b> Your registration number is <b>{number}</b>.", number=registration.number)
    if registration.duplicate_of is None:
        visit.show(sent)
    else:
        # Whose, where and in which state is nobody's business here; the reviewer sees both.
        officer = _("This NIK has been proposed before. The officer will look at it and tell you.")
        visit.show(paragraphs(sent, officer))
    text, keys = await notices.status(visit, registration)
    visit.say(text, keys, slot=notices.slot(registration.number), fresh=True)
    await notices.call_sponsors(visit, registration.area)


async def _correct(visit: Visit, number: str, answers: Answers) -> None:
    registration = await registrations.get(visit.tx, number)
    if registration is None or registration.person != visit.id or registration.state not in own.CORRECTABLE:
        visit.show(_("This registration can no longer be changed here. /status shows how it stands."))
        return
    try:
        registration = await registrations.correct(
            visit.tx, number, application(visit, answers), actor=visit.id, now=visit.now
        )
    except AlreadyYoursError:
        await own.list_all(visit)
        return
    visit.show(_("✅ Thank you, it is corrected. You keep your place in the queue."))
    text, keys = await notices.status(visit, registration)
    visit.say(text, keys, slot=notices.slot(number), fresh=True)
    await notices.call_sponsors(visit, registration.area)
