"""The sponsor's queue: one card at a time, oldest first, decided with buttons, with a minute to think again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events
from conversations.replies import Finished
from conversations.words import Text, _
from handlers import cards, notices, rights, turn
from handlers.visit import Key, Visit, button, pressed_button
from storage import outbox, people, registrations, roles
from storage.registrations import MovedError, NotAllowedError, Registration, RivalError, State

router = Router(name="review")

VERDICTS: Mapping[State, Text] = {
    State.APPROVED: _("✅ approved"),
    State.NEEDS_CORRECTION: _("✏️ sent back for correction"),
    State.REJECTED: _("✖️ rejected"),
    State.QUEUED: _("🕓 in the queue"),
    State.WITHDRAWN: _("🗑 withdrawn by the worker"),
}
STRANGER = _("Only sponsors and admins see the queue. If you should be one, ask the operator for an invitation.")


@router.message(Command("antrean"))
async def queue(_message: Message, visit: Visit) -> None:
    """/antrean: the first card."""
    mine = await rights.areas_of(visit, visit.id)
    if not mine:
        visit.say(STRANGER)
        return
    await visit.sign()
    await _show_next(visit, mine)


@router.callback_query(F.data.startswith("s|queue|"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of the queue, if this person may decide there."""
    action, subject = pressed_button(callback.data)
    number, _bar, stamp = subject.partition("|")
    mine = await rights.areas_of(visit, visit.id)
    if not mine:
        visit.notify(STRANGER, alert=True)
        return
    if action == "open":
        await _show_next(visit, mine)
        return
    registration = await registrations.get(visit.tx, number)
    if registration is None or not any(roles.covers(area, registration.area) for area in mine):
        visit.notify(_("This registration is not in your area."), alert=True)
        return
    match action:
        case "skip":
            await _show_next(visit, mine, after=registration)
        case "approve" if registration.state is State.QUEUED and stamp != cards.stamp(registration):
            visit.notify(_("The worker has corrected something since you opened this. Please look again."), alert=True)
            await _show_card(visit, registration, mine)
        case "approve":
            await _decide(visit, registration, Verdict(State.APPROVED))
        case "fix" | "reject":
            await _ask_reason(visit, registration, action)
        case "undo":
            await _undo(visit, registration, mine)


async def _show_next(visit: Visit, mine: list[str], after: Registration | None = None) -> None:
    """Show the oldest card that waits in these areas, or the next one after `after`."""
    size = await registrations.queue_size(visit.tx, mine, visit.id)
    mark = None if after is None else (after.queued_at, after.number)
    waiting = await registrations.queue(visit.tx, mine, visit.id, after=mark, limit=1)
    if waiting:
        visit.show(*await cards.card(visit, waiting[0], size.count))
    elif size.count:
        visit.show(
            _("That was the last one. You skipped {count}.", count=size.count),
            [[Key(_("From the beginning"), button("queue", "open"))]],
        )
    else:
        visit.show(_("🎉 The queue is empty. You will be told when somebody registers."))


async def _show_card(visit: Visit, registration: Registration, mine: list[str]) -> None:
    size = await registrations.queue_size(visit.tx, mine, visit.id)
    visit.show(*await cards.card(visit, registration, size.count))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision: the state it leads to, its reason as a code or "=" and words, and the field to be put right."""

    to: State
    reason: str | None = None
    wanted: str | None = None


async def _decide(visit: Visit, registration: Registration, verdict: Verdict) -> None:
    """Decide, tell the worker in a minute, and offer the minute to undo it."""
    number = registration.number
    try:
        decided = await registrations.move(
            visit.tx,
            number,
            verdict.to,
            actor=visit.id,
            reason=verdict.reason,
            now=visit.now,
            frm=State.QUEUED,
            wanted=verdict.wanted,
            seen=registration.changed_at,
        )
    except MovedError as moved:
        await _show_decided(visit, moved.registration)
        return
    except RivalError as rival:
        visit.notify(
            _("{number} has the same NIK and is approved already. Please reject one of the two.", number=rival.number),
            alert=True,
        )
        return
    except NotAllowedError:
        visit.notify(_("You cannot decide on a registration that you entered yourself."), alert=True)
        return
    await _tell_worker(visit, decided)
    visit.show(
        _("<b>{number}</b>: {verdict}. The worker is told in one minute.", number=number, verdict=VERDICTS[verdict.to]),
        [
            [Key(_("↩️ Undo"), button("queue", "undo", number))],
            [Key(_("Next ▶"), button("queue", "open"))],
        ],
    )


async def _tell_worker(visit: Visit, registration: Registration) -> None:
    """Prepare what the worker will read in a minute; those who wait behind see their place move."""
    await notices.move_places(visit, registration.area)
    if registration.person is None:
        return
    text, keys = await notices.status(visit, registration, settled=True)
    due, ref = visit.now + notices.UNDO, _ref(registration.number)
    to = [registration.person]
    await visit.write_to(to, text, keys, slot=notices.slot(registration.number), ref=ref, due_at=due, fresh=True)


def _ref(number: str) -> str:
    return f"decision:{number}"


async def _show_decided(visit: Visit, registration: Registration) -> None:
    """Tell a second sponsor who was first."""
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


async def _undo(visit: Visit, registration: Registration, mine: list[str]) -> None:
    """Take a decision back while nothing has been sent."""
    decided = registration.decided_at
    if registration.decided_by != visit.id or decided is None or visit.now > decided + notices.UNDO:
        visit.notify(_("The minute is over, or it was not your decision. The worker knows already."), alert=True)
        return
    try:
        back = await registrations.move(
            visit.tx,
            registration.number,
            State.QUEUED,
            actor=visit.id,
            reason="undo",
            now=visit.now,
            frm=registration.state,
        )
    except (MovedError, NotAllowedError):
        visit.notify(_("It can no longer be undone."), alert=True)
        return
    await outbox.withdraw(visit.tx, _ref(registration.number), visit.now)
    await notices.move_places(visit, registration.area)
    await _show_card(visit, back, mine)


async def _ask_reason(visit: Visit, registration: Registration, verdict: str) -> None:
    if registration.state is not State.QUEUED:
        await _show_decided(visit, registration)
        return
    if visit.id in {registration.person, registration.registered_by}:
        visit.notify(_("You cannot decide on a registration that you entered yourself."), alert=True)
        return
    await turn.begin(visit, "decision", events.Started({"subject": registration.number, "verdict": verdict}))


@turn.ending("decision")
async def decided(visit: Visit, result: Finished) -> None:
    """Act on a finished reason. The right to decide is asked again: it may have been taken away meanwhile."""
    answers = result.answers
    registration = await registrations.get(visit.tx, str(answers["subject"]))
    mine = await rights.areas_of(visit, visit.id)
    if registration is None or not any(roles.covers(area, registration.area) for area in mine):
        visit.show(_("This registration is not in your area."))
        return
    if answers["verdict"] == "fix":
        verdict = Verdict(State.NEEDS_CORRECTION, str(answers["fault"]), str(answers["field"]))
    else:
        verdict = Verdict(State.REJECTED, str(answers["grounds"]))
    await _decide(visit, registration, verdict)
