"""A poster is made: for which village, and whether it hangs at the village's office or at a stand of its own."""

from __future__ import annotations

from conversations.flow import Answers, Context, Flow, Step
from conversations.kinds import AreaPick, Choice, Line, Option
from conversations.words import _

LONGEST_STAND = 40


def _at_stand(answers: Answers, _context: Context) -> bool:
    return answers.get("where") == "stand"


POSTER = Flow(
    "poster",
    (
        Step("village", _("A poster for which <b>village</b>?"), AreaPick()),
        Step(
            "where",
            _("Where will it hang?"),
            Choice(
                Option("village", _("In the village: office, hall, stall")),
                Option("stand", _("At a stand with its own name")),
            ),
            help=_("The code leads to the registration of this village. The name of a stand only stands on the paper."),
        ),
        Step(
            "stand",
            _("What is the <b>name</b> of the stand? For example: Pangkalan Ojek Terminal Jati."),
            Line(3, LONGEST_STAND, short=_("Please type the name of the stand, at least three letters.")),
            when=_at_stand,
        ),
    ),
)
