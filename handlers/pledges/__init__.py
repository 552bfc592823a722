"""Who pays for others of their own accord: the pledge, what it comes to month by month, and the people it is for."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events, scope
from conversations.outlook import Group, due, due_lines
from conversations.pledge import PLEDGE, plan
from conversations.replies import Finished
from conversations.rules import names, prices
from conversations.rules.prices import Tier
from conversations.rules.programmes import Terms
from conversations.words import Lines, Number, Value, _, paragraphs
from handlers import neighbours, notices, rights, standing, turn
from handlers.programmes import closing
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from storage import offers, programmes, registrations
from storage.programmes import CLOSED, OPEN, Programme
from storage.registrations import Registration

router = Router(name="pledge")

MOST_OPEN = 3  # pledges of one person at a time
TO_FILL = 6  # months in which the people may be found; whoever comes later is covered for as long
SHOWN = 12  # people in one message
NOT_YOURS = _("That is no pledge of yours.")


@router.message(Command("bayarkan"))
async def bayarkan(_message: Message, visit: Visit) -> None:
    """/bayarkan: one's own pledges, or a first one."""
    mine = await programmes.all_(visit.tx, owner=visit.id)
    if not mine:
        await turn.hold(visit, PLEDGE.name, events.Started())
        return
    keys = [[Key(_standing(one), button("pledge", "open", one.code))] for one in mine]
    visit.say(_("<b>What you pay for others</b>"), [*keys, [Key(_("➕ Another pledge"), button("pledge", "new"))]])


def _standing(programme: Programme) -> Value:
    closed = _("closed") if programme.state == CLOSED else ""
    taken = _("{taken}/{people} people", taken=programme.taken.people, people=programme.people or 0)
    return Lines([programme.name, taken, closed], " · ")


@router.callback_query(pressed_on("pledge"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of a pledge, if it is the person's own."""
    action, code = pressed_button(callback.data)
    if action == "new":
        visit.lay_aside()
        await turn.begin(visit, PLEDGE.name, events.Started())
        return
    programme = await rights.pledged(visit, code)
    if programme is None:
        visit.refuse("pledge", NOT_YOURS)
        return
    match action:
        case "open":
            visit.show(*await screen(visit, programme))
        case "register" if await room(visit, programme):
            visit.lay_aside()
            await neighbours.begin(visit, code)
        case "close" if programme.state == OPEN:
            visit.show(
                _(
                    "Close <b>{name}</b>? Nobody new is paid for. Those who still wait go back to the queue without a payer; "
                    "for those who are approved your word stands.",
                    name=programme.name,
                ),
                [
                    [Key(_("No, leave it open"), button("pledge", "open", code))],
                    [Key(_("Yes, close it"), button("pledge", "closed", code))],
                ],
            )
        case "closed" if programme.state == OPEN:
            visit.show(*await screen(visit, await closing.close(visit, programme)))


async def screen(visit: Visit, programme: Programme) -> tuple[Value, Keys]:
    """Return a pledge on the screen: what is taken, what is due, and for whom."""
    people = await registrations.under(visit.tx, programme.code, limit=SHOWN)
    count = await registrations.under_count(visit.tx, programme.code)
    asked = await offers.pending(visit.tx, programme.code)
    text = paragraphs(
        Lines(
            [
                _("<b>{name}</b>, {area}", name=programme.name, area=visit.office.areas.describe(programme.area)),
                _("closed") if programme.state == CLOSED else "",
                _(
                    "{taken} of {people} places approved, {left} left",
                    taken=Number(programme.taken.people),
                    people=Number(programme.people or 0),
                    left=Number((programme.people or 0) - programme.taken.people),
                ),
                _("You asked {count}, who have not answered yet.", count=asked) if asked else "",
            ]
        ),
        await _dues(visit, programme),
        Lines([_person(visit, one) for one in people]),
        _("… and {count} more", count=Number(count - SHOWN)) if count > SHOWN else "",
    )
    if programme.state == CLOSED:
        return text, [[Key(_("🔄 Refresh"), button("pledge", "open", programme.code))]]
    finding = [
        [Key(_("👤 Register somebody"), button("pledge", "register", programme.code))],
        [Key(_("🔎 Somebody from the queue"), button("adopt", "list", programme.code))],
    ]
    keys: Keys = [
        *(finding if await room(visit, programme) else []),
        [
            Key(_("🔄 Refresh"), button("pledge", "open", programme.code)),
            Key(_("⏸ Close"), button("pledge", "close", programme.code)),
        ],
    ]
    return text, keys


async def _dues(visit: Visit, programme: Programme) -> Value:
    covered = await registrations.covered(visit.tx, programme.code)
    if not covered:
        return _("Nothing is due yet: first somebody has to be approved.")
    groups = [Group(one.first_month, one.months, one.people) for one in covered]
    return Lines(
        [
            _("<b>Due to BPJS</b>, at the full price; BPJS says whether a discount holds:"),
            due_lines(due(groups, Tier(programme.tier))),
        ]
    )


def _person(visit: Visit, registration: Registration) -> Value:
    """Return one person paid for: number, masked name, state."""
    name = str((registration.document or {}).get("name") or "…")
    return _(
        "• {number} {name}: {state}",
        number=registration.number,
        name=names.mask(name),
        state=standing.BRIEFLY[notices.told(visit, registration).state],
    )


async def room(visit: Visit, programme: Programme) -> bool:
    """Tell whether a pledge still has a place that nobody has, waits for, or was offered."""
    promised = await registrations.under_count(visit.tx, programme.code)
    promised += await offers.pending(visit.tx, programme.code)
    return programme.state == OPEN and promised < (programme.people or 0)


@turn.ending("pledge")
async def pledged(visit: Visit, result: Finished) -> None:
    """Enter the pledge as a programme of the person's own, and tell the admins."""
    if result.outcome != "done":
        visit.show(_("That is all right. Nothing was pledged. If you change your mind: /bayarkan."))
        return
    mine = await programmes.all_(visit.tx, owner=visit.id, state=OPEN)
    if len(mine) >= MOST_OPEN:
        visit.show(_("You have {count} open pledges. Please fill or close one first: /bayarkan.", count=len(mine)))
        return
    made = await programmes.save(visit.tx, await _programme(visit, result), by=visit.id, now=visit.now)
    await visit.sign()
    text, keys = await screen(visit, made)
    visit.show(paragraphs(_("🤝 Thank you! Your pledge is noted."), text), keys)
    told = _(
        "🤝 {name} pledges to pay for {people} people, {months} months each, in {area}.",
        name=made.name,
        people=made.people or 0,
        months=made.months,
        area=visit.office.areas.describe(made.area),
    )
    others = sorted(await rights.admins(visit, made.area) - {visit.id})
    await visit.write_to(others, told, [[Key(_("Look at it"), button("programme", "open", made.code))]])


async def _programme(visit: Visit, result: Finished) -> Programme:
    """Return the pledge as a programme. Its code is drawn: a name does not belong into buttons."""
    code = f"S-{registrations.new_number()}"
    while await programmes.get(visit.tx, code) is not None:
        code = f"S-{registrations.new_number()}"
    answers = result.answers
    pledged = plan(answers, visit.context())
    people = pledged.people or 1
    return Programme(
        code=code,
        name=str(answers["name"]),
        payer=str(answers["payer"]),
        area=scope.area_of(answers, visit.context()),
        tier=pledged.tier.value,
        months=pledged.months,
        first_month=pledged.first_month,
        last_month=prices.later(pledged.first_month, TO_FILL + pledged.months - 1),
        people=people,
        person_months=people * pledged.months,
        owner=visit.id,
        terms=Terms().to_json(),
    )
