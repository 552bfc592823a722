"""Who is who here: the own roles, to be given up; and the people whose roles one may take away."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations.invitation import DUTIES, role_name
from conversations.words import Lines, Value, _, paragraphs
from handlers import rights
from handlers.commands import staff_commands
from handlers.visit import Key, Keys, Visit, button, pressed_button, pressed_on
from locales import words
from storage import people, registrations, roles
from storage.roles import Role

router = Router(name="staff")

PAGE = 8  # people a page
NOBODY = _(
    "You have no role here. /daftar registers yourself, /bayarkan is for paying for somebody near you. To help others, ask "
    "{operator} for an invitation."
)


@router.message(Command("peran"))
async def mine(_message: Message, visit: Visit) -> None:
    """/peran: what one is here, where, since when and by whom."""
    if await rights.held(visit):
        await visit.sign()
    visit.say(*await _mine(visit))


async def _mine(visit: Visit) -> tuple[Value, Keys]:
    held = await roles.of(visit.tx, visit.id)
    parts = [await _described(visit, role) for role in held]
    if visit.id in visit.office.admins:
        place = visit.office.areas.describe(visit.office.area)
        parts.insert(
            0,
            Lines(
                [_("<b>{role}</b>, {place}, by the settings", role=role_name("admin"), place=place), DUTIES["admin"]]
            ),
        )
    if not parts:
        return _(NOBODY.sentence, operator=visit.office.operator), []
    keys = [
        [Key(_("Give up: {role}", role=role_name(role.role, role.department)), _button("leave", role))] for role in held
    ]
    if (await rights.offer(visit)).roles:
        keys.append([Key(_("👥 People here"), button("role", "people", "0"))])
    return paragraphs(_("<b>Who you are here</b>"), *parts), keys


def _button(action: str, role: Role) -> str:
    return button("role", action, str(role.id))


async def _described(visit: Visit, role: Role) -> Value:
    """Return a role with its place, since when, by whom, and what it is for."""
    by = None if role.granted_by is None else await people.name(visit.tx, role.granted_by)
    return Lines(
        [
            _(
                "<b>{role}</b>, {place}, since {day}, by {who}",
                role=role_name(role.role, role.department),
                place=visit.office.areas.describe(role.area),
                day=role.granted_at.astimezone(visit.office.zone).date(),
                who=by or _("the operator"),
            ),
            DUTIES[role.role],
        ]
    )


@router.callback_query(pressed_on("role"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Act on a button of these screens, if this role may be taken away by this person."""
    action, subject = pressed_button(callback.data)
    if action == "mine":
        visit.show(*await _mine(visit))
    elif action == "people":
        await _people(visit, int(subject) if subject.isdecimal() and len(subject) < PAGE else 0)
    else:
        role = await roles.get(visit.tx, int(subject)) if subject.isdecimal() and len(subject) < 2 * PAGE else None
        if role is None or not await rights.may_revoke(visit, role):
            visit.refuse("role", _("This role is not there any more, or not yours to take away."))
        else:
            await _act(visit, action, role)


async def _act(visit: Visit, action: str, role: Role) -> None:
    match action:
        case "see":
            visit.show(*await _card(visit, role))
        case "leave" if role.person == visit.id:
            visit.show(
                _(
                    "Give up <b>{role}</b>? A new invitation is needed to come back.",
                    role=role_name(role.role, role.department),
                ),
                [[Key(_("No, go back"), button("role", "mine"))], [Key(_("Yes, give it up"), _button("left", role))]],
            )
        case "left" if role.person == visit.id:
            await _end(visit, role)
            visit.show(*await _mine(visit))
        case "take" if role.person != visit.id:
            visit.show(
                _("Take this role away? It ends at once, and the person is told."),
                [[Key(_("No, go back"), _button("see", role))], [Key(_("Yes, take it away"), _button("taken", role))]],
            )
        case "taken" if role.person != visit.id:
            await _end(visit, role)
            visit.notify(_("The role has ended."))
            await _people(visit, 0)
        case _:
            visit.refuse("role", _("This button no longer works."))


async def _end(visit: Visit, role: Role) -> None:
    """End a role and renew the menu; somebody else's is told kindly, without a reason that nobody gave."""
    await roles.revoke(visit.tx, role.id, visit.now)
    person = await people.meet(visit.tx, role.person, visit.now)
    left = await rights.held(visit, role.person)
    visit.letters.append(staff_commands(role.person, words(person.language), left))
    if role.person != visit.id:
        ended = _(
            "Your role here has ended: <b>{role}</b>, {place}. Thank you for your help. Questions: {operator}, {contact}.",
            role=role_name(role.role, role.department),
            place=visit.office.areas.describe(role.area),
            operator=visit.office.operator,
            contact=visit.office.contact,
        )
        await visit.write_to([role.person], ended)


async def _people(visit: Visit, page: int) -> None:
    """List those whose roles the visitor may take away, a page at a time."""
    offer = await rights.offer(visit)
    if not offer.roles:
        visit.refuse("role", _("Only admins and sponsors of a village see the people here."))
        return
    areas = offer.places or (visit.office.area,)
    found = await roles.within(visit.tx, areas, offer.roles, limit=PAGE + 1, offset=page * PAGE)
    keys = [[Key(await _line(visit, role), _button("see", role))] for role in found[:PAGE] if role.person != visit.id]
    turns = [Key(_("◀ Previous"), button("role", "people", str(page - 1)))] if page else []
    turns += [Key(_("More ▶"), button("role", "people", str(page + 1)))] if len(found) > PAGE else []
    text = _("<b>People here</b>. Choose one to see more.") if keys else _("Nobody here yet. /undang invites somebody.")
    visit.show(text, [*keys, turns, [Key(_("⬅️ Back"), button("role", "mine"))]])


async def _line(visit: Visit, role: Role) -> Value:
    return _(
        "{who} · {role} · {place}",
        who=await _name(visit, role.person),
        role=role_name(role.role),
        place=visit.office.areas.name(role.area) if visit.office.areas.known(role.area) else role.area,
    )


async def _name(visit: Visit, person: int) -> Value:
    return await people.name(visit.tx, person) or _("somebody unknown")


async def _card(visit: Visit, role: Role) -> tuple[Value, Keys]:
    """Return what is known of one who holds a role, and the way to take it away."""
    back = Key(_("⬅️ Back"), button("role", "people", "0"))
    take = [] if role.person == visit.id else [Key(_("Take the role away"), _button("take", role))]
    entered = await registrations.count_entered(visit.tx, role.person)
    name = _("<b>{who}</b>", who=await _name(visit, role.person))
    count = _("Registered for others: {count}", count=entered)
    return Lines([name, await _described(visit, role), count]), [take, [back]]
