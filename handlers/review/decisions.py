"""Decisions: a yes that may need a second person, a department or a place; a no; and the minute to think again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversations import events
from conversations.replies import Finished
from conversations.words import Text, Value, _
from handlers import notices, programmes, rights, turn
from handlers.review import card, marks
from handlers.visit import Key, Visit, button
from storage import outbox, people, registrations
from storage.registrations import Cost, FullError, MovedError, NotAllowedError, Registration, RivalError, Scope, State

VERDICTS: Mapping[State, Text] = {
    State.APPROVED: _("✅ approved"),
    State.NEEDS_CORRECTION: _("✏️ sent back for correction"),
    State.REJECTED: _("✖️ rejected"),
    State.QUEUED: _("🕓 in the queue"),
    State.WITH_DEPARTMENT: _("🏛 with the department"),
    State.WAITING_LIST: _("⏸ on the waiting list"),
    State.WITHDRAWN: _("🗑 withdrawn by the worker"),
}
OUTSIDE = _("This registration is not in your area.")
OWN = _("You cannot decide on a registration that you entered yourself.")
ELSEWHERE = _("This registration waits for somebody else's decision now.")
LATE = _("The minute is over, or it was not your decision. The worker knows already.")
SECOND = _("You have said yes to this one. Because of the warnings, a second person decides.")
ENDED = _("The time of its programme is over. Please choose another programme, or none.")
CLOSED = _("Its programme is closed. Please choose another programme, or none.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision: the state it leads to, its reason as a code or "=" and words, and the field to be put right."""

    to: State
    reason: str | None = None
    wanted: str | None = None


class RefusedError(Exception):
    """A decision that cannot be made now; `why` is the sentence that says so."""

    def __init__(self, why: Value) -> None:
        super().__init__("The decision cannot be made.")
        self.why = why


async def settle(visit: Visit, registration: Registration, verdict: Verdict) -> Registration:
    """Make a decision on what was seen, and prepare what people will read of it in a minute.

    Raises MovedError when the registration is no longer what was seen, RefusedError. A yes may lead elsewhere than to
    `approved`: it stays queued for a second person, or goes to the department, or on the waiting list.
    """
    try:
        decided = await (
            _yes(visit, registration) if verdict.to == State.APPROVED else _no(visit, registration, verdict)
        )
    except RivalError as rival:
        raise RefusedError(
            _("{number} has the same NIK and is approved already. Please reject one of the two.", number=rival.number)
        ) from None
    except NotAllowedError:
        raise RefusedError(OWN) from None
    if decided.state != State.QUEUED:
        await notices.tell(visit, decided, due_at=visit.now + notices.UNDO, ref=ref(decided.number))
    return decided


async def follow(visit: Visit, decided: Sequence[Registration]) -> None:
    """Do what follows from decisions once all of them are made: call who is next, and let those behind move up."""
    await move_up(visit, [one for one in decided if one.state != State.QUEUED])
    asked = [one for one in decided if one.state in {State.QUEUED, State.WITH_DEPARTMENT}]
    for one in {(one.area, one.department): one for one in asked}.values():
        await notices.call_next(visit, one)


async def move_up(visit: Visit, decided: Sequence[Registration]) -> None:
    """Show those who wait their new place, and give places that have become free to the waiting list."""
    for area in sorted({one.area for one in decided}):
        await notices.move_up(visit, area)
    for code in sorted({one.programme for one in decided if one.programme is not None}):
        await programmes.promote(visit, code)


def ref(number: str) -> str:
    """Name the letters that tell of a decision: they can be withdrawn while they wait."""
    return f"decision:{number}"


async def _move(
    visit: Visit,
    registration: Registration,
    to: State,
    *,
    reason: str | None = None,
    wanted: str | None = None,
    cost: Cost | None = None,
    department: str | None = None,
) -> Registration:
    """Move a registration from what was seen; raises what `registrations.move` raises."""
    return await registrations.move(
        visit.tx,
        registration.number,
        to,
        actor=visit.id,
        now=visit.now,
        frm=registration.state,
        seen=registration.changed_at,
        reason=reason,
        wanted=wanted,
        cost=cost,
        department=department,
    )


async def _no(visit: Visit, registration: Registration, verdict: Verdict) -> Registration:
    return await _move(visit, registration, verdict.to, reason=verdict.reason, wanted=verdict.wanted)


async def _yes(visit: Visit, registration: Registration) -> Registration:
    """Say yes: the first of two, the village's before the department's, or the one that approves."""
    if registration.state != State.QUEUED:
        return await _approve(visit, registration)
    found = await marks.of_one(visit, registration)
    if found.grave and registration.first_yes_by == visit.id:
        raise RefusedError(SECOND)
    if found.grave and registration.first_yes_by is None:
        return await registrations.say_first_yes(
            visit.tx, registration.number, actor=visit.id, now=visit.now, seen=registration.changed_at
        )
    department = await programmes.department(visit, registration)
    if department is None:
        return await _approve(visit, registration)
    return await _move(visit, registration, State.WITH_DEPARTMENT, department=department)


async def _approve(visit: Visit, registration: Registration) -> Registration:
    """Approve, or put on the waiting list where the programme has no place left."""
    cost = await programmes.cost(visit, registration)
    if registration.programme is not None and cost is None:
        raise RefusedError(ENDED)
    try:
        return await _move(visit, registration, State.APPROVED, cost=cost)
    except FullError as full:
        if full.what == "closed":
            raise RefusedError(CLOSED) from None
    return await _no(visit, registration, Verdict(State.WAITING_LIST))


async def decide(visit: Visit, registration: Registration, verdict: Verdict) -> None:
    """Decide, and offer the minute to undo it."""
    try:
        decided = await settle(visit, registration, verdict)
        await follow(visit, [decided])
    except MovedError as moved:
        await show_decided(visit, moved.registration)
        return
    except RefusedError as refused:
        visit.notify(refused.why, alert=True)
        return
    number = decided.number
    keys = [[Key(_("↩️ Undo"), button("queue", "undo", number))], [Key(_("Next ▶"), button("queue", "open"))]]
    if decided.state == State.QUEUED:
        visit.show(_("<b>{number}</b>: your yes is kept. A second person decides.", number=number), keys)
        return
    verdict_text = await verdict_of(visit, decided)
    visit.show(
        _("<b>{number}</b>: {verdict}. The worker is told in one minute.", number=number, verdict=verdict_text), keys
    )


async def verdict_of(visit: Visit, registration: Registration) -> Value:
    """Return what became of a registration, in a few words."""
    match registration.state:
        case State.WAITING_LIST:
            place = await registrations.waiting_place(visit.tx, registration.number)
            return _("⏸ no place left: on the waiting list, place {place}", place=place)
        case State.WITH_DEPARTMENT:
            return _("🏛 goes to {department}", department=registration.department or "")
        case state:
            return VERDICTS.get(state, _("📮 already on its way to BPJS Ketenagakerjaan"))


async def show_decided(visit: Visit, registration: Registration) -> None:
    """Tell a second reviewer who was first."""
    verdict = VERDICTS.get(registration.state, _("📮 already on its way to BPJS Ketenagakerjaan"))
    text = _("<b>{number}</b>: {verdict}.", number=registration.number, verdict=verdict)
    if registration.decided_by is not None:
        who = await people.name(visit.tx, registration.decided_by)
        text = _(
            "<b>{number}</b>: {verdict}. Decided by {who}.",
            number=registration.number,
            verdict=verdict,
            who=who or _("another reviewer"),
        )
    visit.show(text, [[Key(_("Next ▶"), button("queue", "open"))]])


async def undo(visit: Visit, registration: Registration, scope: Scope) -> None:
    """Take a decision back while nothing has been sent, or a first yes while there is no second one."""
    decided = registration.decided_at
    first = registration.state == State.QUEUED and registration.first_yes_by == visit.id
    late = decided is None or visit.now > decided + notices.UNDO or registration.decided_by != visit.id
    if late and not first:
        visit.refuse("queue", LATE)
        return
    try:
        back = await take_back(visit, registration)
    except (MovedError, NotAllowedError, RivalError):
        visit.notify(_("It can no longer be undone."), alert=True)
        return
    await move_up(visit, [back])
    await card.show_card(visit, back, scope)


async def take_back(visit: Visit, registration: Registration) -> Registration:
    """Undo one decision before anybody has read of it; raises what `registrations.undo` raises."""
    back = await registrations.undo(visit.tx, registration.number, actor=visit.id, now=visit.now)
    await outbox.withdraw(visit.tx, ref(registration.number), visit.now)
    return back


async def ask_reason(visit: Visit, registration: Registration, verdict: str) -> None:
    """Ask which answer is wrong, or why it is rejected."""
    if visit.id in {registration.person, registration.registered_by}:
        visit.refuse("queue", OWN)
        return
    await turn.begin(visit, "decision", events.Started({"subject": registration.number, "verdict": verdict}))


@turn.ending("decision")
async def decided(visit: Visit, result: Finished) -> None:
    """Act on a finished reason. The right to decide is asked again: it may have been taken away meanwhile."""
    answers = result.answers
    registration = await registrations.get(visit.tx, str(answers["subject"]))
    scope = await rights.scope_of(visit, visit.id)
    if registration is None or not scope.sees(registration):
        visit.show(OUTSIDE)
        return
    if registration.state not in {State.QUEUED, State.WITH_DEPARTMENT} or not scope.decides(registration):
        await show_decided(visit, registration)
        return
    if answers["verdict"] == "fix":
        verdict = Verdict(State.NEEDS_CORRECTION, str(answers["fault"]), str(answers["field"]))
    else:
        verdict = Verdict(State.REJECTED, str(answers["grounds"]))
    await decide(visit, registration, verdict)
