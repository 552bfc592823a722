"""The questions about programmes: which one pays, and what its rules demand to know."""

from __future__ import annotations

from conversations import paying
from conversations.flow import Step
from conversations.kinds import Choice, Option, ProgrammePick
from conversations.words import _

YES_NO = Choice(
    Option("yes", _("Yes"), also=("ya", "iya", "sudah", "yes")), Option("no", _("No"), also=("tidak", "belum", "no"))
)

UNDER_PROGRAMME = (
    Step(
        "programme",
        paying.programme_question,
        ProgrammePick(),
        label=_("Programme"),
        when=paying.asks_programme,
        after=("village", "payer"),
        reopens={"?breadwinner": ("breadwinner",), "?family_has_one": ("family_has_one",)},
        help=_("If you do not know, say so: the officer can still put you under a programme that fits."),
    ),
    Step(
        "breadwinner",
        _("Are you the <b>main earner</b> of the family?"),
        YES_NO,
        label=_("Main earner"),
        when=paying.asks_breadwinner,
    ),
    Step(
        "family_has_one",
        _("Has <b>somebody else of the family</b> been registered under this programme already?"),
        YES_NO,
        label=_("One of the family has a place"),
        when=paying.asks_family,
    ),
)
