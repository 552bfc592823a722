"""A reviewer's card: what to look at first, under which programme, who stands behind it, then the masked answers."""

from __future__ import annotations

from conversations.words import Lines, Number, Value, _, paragraphs
from handlers import cards, programmes
from handlers.review import marks
from handlers.review.marks import Marks
from handlers.visit import Key, Keys, Visit, button
from storage import people, registrations
from storage import programmes as stored_programmes
from storage.registrations import Registration, Scope, State

HOURS_A_DAY = 24


async def show_next(visit: Visit, scope: Scope, after: Registration | None = None) -> None:
    """Show the oldest card that waits in this scope, or the next one after `after`."""
    size = await registrations.queue_size(visit.tx, scope, visit.id)
    mark = None if after is None else (after.queued_at, after.number)
    waiting = await registrations.queue(visit.tx, scope, visit.id, after=mark, limit=1)
    if waiting:
        visit.show(*await card(visit, waiting[0], size.count))
    elif size.count:
        visit.show(
            _("That was the last one. You skipped {count}.", count=size.count),
            [[Key(_("From the beginning"), button("queue", "open"))]],
        )
    else:
        visit.show(_("🎉 The queue is empty. You will be told when somebody registers."))


async def show_card(visit: Visit, registration: Registration, scope: Scope) -> None:
    """Show the card of one registration."""
    size = await registrations.queue_size(visit.tx, scope, visit.id)
    visit.show(*await card(visit, registration, size.count))


async def card(visit: Visit, registration: Registration, count: int) -> tuple[Value, Keys]:
    """Return the card and what can be done; `count` is how many wait."""
    number, found = registration.number, await marks.of_one(visit, registration)
    head = Lines(
        [
            _("<b>{number}</b> · waiting: {count} · {age}", number=number, count=count, age=age(visit, registration)),
            await _second(visit, registration, found),
            await _programme(visit, registration),
            await _behind(visit, registration),
        ]
    )
    keys = [
        [Key(_("✅ Approve"), button("queue", "approve", f"{number}|{stamp(registration)}"))],
        [
            Key(_("✏️ Needs correction"), button("queue", "fix", number)),
            Key(_("✖️ Reject"), button("queue", "reject", number)),
        ],
        [Key(_("👥 Compare the two"), button("double", "show", number))] if found.doubled else [],
        [Key(_("🏷 Programme"), button("under", "show", number))] if await _may_move(visit, registration) else [],
        [Key(_("⏭ Skip"), button("queue", "skip", number))],
        [Key(_("☑️ Several at once"), button("bulk", "open"))] if count > 1 else [],
    ]
    return paragraphs(head, found.lines, await cards.answers(visit, registration)), keys


def stamp(registration: Registration) -> str:
    """Return when a registration last changed, in milliseconds: an approval is of what was read, not of what it became."""
    return str(round(registration.changed_at.timestamp() * 1000))


def age(visit: Visit, registration: Registration) -> Value:
    """Return how long a registration has waited; from the second day on with a badge."""
    hours = max(0, round((visit.now - registration.queued_at).total_seconds() / 3600))
    if hours < HOURS_A_DAY:
        return _("since {hours} h", hours=hours)
    return _("⏳ {days} days", days=hours // HOURS_A_DAY)


async def _second(visit: Visit, registration: Registration, found: Marks) -> Value:
    """Say whose yes there is already, and whose is still needed."""
    if registration.state == State.WITH_DEPARTMENT:
        return _("🏛 {department}: the village has said yes.", department=registration.department or "")
    if registration.first_yes_by is not None:
        who = await people.name(visit.tx, registration.first_yes_by)
        return _("1️⃣ First yes by {who}. A second person decides.", who=who or _("another reviewer"))
    return _("2️⃣ Needs the yes of two people.") if found.grave else ""


async def _programme(visit: Visit, registration: Registration) -> Value:
    """Name its programme, and how many people like this one it can still take."""
    code = registration.programme
    stored = None if code is None else await stored_programmes.get(visit.tx, code)
    if stored is None:
        return ""
    if await registrations.held(visit.tx, registration.number) is not None:
        return _("🏷 {name} · its place is kept", name=stored.name)
    left = await programmes.room(visit, stored, registration)
    if left is None:
        return _("🏷 {name}", name=stored.name)
    return _("🏷 {name} · free places: {left}", name=stored.name, left=Number(left))


async def _behind(visit: Visit, registration: Registration) -> Value:
    """Say who entered it for somebody else, and whether the worker has confirmed it."""
    if registration.claim == registrations.OWN:
        return ""
    who = await people.name(visit.tx, registration.registered_by) or _("a facilitator")
    if registration.claim == registrations.CLAIMED:
        return _("🤝 Entered by {who}; confirmed by the worker", who=who)
    return _("🤝 Entered by {who}; not yet confirmed by the worker", who=who)


async def _may_move(visit: Visit, registration: Registration) -> bool:
    """Tell whether it could be put under a programme, or under another one."""
    if registration.state != State.QUEUED:
        return False
    return registration.programme is not None or bool(await programmes.covering(visit, registration.area))
