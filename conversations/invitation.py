"""An admin invites the sponsor who looks at the registrations of a village or a district."""

from __future__ import annotations

from conversations.flow import Answers, Context, Flow, Step
from conversations.kinds import AreaPick, Choice, Option
from conversations.rules.areas import Level
from conversations.words import _


def _for_village(answers: Answers, _context: Context) -> bool:
    return answers.get("scope") == "village"


def _for_district(answers: Answers, _context: Context) -> bool:
    return answers.get("scope") == "district"


INVITATION = Flow(
    "invitation",
    (
        Step(
            "scope",
            _("Whom do you want to invite?"),
            Choice(
                Option("village", _("A sponsor for one village")), Option("district", _("A sponsor for a district"))
            ),
            help=_("The sponsor sees the registrations of that place and decides on them."),
        ),
        Step("village", _("For which <b>village</b>?"), AreaPick(), when=_for_village),
        Step("district", _("For which <b>district</b>?"), AreaPick(Level.DISTRICT), when=_for_district),
    ),
)
