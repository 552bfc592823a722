"""/rekap for those who act for others: a picture and a few lines, of what each may look at and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from conversations import events
from conversations.words import Value, _
from handlers import rights, turn
from handlers.recap import wording
from handlers.recap.figures import View, gather
from handlers.visit import Key, Visit, button, inline, pressed_button, pressed_on
from storage import programmes, roles
from storage.recap import Part

router = Router(name="recap")

MOST_CHOICES = 12  # buttons under one picture


@router.message(Command("rekap"))
async def show(_message: Message, visit: Visit) -> None:
    """/rekap: the widest view the person has, with the others to choose from."""
    allowed = await views(visit)
    if not allowed:
        visit.say(_("/rekap shows figures to those who look after registrations or pay for them. Yours: /status."))
    else:
        await _send(visit, allowed, next(iter(allowed)))
    await turn.go_on(visit, events.Resumed())


@router.callback_query(pressed_on("recap"))
async def press(callback: CallbackQuery, visit: Visit) -> None:
    """Show another view, if it is one of the person's at this moment."""
    action, name = pressed_button(callback.data)
    allowed = await views(visit)
    if action != "show" or name not in allowed:
        visit.refuse("recap", _("These figures are not for you to see, or no longer."))
        return
    visit.lay_aside()
    await _send(visit, allowed, name)


async def views(visit: Visit) -> dict[str, View]:
    """Return what the person may look at now, by the name its button carries, the widest first."""
    held = await roles.of(visit.tx, visit.id)
    areas = await rights.areas_of(visit, visit.id)
    found = {"area": View(_places(visit, areas), tuple(Part(area) for area in areas))} if areas else {}
    if areas and await rights.is_admin(visit):
        for one in await programmes.all_(visit.tx):
            if one.owner is None:
                parts = tuple(Part(area, programme=one.code) for area in areas)
                found[f"p-{one.code}"] = View(one.name, parts)
    departments = [role for role in held if role.role == "verifier"]
    if departments:
        parts = tuple(Part(role.area, department=role.department) for role in departments)
        found["department"] = View(", ".join(sorted({role.department for role in departments})), parts)
    if any(role.role == "facilitator" for role in held):
        found["own"] = View(_("Registered by you"), (Part(registered_by=visit.id),))
    for one in await programmes.all_(visit.tx, owner=visit.id):
        found[f"p-{one.code}"] = View(one.name, (Part(programme=one.code),), names=False)
    return found


def _places(visit: Visit, areas: list[str]) -> Value:
    first = visit.office.areas.describe(areas[0]) if areas[0] else _("Indonesia")
    more = len(set(areas)) - 1
    return _("{place} and {count} other places", place=first, count=more) if more else first


async def _send(visit: Visit, allowed: Mapping[str, View], name: str) -> None:
    view = allowed[name]
    figures = await gather(visit, view)
    others = [one for one in allowed if one != name][:MOST_CHOICES]
    keys = [[Key(allowed[one].title, button("recap", "show", one))] for one in others]
    text = wording.summary(visit, view, figures)
    if not figures.total:
        visit.say(text, keys)
        return
    visit.post(
        "sendPhoto",
        {
            "chat_id": visit.id,
            "photo": {
                "draw": "recap",
                "facts": {"sheet": wording.sheet(visit, view, figures).to_json()},
                "language": visit.words.language,
                "once": True,
            },
            "caption": visit.words(text),
            "parse_mode": "HTML",
            **({"reply_markup": inline(visit.words, keys)} if keys else {}),
        },
    )
