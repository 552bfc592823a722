"""What a finished registration form means: it is stored, joins the queue, and the people concerned are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conversations import identity, offer
from conversations.flow import Answers, Context
from conversations.kinds.picking import OTHER
from conversations.replies import Finished
from conversations.rules import occupations
from conversations.rules.nik import NikWarning
from conversations.words import Value, _, paragraphs
from handlers import news, notices
from handlers.programmes import drive
from handlers.turn import ending
from handlers.visit import Visit
from storage import programmes, registrations
from storage.registrations import AlreadyYoursError, Application, Registration

UNDECIDED = "undecided"  # tier and payer of somebody whom an officer looks at first


@ending("registration")
async def registered(visit: Visit, result: Finished) -> None:
    """Act on the outcome of a new registration. Only "done" stores anything."""
    if not await stopped(visit, result):
        await _submit(visit, result.answers)


async def stopped(visit: Visit, result: Finished) -> bool:
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
            await notices.list_all(visit)
        case _:
            return False
    return True


def application(visit: Visit, answers: Answers, *, neighbour: bool = False) -> Application:
    """Return the application that the answers make, one's own or a `neighbour`'s; all answers stand in its document."""
    village: Any = answers["village"]
    occupation: Any = answers["occupation"]
    unmatched = occupations.key(str(occupation["words"])) if occupation["code"] == OTHER else ""
    phone = answers.get("phone")
    context = visit.context()
    born = identity.born(answers, context)
    chosen: Any = answers.get("programme")
    paid = chosen if isinstance(chosen, dict) else {}  # a programme says who pays for what
    return Application(
        person=None if neighbour else visit.id,
        registered_by=visit.id,
        area=village["code"],
        occupation=occupation["code"],
        transport=offer.in_transport(answers),
        tier=str(paid.get("tier") or answers.get("tier", UNDECIDED)),
        payer=str(paid.get("payer") or answers.get("payer", UNDECIDED)),
        programme=paid.get("code"),
        language=visit.words.language,
        document={**answers, **_vouched(visit, answers), "birth_date": None if born is None else born.isoformat()},
        nik=str(answers["nik"]),
        phone=phone if isinstance(phone, str) else None,
        hints=hints(answers, context),
        unmatched=unmatched or None,
        claim="attested" if neighbour else "own",
    )


def _vouched(visit: Visit, answers: Answers) -> dict[str, Any]:
    """Return how a neighbour's consent was given, with the one who says so: the first to do it stays named."""
    proof = answers.get("consent_how")
    return {"consent_how": {"by": visit.id, **proof}} if isinstance(proof, dict) else {}


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


async def enter(visit: Visit, form: Application) -> Registration:
    """Store a new application, whoever entered it and however; raises AlreadyYoursError.

    A programme that was closed while the form was open is left out: the officer may put the person under another.
    Whoever pays alone counts for the drive of the place, where there is one.
    """
    found = None if form.programme is None else await programmes.get(visit.tx, form.programme)
    if found is None or found.state != programmes.OPEN or found.owner not in {None, visit.id}:
        payer = str(form.document.get("payer", UNDECIDED))
        form = replace(form, programme=None, payer=payer)
        form = replace(form, programme=await drive(visit, form))
    return await registrations.submit(visit.tx, form, visit.now)


async def _submit(visit: Visit, answers: Answers) -> None:
    try:
        registration = await enter(visit, application(visit, answers))
    except AlreadyYoursError:
        await notices.list_all(visit)
        return
    visit.show(sent(registration))
    text, keys = await notices.status(visit, registration)
    visit.say(text, keys, slot=notices.slot(registration.number), fresh=True)
    await notices.call_sponsors(visit, registration.area)
    await news.offer(visit)


def sent(registration: Registration, name: str | None = None) -> Value:
    """Return the words by which the number of a new registration is told: one's own, or that of somebody named."""
    number = _("✅ <b>Sent.</b> Your registration number is <b>{number}</b>.", number=registration.number)
    if name is not None:
        number = _("✅ <b>Sent.</b> The number for {name} is <b>{number}</b>.", name=name, number=registration.number)
    if registration.duplicate_of is None:
        return number
    # Whose, where and in which state is nobody's business here; the reviewer sees both.
    return paragraphs(number, _("This NIK has been proposed before. The officer will look at it and tell you."))
