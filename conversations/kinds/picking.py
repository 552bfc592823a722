"""Long lists: an occupation or a village, by buttons page by page or by typing a part of the name."""

from __future__ import annotations

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Narrowed, Reading, Refused, Reply, Step, Taken
from conversations.kinds.line import tidy
from conversations.replies import Button
from conversations.rules import occupations
from conversations.rules.areas import Area, Level, within
from conversations.words import Value, _

PAGE = 8  # buttons a page, two in a row: what a small phone shows without scrolling
MOST_FOUND = 6
SHORTEST, LONGEST = 3, 60
OTHER = "other"


def _grid(buttons: list[Button]) -> list[tuple[Button, ...]]:
    return [tuple(buttons[index : index + 2]) for index in range(0, len(buttons), 2)]


def page_of(draft: Json) -> int:
    """Return the page of a long list that is open."""
    page = draft.get("page") if isinstance(draft, dict) else None
    return page if isinstance(page, int) and page > 0 else 0


def turns(step: Step, page: int, count: int) -> list[tuple[Button, ...]]:
    """Return the row that turns the pages of a list of `count` entries."""
    row = [Button(_("◀ Previous"), step.id, f"page-{page - 1}")] if page > 0 else []
    row += [Button(_("More ▶"), step.id, f"page-{page + 1}")] if (page + 1) * PAGE < count else []
    return [tuple(row)] if row else []


class OccupationPick:
    """An occupation: `{"code": …, "words": …}`, where code "other" keeps the person's own words."""

    contact = False
    digits = False

    def rows(self, step: Step, draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer what a search found, or else a page of the list."""
        if isinstance(draft, dict) and isinstance(found := draft.get("found"), list):
            jobs = [job for code in found if (job := occupations.get(str(code))) is not None]
            words = str(draft.get("words", ""))
            rows = [(Button(job.label, step.id, job.code),) for job in jobs]
            rows += [(Button(_("None of these: “{words}”", words=words[:30]), step.id, OTHER),)]
            return (*rows, (Button(_("Show the list"), step.id, "page-0"),))
        trades = occupations.all_()
        page = page_of(draft)
        shown = trades[page * PAGE : (page + 1) * PAGE]
        return (*_grid([Button(job.label, step.id, job.code) for job in shown]), *turns(step, page, len(trades)))

    def read(self, reply: Reply, draft: Json, _answers: Answers, context: Context) -> Reading:
        """Take a press, or search for typed words."""
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. What is your work?"))
        if isinstance(reply, Pressed):
            return _picked_job(reply.option, draft)
        words = tidy(reply.text)
        if not any(character.isalpha() for character in words) or len(words) > LONGEST:
            return Refused(_("Please type your work in a word or two, for example: ojek, jualan bakso, petani."))
        if (known := occupations.get(context.solved.get(occupations.key(words), ""))) is not None:
            return Taken({"code": known.code, "words": words})
        found = occupations.find(words)[:MOST_FOUND]
        if len(found) == 1:
            return Taken({"code": found[0].code, "words": words})
        note = (
            _("I do not have “{words}” in the list. You may use it as it is, or choose from the list.", words=words)
            if not found
            else _("Which of these is closest?")
        )
        return Narrowed({"found": [job.code for job in found], "words": words}, note)

    def holds(self, value: Json, _answers: Answers, _context: Context) -> bool:
        """Tell whether the code is still in the list, or the own words are there."""
        if not isinstance(value, dict) or not isinstance(code := value.get("code"), str):
            return False
        return bool(value.get("words")) if code == OTHER else occupations.get(code) is not None

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the occupation's name, or the person's own words."""
        if not isinstance(value, dict):
            return ""
        job = occupations.get(str(value.get("code")))
        return str(value.get("words")) if job is None else job.label


def _picked_job(option: str, draft: Json) -> Reading:
    if option.startswith("page-") and option[5:].isdigit():
        return Narrowed({"page": int(option[5:])})
    words = draft.get("words") if isinstance(draft, dict) else None
    if option == OTHER and words:
        return Taken({"code": OTHER, "words": words})
    if occupations.get(option) is not None:
        return Taken({"code": option, "words": words})
    return Refused(_("Please choose your work from the buttons, or type it."))


class AreaPick:
    """A place: `{"code": …, "words": …}`, by choosing district and village or by typing a name.

    `level` is what is picked: a village, a district or a regency. With `elsewhere`, a place outside the operator's area
    may be described in words; it keeps the area's code. The fact `areas`, a list of codes, narrows what may be picked.
    """

    contact = False
    digits = False

    def __init__(self, level: Level = Level.VILLAGE, *, elsewhere: bool = False) -> None:
        self.level, self.elsewhere = level, elsewhere

    def rows(self, step: Step, draft: Json, _answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer what a search found, the villages of a chosen district, or the districts of the operator's area."""
        draft = draft if isinstance(draft, dict) else {}
        districts = (Button(_("Show the districts"), step.id, "districts"),)
        if draft.get("outside"):
            return (districts,)
        if isinstance(found := draft.get("found"), list):
            return (*((Button(context.areas.describe(str(code)), step.id, str(code)),) for code in found), districts)
        district = draft.get("district")
        offered = self._places(context, district if isinstance(district, str) else None)
        places = [one for one in offered if _near(one.code, context)]
        page = page_of(draft)
        shown = places[page * PAGE : (page + 1) * PAGE]
        rows = _grid([Button(area.name, step.id, area.code) for area in shown]) + turns(step, page, len(places))
        if district:
            rows.append((Button(_("Other district"), step.id, "districts"),))
        elif self.elsewhere:
            rows.append((Button(_("My village is elsewhere"), step.id, "outside"),))
        return tuple(rows)

    def read(self, reply: Reply, draft: Json, _answers: Answers, context: Context) -> Reading:
        """Take a press, or search for a typed name."""
        draft = draft if isinstance(draft, dict) else {}
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. Please choose the place."))
        if isinstance(reply, Pressed):
            return self._picked(reply.option, draft, context)
        words = tidy(reply.text)
        if len(words) < SHORTEST or len(words) > LONGEST * 2 or not any(one.isalpha() for one in words):
            return Refused(_("Please type the name of the place, at least three letters."))
        if draft.get("outside"):
            return Taken({"code": context.area, "words": words})
        found = context.areas.find(
            words, context.area, fits=lambda area: area.level is self.level and _allowed(area.code, context)
        )
        if found:
            return Narrowed({"found": [area.code for area in found[:MOST_FOUND]]}, _("Is it one of these?"))
        area = context.areas.describe(context.area)
        return Refused(
            _("I cannot find “{words}” in {area}. Please type it differently, or choose it.", words=words, area=area)
        )

    def _picked(self, option: str, draft: dict[str, Json], context: Context) -> Reading:
        if option == "districts":
            return Narrowed(None)
        if option == "outside" and self.elsewhere:
            return Narrowed({"outside": True}, _("Please type village, district and regency."))
        if option.startswith("page-") and option[5:].isdigit():
            return Narrowed({**draft, "page": int(option[5:])})
        if self._is_place(option, context):
            return Taken({"code": option, "words": None})
        if context.areas.known(option) and within(option, context.area):
            return Narrowed({"district": option})
        return Refused(_("Please choose the place from the buttons, or type its name."))

    def _places(self, context: Context, chosen: str | None) -> tuple[Area, ...]:
        """Return what lies next under what was chosen, or under the operator's area: regencies, districts, villages."""
        inside = context.area if chosen is None else chosen
        if self.level is Level.REGENCY or inside.count(".") < Level.REGENCY - 1:
            return context.areas.regencies(inside)
        if inside.count(".") >= Level.DISTRICT - 1:
            return context.areas.villages(".".join(inside.split(".")[: Level.DISTRICT]))
        return context.areas.districts(inside)

    def _is_place(self, code: str, context: Context) -> bool:
        return context.areas.known(code) and _allowed(code, context) and code.count(".") == self.level - 1

    def holds(self, value: Json, _answers: Answers, context: Context) -> bool:
        """Tell whether the place still exists in the operator's area, or is described in words."""
        if not isinstance(value, dict) or not isinstance(code := value.get("code"), str):
            return False
        return self._is_place(code, context) or (self.elsewhere and code == context.area and bool(value.get("words")))

    def shown(self, value: Json, _answers: Answers, context: Context) -> Value:
        """Return the place with what it lies in, or the words of one elsewhere."""
        if not isinstance(value, dict):
            return ""
        code = str(value.get("code"))
        return context.areas.describe(code) if self._is_place(code, context) else str(value.get("words"))


def _allowed(code: str, context: Context) -> bool:
    """Tell whether a place may be picked by this person."""
    only = context.facts.get("areas")
    narrowed = not isinstance(only, list) or any(within(code, str(area)) for area in only)
    return within(code, context.area) and narrowed


def _near(code: str, context: Context) -> bool:
    """Tell whether a place may be picked, or holds one that may."""
    only = context.facts.get("areas")
    return _allowed(code, context) or (isinstance(only, list) and any(within(str(area), code) for area in only))
