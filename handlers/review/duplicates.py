"""Two registrations of one NIK, side by side: which of them is kept, decided at once."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from conversations.words import Lines, Value, _, paragraphs
from handlers import cards, notices, rights
from handlers.review import card, decisions
from handlers.review.deck import STRANGER, seen
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import people, registrations
from storage.registrations import MovedError, NotAllowedError, Registration, Scope, State

router = Router(name="duplicates")

REJECTABLE = {State.QUEUED, State.NEEDS_CORRECTION, State.WITH_DEPARTMENT, State.WAITING_LIST}
MOVED = _("One of the two has changed meanwhile. Please look again.")
ALONE = _("There is no second registration with this NIK any more.")


@router.callback_query(pressed_on("double"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Show the two, keep one of them, or hand them to an admin; only who may see both decides."""
    action, subject = pressed_button(callback.data)
    number, other_number, stamp = [*subject.split("|"), "", ""][:3]
    scope = await rights.scope_of(visit, visit.id)
    if not scope:
        visit.refuse("double", STRANGER)
        return
    one = await seen(visit, scope, number)
    if one is None:
        return
    found = await registrations.rivals(visit.tx, number)
    other = next((rival for rival in found if not other_number or rival.number == other_number), None)
    if other is None:
        visit.notify(ALONE, alert=True)
        await card.show_card(visit, one, scope)
        return
    match action:
        case "show":
            await _show(visit, scope, one, other)
        case "admin":
            await _hand_on(visit, one, other)
        case "keep" if scope.sees(other) and stamp == _stamp(one, other):
            await _keep(visit, scope, one, other)
        case "keep" if scope.sees(other):
            visit.notify(MOVED, alert=True)
            await _show(visit, scope, one, other)


def _stamp(one: Registration, other: Registration) -> str:
    """Return when either of the two changed last: a decision is on what was read."""
    return max(card.stamp(one), card.stamp(other))


async def _show(visit: Visit, scope: Scope, one: Registration, other: Registration) -> None:
    back = [Key(_("◀ Back to the queue"), button("queue", "open"))]
    if scope.sees(other):
        await visit.sign()
        visit.show(await _side_by_side(visit, one, other), [*_outcomes(one, other), back])
        return
    # Of somebody in another area a reviewer learns the number and the place, and nothing else.
    text = _(
        "<b>{number}</b> has the same NIK as <b>{other}</b> in {place}. An admin can compare the two.",
        number=one.number,
        other=other.number,
        place=visit.office.areas.describe(other.area),
    )
    visit.show(text, [[Key(_("📨 Hand it to an admin"), button("double", "admin", one.number))], back])


def _outcomes(one: Registration, other: Registration) -> Keys:
    """Return a button for each of the two that may be kept: its rival must still be one that can be rejected."""
    stamp = _stamp(one, other)
    return [
        [Key(_("{mark} Keep {number}", mark=mark, number=kept.number), button("double", "keep", data))]
        for mark, kept, gone in (("①", one, other), ("②", other, one))
        if gone.state in REJECTABLE and (data := f"{kept.number}|{gone.number}|{stamp}")
    ]


async def _side_by_side(visit: Visit, one: Registration, other: Registration) -> Value:
    """Return both in one message: what is the same once, what differs marked, with both values."""
    mine, theirs = [
        {field: (label, value) for field, label, value in await cards.fields(visit, each)} for each in (one, other)
    ]
    lines: list[Value] = []
    for field in [*mine, *(field for field in theirs if field not in mine)]:
        label, value = mine.get(field) or theirs[field]
        first, second = (side[field][1] if field in side else "–" for side in (mine, theirs))
        if visit.words.plain(first) == visit.words.plain(second):
            lines.append(_("{label}: <b>{value}</b>", label=label, value=value))
        else:
            lines.append(_("≠ {label}:\n① <b>{first}</b>\n② <b>{second}</b>", label=label, first=first, second=second))
    heads = Lines([await _head(visit, "①", one), await _head(visit, "②", other)])
    return paragraphs(_("👥 <b>Two registrations with one NIK.</b> Which one is kept?"), heads, Lines(lines))


async def _head(visit: Visit, mark: str, registration: Registration) -> Value:
    who: Value = _("entered by the worker")
    if registration.claim != registrations.OWN:
        name = await people.name(visit.tx, registration.registered_by)
        who = _("entered by {who}", who=name or _("a facilitator"))
    return _(
        "{mark} <b>{number}</b> · {state} · {age} · {who}",
        mark=mark,
        number=registration.number,
        state=decisions.VERDICTS.get(registration.state, _("📮 already on its way to BPJS Ketenagakerjaan")),
        age=card.age(visit, registration),
        who=who,
    )


async def _keep(visit: Visit, scope: Scope, kept: Registration, other: Registration) -> None:
    """Keep one and reject the other as its duplicate; the other's people are told in a minute."""
    if visit.id in {other.person, other.registered_by, kept.person, kept.registered_by}:
        visit.refuse("double", decisions.OWN)
        return
    try:
        _kept, rejected = await registrations.keep(visit.tx, kept, other, actor=visit.id, now=visit.now)
    except (MovedError, NotAllowedError, LookupError):
        visit.notify(MOVED, alert=True)
        await card.show_card(visit, kept, scope)
        return
    await notices.tell(visit, rejected, due_at=visit.now + notices.UNDO, ref=decisions.ref(rejected.number))
    await decisions.move_up(visit, [rejected])
    may_undo = other.state in {State.QUEUED, State.WITH_DEPARTMENT}
    visit.show(
        _(
            "<b>{kept}</b> is kept. <b>{rejected}</b> is rejected as its duplicate; its people are told in one minute.",
            kept=kept.number,
            rejected=rejected.number,
        ),
        [
            [Key(_("↩️ Undo"), button("queue", "undo", rejected.number))] if may_undo else [],
            [Key(_("Open {number}", number=kept.number), button("queue", "show", kept.number))],
            [Key(_("Next ▶"), button("queue", "open"))],
        ],
    )


async def _hand_on(visit: Visit, one: Registration, other: Registration) -> None:
    """Ask the admins to compare two that no reviewer sees both of."""
    admins = await rights.admins(visit, one.area) | await rights.admins(visit, other.area)
    await visit.write_to(
        sorted(admins),
        _(
            "👥 <b>{number}</b> ({place}) and <b>{other}</b> ({other_place}) have the same NIK. Please compare them.",
            number=one.number,
            place=visit.office.areas.describe(one.area),
            other=other.number,
            other_place=visit.office.areas.describe(other.area),
        ),
        [[Key(_("👥 Compare the two"), button("double", "show", one.number))]],
        slot=f"double:{one.number}",
    )
    visit.show(
        _("An admin has been asked to compare the two."), [[Key(_("◀ Back to the queue"), button("queue", "open"))]]
    )
