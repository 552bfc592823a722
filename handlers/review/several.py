"""Several at once: up to twenty clean ones approved, or chosen ones rejected, and what could not be done by number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations import events
from conversations.events import Json
from conversations.kinds.several import entries
from conversations.replies import Finished
from conversations.rules import names
from conversations.words import Lines, Value, _, paragraphs
from handlers import notices, rights, turn
from handlers.review import decisions, marks
from handlers.review.decisions import RefusedError, Verdict
from handlers.review.deck import STRANGER
from handlers.visit import Key, Visit, button, pressed_button, pressed_on
from storage import registrations
from storage.registrations import MovedError, NotAllowedError, Registration, RivalError, Scope, State

router = Router(name="several")

AT_ONCE = 20
LOOKED_AT = 200  # of the queue, to find the clean ones or to choose from
MOVED = _("changed meanwhile")


@router.callback_query(pressed_on("bulk"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Open one of the two conversations, or undo what one of them decided."""
    action, subject = pressed_button(callback.data)
    scope = await rights.scope_of(visit, visit.id)
    if not scope:
        visit.refuse("bulk", STRANGER)
        return
    match action:
        case "open":
            visit.show(
                _("What do you want to do with several registrations?"),
                [
                    [Key(_("✅ Approve the clean ones (at most {most})", most=AT_ONCE), button("bulk", "clean"))],
                    [Key(_("✖️ Reject several"), button("bulk", "reject"))],
                    [Key(_("◀ Back to the queue"), button("queue", "open"))],
                ],
            )
        case "clean":
            await _begin(visit, "approval", await _clean(visit, scope))
        case "reject":
            await _begin(visit, "dismissal", await registrations.queue(visit.tx, scope, visit.id, limit=LOOKED_AT))
        case "undo" if subject.isdecimal():
            await _undo(visit, int(subject))


async def _clean(visit: Visit, scope: Scope) -> list[Registration]:
    """Return the oldest that nothing speaks against."""
    waiting = await registrations.queue(visit.tx, scope, visit.id, limit=LOOKED_AT)
    found = await marks.of(visit, waiting)
    return [one for one in waiting if found[one.number].clean and one.first_yes_by is None][:AT_ONCE]


async def _begin(visit: Visit, flow: str, them: Sequence[Registration]) -> None:
    if not them:
        visit.show(
            _("There is none without a warning. Please look at them one by one.")
            if flow == "approval"
            else _("🎉 The queue is empty. You will be told when somebody registers."),
            [[Key(_("◀ Back to the queue"), button("queue", "open"))]],
        )
        return
    listed: list[Json] = [_entry(one) for one in them]
    await turn.begin(visit, flow, events.Started({}, {"listed": listed}))


def _entry(registration: Registration) -> dict[str, Json]:
    document = registration.document or {}
    return {
        "number": registration.number,
        "name": names.mask(str(document.get("name", ""))),
        "occupation": document.get("occupation"),
        "seen": registration.changed_at.isoformat(),
    }


@turn.ending("approval")
async def approved(visit: Visit, result: Finished) -> None:
    """Approve those that were named, as they were then."""
    if result.outcome == "done":
        await _settle(visit, result.facts["listed"], Verdict(State.APPROVED))
    else:
        await _back(visit)


@turn.ending("dismissal")
async def dismissed(visit: Visit, result: Finished) -> None:
    """Reject those that were chosen, for one reason."""
    chosen, listed = result.answers.get("chosen"), result.facts["listed"]
    if result.outcome == "done" and isinstance(chosen, list):
        these: list[Json] = [one for one in entries(listed) if one["number"] in chosen]
        await _settle(visit, these, Verdict(State.REJECTED, str(result.answers["grounds"])))
    else:
        await _back(visit)


async def _back(visit: Visit) -> None:
    visit.show(_("Nothing was decided."), [[Key(_("◀ Back to the queue"), button("queue", "open"))]])


async def _settle(visit: Visit, listed: Json, verdict: Verdict) -> None:
    """Decide on each by itself: one that cannot be decided does not hold up the others."""
    seen = {str(one["number"]): str(one["seen"]) for one in entries(listed)}
    await registrations.lock_all(visit.tx, list(seen))
    scope = await rights.scope_of(visit, visit.id)
    done: list[Registration] = []
    failed: list[Value] = []
    for number, moment in seen.items():
        try:
            async with visit.tx.savepoint():
                done.append(await _settle_one(visit, scope, number, datetime.fromisoformat(moment), verdict))
        except RefusedError as refused:
            failed.append(_("{number}: {why}", number=number, why=refused.why))
        except (MovedError, LookupError):
            failed.append(_("{number}: {why}", number=number, why=MOVED))
    await decisions.follow(visit, done)
    _show_outcome(visit, Counter(one.state for one in done), failed)


async def _settle_one(visit: Visit, scope: Scope, number: str, moment: datetime, verdict: Verdict) -> Registration:
    """Decide on one as it was seen; that it is in scope, and clean, is asked again."""
    registration = await registrations.get(visit.tx, number)
    if registration is None:
        raise LookupError(number)
    if registration.changed_at != moment or registration.state not in {State.QUEUED, State.WITH_DEPARTMENT}:
        raise MovedError(registration)
    if not scope.decides(registration):
        raise RefusedError(decisions.OUTSIDE)
    if verdict.to == State.APPROVED and not (await marks.of_one(visit, registration)).clean:
        raise RefusedError(_("has a warning now"))
    return await decisions.settle(visit, registration, verdict)


def _show_outcome(visit: Visit, done: Counter[State], failed: list[Value]) -> None:
    lines = [_("{verdict}: {count}", verdict=decisions.VERDICTS[state], count=count) for state, count in done.items()]
    head = Lines([_("<b>Done.</b>") if done else _("<b>Nothing was decided.</b>"), *lines])
    undo = [Key(_("↩️ Undo all"), button("bulk", "undo", str(_stamp(visit.now))))]
    visit.show(
        paragraphs(
            head,
            Lines([_("<b>Not done:</b>"), *failed]) if failed else "",
            _("The people concerned are told in one minute.") if done else "",
        ),
        [undo if done else [], [Key(_("◀ Back to the queue"), button("queue", "open"))]],
    )


def _stamp(moment: datetime) -> int:
    """Return a moment in microseconds: it names what was decided together."""
    return round(moment.timestamp() * 1_000_000)


async def _undo(visit: Visit, stamp: int) -> None:
    """Take back what was decided together, while nothing has been sent."""
    recent = await registrations.decided_since(visit.tx, visit.id, visit.now - notices.UNDO)
    together = [one for one in recent if one.decided_at is not None and _stamp(one.decided_at) == stamp]
    if not together:
        visit.refuse("bulk", decisions.LATE)
        return
    await registrations.lock_all(visit.tx, [one.number for one in together])
    back, failed = [], []
    for one in together:
        try:
            async with visit.tx.savepoint():
                back.append(await decisions.take_back(visit, one))
        except (MovedError, NotAllowedError, RivalError):
            failed.append(one.number)
    await decisions.move_up(visit, back)
    visit.show(
        paragraphs(
            _("↩️ Taken back: {count}. They wait again.", count=len(back)),
            _("No longer possible: {numbers}", numbers=", ".join(failed)) if failed else "",
        ),
        [[Key(_("◀ Back to the queue"), button("queue", "open"))]],
    )
