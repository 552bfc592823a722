"""What people are told about a registration: the worker's status message and the sponsors' call to the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from conversations.decision import field_label, reason_text
from conversations.words import Lines, Value, _, paragraphs
from handlers import rights
from handlers.visit import Key, Keys, Visit, button
from storage import history, outbox, registrations
from storage.registrations import Registration, State
from storage.states import VERDICTS

UNDO = timedelta(minutes=1)  # a decision may be taken back for so long, and nothing is sent before
CALM = timedelta(minutes=15)  # sponsors are not called to the queue more often than this
NEIGHBOURS = 10  # how many of those who wait behind a decided one see their place move

NOT_YET = _("You are not yet a member: cover begins only when BPJS has received the contribution.")
WHERE_TO_PAY = _(
    "<b>Paying yourself:</b> after BPJS has registered you, you get a payment code (kode iuran). Pay with it at Alfamart, "
    "Indomaret, BRILink or other agents, PPOB, the post office, or the BPJS Ketenagakerjaan branch. Never pay anyone in this chat."
)


def slot(number: str) -> str:
    """Return the place on the worker's screen where this registration is shown."""
    return f"registration:{number}"


async def status(visit: Visit, registration: Registration, *, settled: bool = False) -> tuple[Value, Keys]:
    """Return how a registration stands, in words, with what the worker can do now.

    A decision that may still be undone is not told, unless `settled`: the words of the message that goes out later.
    """
    if not settled and registration.state in VERDICTS and _may_be_undone(visit, registration):
        registration = replace(registration, state=State.QUEUED)
    head = _("Registration <b>{number}</b>", number=registration.number)
    keys = [[Key(_("🔄 Refresh"), button("own", "refresh", registration.number))]]
    body: Value
    match registration.state:
        case State.QUEUED:
            body = await _waiting(visit, registration)
        case State.NEEDS_CORRECTION:
            body = await _wanted(visit, registration)
            keys = [[Key(_("✏️ Put it right now"), button("own", "correct", registration.number))]]
        case State.APPROVED:
            body = _("✅ The sponsor of your village has approved it. Next, it goes to BPJS Ketenagakerjaan.")
        case State.REJECTED:
            body = await _rejected(visit, registration)
        case State.WITHDRAWN:
            body, keys = _("It was withdrawn, and the data are erased."), []
        case _state:
            body = _("📮 It has been handed over to BPJS Ketenagakerjaan.")
    pays = registration.payer == "self" and registration.state in {State.QUEUED, State.APPROVED}
    open_still = registration.state in {State.QUEUED, State.NEEDS_CORRECTION, State.APPROVED}
    return paragraphs(Lines([head, body]), NOT_YET if open_still else "", WHERE_TO_PAY if pays else ""), keys


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
    for sponsor in await rights.reviewers(visit, area):
        size = await registrations.queue_size(visit.tx, await rights.areas_of(visit, sponsor), sponsor)
        if size.count == 0:
            continue
        last = await outbox.shown_at(visit.tx, sponsor, "queue")
        due = last + CALM if last is not None and last + CALM > visit.now else None
        await visit.write_to(
            [sponsor],
            _("🔔 Registrations are waiting for you: <b>{count}</b>.", count=size.count)
            if size.count > 1
            else _("🔔 A registration is waiting for you."),
            [[Key(_("Open the queue"), button("queue", "open"))]],
            slot="queue",
            fresh=True,
            due_at=due,
        )


async def move_places(visit: Visit, area: str) -> None:
    """Let those who wait next in this village see their new place in the message they have."""
    for registration in await registrations.queue(visit.tx, [area], 0, limit=NEIGHBOURS):
        if registration.person is not None:
            text, keys = await status(visit, registration)
            await visit.write_to([registration.person], text, keys, slot=slot(registration.number))
