"""A programme in words: its terms, who looks at whose registration, and how much of it is used and left."""

from __future__ import annotations

from typing import Any

from conversations.programme import SUMMARY
from conversations.rules import occupations
from conversations.words import Lines, Money, Number, Text, Value, _
from handlers.programmes import read, room, terms
from handlers.visit import Visit
from storage import registrations
from storage.programmes import CLOSED, Programme


def answered(visit: Visit, programme: Programme) -> Value:
    """Return the terms as the form that describes them."""
    return SUMMARY.lines(_without_defaults(terms.answers(programme, visit.context())), visit.context())


async def line(visit: Visit, programme: Programme) -> Value:
    """Return its name, and how many places are taken and left."""
    closed = _("closed") if programme.state == CLOSED else ""
    name = _("• <b>{name}</b>", name=programme.name)
    taken, left = programme.taken.people, await room(visit, programme)
    places: Value = _("{taken} places taken", taken=Number(taken))
    if programme.people is not None:
        free = programme.people - taken
        places = _(
            "{taken} of {places} places taken, {left} left",
            taken=Number(taken),
            places=Number(programme.people),
            left=Number(free),
        )
        left = None if left == free else left
    enough = "" if left is None else _("enough for {left} more", left=Number(left))
    return Lines([part for part in (name, places, enough, closed) if part], " · ")


def departments(programme: Programme) -> Value:
    """Say which department looks at which work, where the village's yes is not enough; a file names others."""
    rules = read(programme)
    looks: dict[str, list[Value]] = {}
    for job in occupations.all_():
        department = rules.department(job.code, job.department)
        if department is not None and (not rules.terms.occupations or job.code in rules.terms.occupations):
            looks.setdefault(department, []).append(job.label)
    return Lines([_("🏛 {department}: {work}", department=one, work=Lines(work, ", ")) for one, work in looks.items()])


def _without_defaults(answers: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing: no limit, no rule, no matter; and how shares came about where they are listed."""
    silent: tuple[object, ...] = ("skip", [], "any", "none", "usual")
    return {
        name: answer
        for name, answer in answers.items()
        if (answer not in silent or name == "jobs") and name != "shares"
    }


async def used(visit: Visit, programme: Programme) -> Value:
    """Return what of a programme is used and left, and how many wait."""
    waiting = await registrations.waiting_count(visit.tx, programme.code)
    taken = programme.taken
    return Lines(
        [
            await line(visit, programme),
            _amount(_("Person-months: {used} used, {left} left"), taken.months, programme.person_months),
            _amount(_("Rupiah: {used} used, {left} left"), taken.budget, programme.budget, money=True),
            _("On the waiting list: {count}", count=Number(waiting)),
        ]
    )


def _amount(sentence: Text, used_up: int, quota: int | None, *, money: bool = False) -> Value:
    if quota is None:
        return ""
    left = quota - used_up
    return Text(
        sentence.sentence,
        {"used": Money(used_up), "left": Money(left)} if money else {"used": Number(used_up), "left": Number(left)},
    )
