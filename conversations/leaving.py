"""The question before a conversation is given up. Every flow has it; none lists it."""

from conversations.flow import Step
from conversations.kinds import Choice, Option
from conversations.words import _

LEAVE = Step(
    "leave",
    "",  # the flow says what would be lost
    Choice(
        Option("stay", _("No, continue"), also=("tidak", "lanjut", "no")),
        Option("leave", _("Yes, stop"), also=("ya", "yes")),
    ),
)
