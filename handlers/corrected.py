"""Putting a registration right: the form is opened over its answers, by its owner or by whoever entered it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conversations import FLOWS, events
from conversations.flow import Answers
from conversations.replies import Finished
from conversations.words import Value, _, paragraphs
from handlers import notices, programmes, rights, turn
from handlers.registered import application
from handlers.visit import Visit
from storage import history, registrations
from storage.registrations import AlreadyYoursError, Registration, State

CORRECTABLE = {State.QUEUED, State.NEEDS_CORRECTION}


def is_correctable(registration: Registration) -> bool:
    """Tell whether something may be put right: while it waits, or when BPJS could not match the NIK."""
    unmatched = registration.state is State.NOT_MATCHED and registration.wanted == registrations.CONSOLIDATION
    return unmatched or registration.state in CORRECTABLE


async def reopen(visit: Visit, registration: Registration, wanted: str | None) -> None:
    """Open the form with everything answered but the one answer wanted, or at its summary."""
    answers: dict[str, Any] = {**(registration.document or {}), **await programmes.paid(visit, registration)}
    answers.pop("summary", None)
    if wanted is not None:
        answers.pop(wanted, None)
    if wanted not in {None, "village"}:  # another village has other programmes, and is looked at once more
        answers["summary"] = "send"  # nothing else is asked
    if wanted == "nik":
        answers.pop("nik_right", None)
    if wanted == "born":
        answers["nik_right"] = "differs"
    facts: dict[str, Any] = {"correcting": registration.number, "since": visit.now.isoformat()}
    flow = "correction" if registration.person == visit.id else "neighbour_fix"
    if flow == "neighbour_fix":
        facts["areas"] = await rights.places(visit)
    await turn.begin(visit, flow, events.Started(answers, facts))


@turn.ending("correction")
@turn.ending("neighbour_fix")
async def corrected(visit: Visit, result: Finished) -> None:
    """Act on the outcome of a correction; whatever else happens, the registration stays as it was."""
    registration = await registrations.get(visit.tx, str(result.facts["correcting"]))
    if registration is None or not await rights.looks_after(visit, registration):
        visit.show(_("That is no registration of yours."))
    elif result.outcome not in {"done", "already"}:
        visit.show(_("The registration stays as it was. It can be withdrawn with /data."))
    elif not is_correctable(registration):
        visit.show(_("This registration can no longer be changed here. /status shows how it stands."))
    elif result.outcome == "already":
        await notices.show(visit, str(result.facts.get("own_registration")))
    elif (first := await _first(visit, registration, str(result.facts.get("since")))) is not None:
        visit.show(paragraphs(first, (await notices.status(visit, registration))[0]))
    else:
        await _correct(visit, registration, result.answers)


async def _first(visit: Visit, registration: Registration, since: str) -> Value | None:
    """Tell who put it right while this form was open; None when nobody did."""
    for entry in await history.entries(visit.tx, registration.number):
        if entry.reason == "corrected" and entry.actor != visit.id and entry.at.isoformat() > since:
            return _by(registration, entry.actor)
    return None


def _by(registration: Registration, actor: int | None) -> Value:
    if actor == registration.person:
        return _("✅ It has been put right already, by the worker.")
    return _("✅ It has been put right already, by the one who registered it.")


async def _correct(visit: Visit, before: Registration, answers: Answers) -> None:
    form = application(visit, _with_the_rest(before, answers))
    if before.state is State.NOT_MATCHED and form.nik == (before.document or {}).get("nik"):
        visit.show(_("That is the same NIK as before. If it stands so on the KTP, only Dukcapil can put it right."))
        return
    if form.programme is None:
        form = replace(form, programme=await programmes.drive(visit, form))
    try:
        registration = await registrations.correct(visit.tx, before.number, form, actor=visit.id, now=visit.now)
    except AlreadyYoursError as already:
        await notices.show(visit, already.number)
        return
    visit.show(_("✅ Thank you, it is corrected. You keep your place in the queue."))
    text, keys = await notices.status(visit, registration)
    visit.say(text, keys, slot=notices.slot(registration.number), fresh=True)
    for other in notices.audience(registration):
        if other != visit.id:
            text, keys = await notices.status(visit, registration, reader=other)
            done = paragraphs(_by(registration, visit.id), text)
            await visit.write_to([other], done, keys, slot=notices.slot(registration.number))
    await notices.call_sponsors(visit, registration.area)


def _with_the_rest(before: Registration, answers: Answers) -> dict[str, Any]:
    """Return the answers with those that this form does not ask: how a neighbour agreed, and how the owner did."""
    flow = FLOWS["correction"] if "relation" not in answers else FLOWS["neighbour_fix"]
    document = before.document or {}
    return {**{name: value for name, value in document.items() if flow.step(name) is None}, **answers}
