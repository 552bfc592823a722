"""What people are told about a registration: the worker's status message and the sponsors' call to the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from conversations.decision import field_label, reason_text
from conversations.rules import names
from conversations.words import Lines, Value, _, paragraphs
from handlers import rights, standing
from handlers.visit import Key, Keys, Visit, button
from storage import history, outbox, registrations
from storage.registrations import Registration, Scope, State
from storage.states import OPEN, VERDICTS

UNDO = timedelta(minutes=1)  # a decision may be taken back for so long, and nothing is sent before
CALM = timedelta(minutes=15)  # sponsors are not called to the queue more often than this
PAYING = {State.QUEUED, State.APPROVED, State.LAPSED}  # states in which a worker wants to know where to pay
UNCOVERED = OPEN - {State.ACTIVE, State.LAPSED}  # nobody is covered before BPJS has said so
QUEUE = "queue"  # the place on a reviewer's screen where the call to the queue is shown
NEIGHBOURS = 10  # how many of those who wait behind a decided one see their place move

NOT_YET = _("You are not yet a member: cover begins only when BPJS has received the contribution.")
WHERE_TO_PAY = _(
    "<b>Paying yourself:</b> after BPJS has registered you, you get a payment code (kode iuran). Pay with it at Alfamart, "
    "Indomaret, BRILink or other agents, PPOB, the post office, or the BPJS Ketenagakerjaan branch. Never pay anyone in this chat."
)


def slot(number: str) -> str:
    """Return the place on the worker's screen where this registration is shown."""
    return f"registration:{number}"


async def status(
    visit: Visit, registration: Registration, *, settled: bool = False, reader: int | None = None
) -> tuple[Value, Keys]:
    """Return how a registration stands, in words, with what its `reader` (the visitor) can do now.

    A decision that may still be undone is not told, unless `settled`: the words of the message that goes out later.
    """
    registration = registration if settled else told(visit, registration)
    keys = [[Key(_("🔄 Refresh"), button("own", "refresh", registration.number))]]
    body: Value
    match registration.state:
        case State.QUEUED:
            body = await _waiting(visit, registration)
        case State.NEEDS_CORRECTION:
            body = await _wanted(visit, registration)
            keys = [[Key(_("✏️ Put it right now"), button("own", "correct", registration.number))]]
        case State.WITH_DEPARTMENT:
            body = standing.with_department(registration)
        case State.WAITING_LIST:
            body = await standing.on_waiting_list(visit, registration)
        case State.APPROVED:
            body = standing.approved(registration)
        case State.REJECTED:
            body = await _rejected(visit, registration)
        case State.WITHDRAWN:
            body, keys = _("It was withdrawn, and the data are erased."), []
        case State.NOT_MATCHED:
            body, keys = standing.unmatched(registration), [*standing.unmatched_keys(registration), *keys]
        case State.ACTIVE:
            body, keys = standing.covered(registration), standing.covered_keys(registration)
        case State.LAPSED:
            body, keys = await standing.lapsed(visit, registration), standing.covered_keys(registration)
        case _state:
            body = standing.HANDED_OVER
    pays = registration.payer == "self" and registration.state in PAYING
    not_yet = NOT_YET if registration.state in UNCOVERED else ""
    head = Lines([_head(registration, visit.id if reader is None else reader), body])
    return paragraphs(head, not_yet, WHERE_TO_PAY if pays else ""), keys


def told(visit: Visit, registration: Registration) -> Registration:
    """Return the registration as it may be told: a decision that may still be undone is none yet."""
    undone = registration.state in VERDICTS and _may_be_undone(visit, registration)
    return replace(registration, state=State.QUEUED) if undone else registration


def _head(registration: Registration, reader: int) -> Value:
    """Return the number; who registered several people reads whose it is, too."""
    name = (registration.document or {}).get("name")
    if registration.person == reader or registration.registered_by != reader or not isinstance(name, str):
        return _("Registration <b>{number}</b>", number=registration.number)
    return _("Registration <b>{number}</b> · {name}", number=registration.number, name=names.mask(name))


async def show(visit: Visit, number: str) -> None:
    """Show one registration that the person looks after."""
    registration = await registrations.get(visit.tx, number)
    if registration is not None and await rights.looks_after(visit, registration):
        text, keys = await status(visit, registration)
        visit.say(text, keys, slot=slot(number), fresh=True)


async def list_all(visit: Visit) -> None:
    """Show each registration of the person as a message of its own, the newest last."""
    mine = await registrations.of_person(visit.tx, visit.id)
    if not mine:
        visit.say(_("You have no registration here yet. /daftar begins one."))
    for registration in mine[::-1]:
        text, keys = await status(visit, registration)
        visit.say(text, keys, slot=slot(registration.number), fresh=True)


def audience(registration: Registration) -> list[int]:
    """Return who is told of a registration: its owner, and whoever entered it for somebody else."""
    entered = None if registration.claim == "own" else registration.registered_by
    return [one for one in dict.fromkeys([registration.person, entered]) if one is not None]


async def tell(
    visit: Visit,
    registration: Registration,
    *,
    why: Value = "",
    due_at: datetime | None = None,
    ref: str | None = None,
) -> None:
    """Tell everybody concerned how a registration stands now, in the message that shows it, with what led to that."""
    for one in audience(registration):
        text, keys = await status(visit, registration, settled=True, reader=one)
        said = paragraphs(why, text)
        await visit.write_to([one], said, keys, slot=slot(registration.number), ref=ref, due_at=due_at, fresh=True)


def _may_be_undone(visit: Visit, registration: Registration) -> bool:
    return registration.decided_at is not None and visit.now < registration.decided_at + UNDO


async def _waiting(visit: Visit, registration: Registration) -> Value:
    place = await registrations.place(visit.tx, registration.number)
    if place == 0:
        return _("🕓 It is being looked at just now.")
    usual = await registrations.usual_wait(visit.tx, registration.area, visit.now)
    return Lines(
        [
            _(
                "🕓 It waits for the sponsor of {village}. Your place in the queue: <b>{place}</b>.",
                village=visit.office.areas.describe(registration.area),
                place=place,
            ),
            "" if usual is None else _("Usually an answer takes {wait}.", wait=_lasting(usual)),
        ]
    )


def _lasting(wait: timedelta) -> Value:
    hours = round(wait.total_seconds() / 3600)
    if hours < 1:
        return _("less than an hour")
    return _("about {hours} hours", hours=hours) if hours < 48 else _("about {days} days", days=round(hours / 24))  # noqa: PLR2004  # two days


async def _reason(visit: Visit, registration: Registration) -> Value:
    entries = await history.entries(visit.tx, registration.number)
    code = next((one.reason for one in reversed(entries) if one.to_state == registration.state and one.reason), "")
    return reason_text(code, visit.context())


async def _wanted(visit: Visit, registration: Registration) -> Value:
    return Lines(
        [
            _("✏️ One answer has to be put right: <b>{field}</b>.", field=field_label(registration.wanted or "name")),
            _("What the sponsor wrote: {reason}", reason=await _reason(visit, registration)),
            _("Everything else stays, and you keep your place in the queue."),
        ]
    )


async def _rejected(visit: Visit, registration: Registration) -> Value:
    return Lines(
        [
            _("✖️ It could not be accepted: {reason}", reason=await _reason(visit, registration)),
            _(
                "If that is a mistake, please ask {operator}, {contact}. You may also register again with /daftar.",
                operator=visit.office.operator,
                contact=visit.office.contact,
            ),
        ]
    )


async def call_sponsors(visit: Visit, area: str) -> None:
    """Tell those who review this area that something waits; many registrations make one message."""
    await _call(visit, await rights.reviewers(visit, area), visit.now)


async def call_next(visit: Visit, registration: Registration) -> None:
    """Tell the department, or the second person, once the yes before theirs can no longer be undone."""
    await _call(visit, await rights.next_reviewers(visit, registration), visit.now + UNDO)


async def _call(visit: Visit, reviewers: list[int], earliest: datetime) -> None:
    """Call each of them to the queue; a call that waits to be sent is withdrawn where nothing waits any more."""
    for reviewer in reviewers:
        size = await registrations.queue_size(visit.tx, await rights.scope_of(visit, reviewer), reviewer)
        if size.count == 0:
            await outbox.withdraw(visit.tx, _call_to(reviewer), visit.now)
            continue
        last = await outbox.shown_at(visit.tx, reviewer, QUEUE)
        due = max(earliest, earliest if last is None else last + CALM)
        await visit.write_to(
            [reviewer],
            _("🔔 Registrations are waiting for you: <b>{count}</b>.", count=size.count)
            if size.count > 1
            else _("🔔 A registration is waiting for you."),
            [[Key(_("Open the queue"), button("queue", "open"))]],
            slot=QUEUE,
            ref=_call_to(reviewer),
            fresh=True,
            due_at=due if due > visit.now else None,
        )


def _call_to(reviewer: int) -> str:
    return f"{QUEUE}:{reviewer}"


async def move_up(visit: Visit, area: str) -> None:
    """Something in this village waits no longer: those behind it see their new place, and no call says otherwise."""
    for registration in await registrations.queue(visit.tx, Scope((area,)), 0, limit=NEIGHBOURS):
        if registration.person is not None:
            text, keys = await status(visit, registration)
            await visit.write_to([registration.person], text, keys, slot=slot(registration.number))
    calls = {_call_to(one): one for one in await rights.all_reviewers(visit, area)}
    await _call(visit, sorted(calls[ref] for ref in await outbox.expected(visit.tx, calls)), visit.now + CALM)
