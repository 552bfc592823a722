"""For which area something is: a village, a district, a regency, or everything the operator serves."""

from __future__ import annotations

from functools import partial

from conversations.flow import Answers, Context, Step
from conversations.kinds import AreaPick, Choice, Option
from conversations.rules.areas import Level
from conversations.words import _

LEVELS = {"regency": Level.REGENCY, "district": Level.DISTRICT, "village": Level.VILLAGE}


def _smaller(level: Level, _answers: Answers, context: Context) -> bool:
    """Offer a level only below that of the operator's area."""
    depth = context.area.count(".") + 1 if context.area else 0
    return depth < level


def _chose(level: str, answers: Answers, _context: Context) -> bool:
    return answers.get("scope") == level


SCOPE = (
    Step(
        "scope",
        _("For which <b>area</b> is it?"),
        Choice(
            Option("village", _("One village"), when=partial(_smaller, Level.VILLAGE)),
            Option("district", _("One district"), when=partial(_smaller, Level.DISTRICT)),
            Option("regency", _("One regency or city"), when=partial(_smaller, Level.REGENCY)),
            Option("whole", _("The whole area")),
        ),
        label=_("Area"),
    ),
    Step(
        "village",
        _("Which <b>village</b>?"),
        AreaPick(),
        label=_("Village"),
        when=partial(_chose, "village"),
    ),
    Step(
        "district",
        _("Which <b>district</b>?"),
        AreaPick(Level.DISTRICT),
        label=_("District"),
        when=partial(_chose, "district"),
    ),
    Step(
        "regency",
        _("Which <b>regency or city</b>?"),
        AreaPick(Level.REGENCY),
        label=_("Regency or city"),
        when=partial(_chose, "regency"),
    ),
)


def area_of(answers: Answers, context: Context) -> str:
    """Return the code of the area that was chosen."""
    place = answers.get(str(answers.get("scope")))
    return str(place["code"]) if isinstance(place, dict) else context.area


def chosen(area: str, whole: str) -> dict[str, dict[str, str | None] | str]:
    """Return the answers that choose an area, `whole` being everything the operator serves."""
    level = next((name for name, level in LEVELS.items() if area.count(".") + 1 == level), "whole")
    if area == whole or level == "whole":
        return {"scope": "whole"}
    return {"scope": level, level: {"code": area, "words": None}}
