"""The words of a recap: a few lines that say what the picture shows, and the picture's own labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from conversations.words import Lines, Money, Number, Text, Value, _
from handlers.pictures.sheet import Bar, Chart, Sheet
from handlers.recap.figures import AGREED, COVERED, WAITS, Figures, View, Village
from handlers.visit import Visit
from storage.programmes import Programme
from storage.states import State

NAMES: Mapping[State, Text] = {
    State.QUEUED: _("Waits for a decision"),
    State.NEEDS_CORRECTION: _("Needs correction"),
    State.WITH_DEPARTMENT: _("With the department"),
    State.WAITING_LIST: _("On the waiting list"),
    State.APPROVED: _("Approved"),
    State.HANDED_OVER: _("Handed over to BPJS"),
    State.NOT_MATCHED: _("Data not matched"),
    State.ACTIVE: _("Active member"),
    State.LAPSED: _("Lapsed"),
    State.REJECTED: _("Rejected"),
    State.WITHDRAWN: _("Withdrawn"),
}
"""The states as a funnel, from arrival to cover, then those that left it."""

MOST_VILLAGES = 12
MOST_PROGRAMMES = 3
LONGEST_NAME = 40
_MILLION = 1_000_000
_UNTOLD = "…"


def summary(visit: Visit, view: View, figures: Figures) -> Value:
    """Return the recap in at most twelve lines, which are also what a person hears who cannot see the picture."""
    head = _("📊 <b>{title}</b> · {day}", title=view.title, day=visit.today)
    if figures.total is None:
        return Lines([head, _("There are fewer than five registrations here: too few for figures that name nobody.")])
    if not figures.total:
        return Lines([head, _("There is no registration here yet.")])
    lines: list[Value] = [head, _("Registrations: <b>{total}</b>", total=Number(figures.total)), _funnel(figures)]
    if figures.lately is not None:
        arrived, decided = Number(figures.lately.arrived), Number(figures.lately.decided)
        lines.append(_("Last 30 days: {arrived} arrived, {decided} decided", arrived=arrived, decided=decided))
    if figures.wait is not None:
        lines.append(_("Half of all wait less than {time} for a decision", time=_time(figures.wait)))
    lines += _claims(figures)
    if figures.untouched:
        lines.append(_("Villages with places and nobody registered: {count}", count=figures.untouched))
    lines += [_used(one) for one in figures.used[:MOST_PROGRAMMES]]
    if figures.hidden:
        lines.append(_untold())
    return Lines(lines)


def sheet(visit: Visit, view: View, figures: Figures) -> Sheet:
    """Return the picture of a recap, in the person's words."""
    say = visit.words.plain
    notes = [_untold()] if figures.hidden else []
    if figures.total:
        notes.append(_("Active member: BPJS has confirmed the cover. All others are not members yet."))
    programmes = [_programme(visit, one) for one in figures.used[:MOST_PROGRAMMES]]
    parts = [_states(visit, figures), _villages(visit, view, figures), *programmes]
    day = _("{day} · registrations: {total}", day=visit.today, total=_shown(figures.total))
    return Sheet(say(view.title), say(day), tuple(one for one in parts if one.bars), tuple(map(say, notes)))


def _funnel(figures: Figures) -> Value:
    counts = [_("{name}: {count}", name=NAMES[one], count=_shown(figures.states[one])) for one in _present(figures)]
    return Lines(counts, " · ")


def _present(figures: Figures) -> Iterator[State]:
    """Return the states in which there is somebody, or may be."""
    return (state for state in NAMES if figures.states.get(state, 0) != 0)


def _shown(count: int | None) -> Value:
    return _UNTOLD if count is None else Number(count)


def _untold() -> Text:
    return _("“…” is a figure that is not told, because it could point at single people.")


def _time(wait: timedelta) -> Text:
    hours = max(1, round(wait.total_seconds() / 3600))
    days = round(hours / 24)
    return _("{count} hours", count=hours) if days < 2 else _("{count} days", count=days)  # noqa: PLR2004


def _claims(figures: Figures) -> list[Value]:
    """Return how far those registered by another stand behind it; nothing where all registered themselves."""
    if not any(figures.claims.get(one, 0) != 0 for one in ("attested", "claimed", "denied")):
        return []
    counts = {one: _shown(figures.claims.get(one, 0)) for one in ("claimed", "attested")}
    return [_("Registered by others: taken over {claimed}, not yet {attested}", **counts)]


def _used(programme: Programme) -> Text:
    """Return what a programme has given and has left, by whatever limits it."""
    parts: list[Value] = []
    taken = programme.taken
    if programme.people is not None:
        parts.append(_("places {taken} of {all}", taken=Number(taken.people), all=Number(programme.people)))
    if programme.person_months is not None:
        parts.append(
            _("person-months {taken} of {all}", taken=Number(taken.months), all=Number(programme.person_months))
        )
    else:
        parts.append(_("person-months {taken}", taken=Number(taken.months)))
    if programme.budget is not None:
        parts.append(_("{taken} of {all}", taken=Money(taken.budget), all=Money(programme.budget)))
    else:
        parts.append(Money(taken.budget))
    return _("<b>{name}</b>: {parts}", name=_short(programme.name), parts=Lines(parts, ", "))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def _states(visit: Visit, figures: Figures) -> Chart:
    colours = dict.fromkeys(WAITS, "waits") | dict.fromkeys(AGREED, "agreed") | dict.fromkeys(COVERED, "covered")
    bars = [
        _bar(visit, NAMES[one], ((colours.get(one, "over"), figures.states[one]),), _shown(figures.states[one]))
        for one in _present(figures)
    ]
    return Chart(visit.words.plain(_("Where they stand")), tuple(bars))


def _villages(visit: Visit, view: View, figures: Figures) -> Chart:
    """Return the villages with the most registrations, and how many there are in all others."""
    known = {area: one for area, one in figures.villages.items() if one.all is not None}
    first = sorted(known, key=lambda area: (-(known[area].all or 0), area))[:MOST_VILLAGES]
    bars = [_village(visit, _name(visit, area), known[area], names=view.names) for area in first]
    if rest := len(figures.villages) - len(first):
        total = (figures.total or 0) - sum(known[area].all or 0 for area in first)
        # Without a bar: one of a hundred villages together would leave nothing to see of the others.
        bars.append(_bar(visit, _("{count} other villages", count=rest), (), Number(total)))
    say = visit.words.plain
    legend = (
        ("covered", say(_("active member"))),
        ("agreed", say(_("approved, not active yet"))),
        ("waits", say(_("not decided"))),
        *((("ink", say(_("the village's places"))),) if any(known[area].target for area in first) else ()),
    )
    return Chart(say(_("By village")), tuple(bars), legend if view.names else ())


def _village(visit: Visit, label: Value, village: Village, *, names: bool) -> Bar:
    """Return a village's row: all registrations, or the places that are taken of its own."""
    if not names or village.all is None:
        return _bar(visit, label, (("agreed", village.all),), _shown(village.all))
    placed = village.covered + village.agreed
    lengths = (("covered", village.covered), ("agreed", village.agreed), ("waits", village.waits))
    closed = village.all - placed - village.waits
    if village.target is None:
        return _bar(visit, label, (*lengths, ("over", closed)), Number(village.all))
    text = _("{count} of {all}", count=Number(placed), all=Number(village.target))
    return _bar(visit, label, lengths, text, village.target)


def _name(visit: Visit, area: str) -> str:
    areas = visit.office.areas
    return areas.name(area) if areas.known(area) else area


def _programme(visit: Visit, programme: Programme) -> Chart:
    """Return what a programme has given of people, person-months and millions of rupiah, where these have a limit."""
    taken, bars = programme.taken, []
    for label, given, most, unit in (
        (_("places"), taken.people, programme.people, 1),
        (_("person-months"), taken.months, programme.person_months, 1),
        (_("million rupiah"), taken.budget, programme.budget, _MILLION),
    ):
        if most:
            text = _("{count} of {all}", count=Number(round(given / unit)), all=Number(round(most / unit)))
            bars.append(_bar(visit, label, (("covered", given / most),), text))
    return Chart(visit.words.plain(_("Given by {name}", name=_short(programme.name))), tuple(bars), scale=1.0)


def _bar(
    visit: Visit,
    label: Value,
    lengths: tuple[tuple[str, float | None], ...],
    text: Value,
    target: int | None = None,
) -> Bar:
    drawn = tuple((colour, length or 0) for colour, length in lengths)
    return Bar(visit.words.plain(label), drawn, visit.words.plain(text), target)
