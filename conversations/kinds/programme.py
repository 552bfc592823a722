"""A programme that pays: those that fit by name, or none of them."""

from __future__ import annotations

from conversations import paying
from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.rules.prices import Tier
from conversations.rules.programmes import Unfit
from conversations.words import Text, Value, _

CHANGES: dict[Unfit, tuple[str, Text]] = {
    Unfit.BREADWINNER: ("?breadwinner", _("Change: main earner")),
    Unfit.FAMILY: ("?family_has_one", _("Change: one of the family")),
}


class ProgrammePick:
    """One of the programmes that fit, kept with what has to be known of it, or `paying.NONE`.

    An answer that keeps the person from a programme may be changed from here: "?" and the step that asked it. With the
    fact `bound`, there is no going on without a programme: who registers pays, and nothing else.
    """

    contact = False
    digits = False

    def rows(self, step: Step, _draft: Json, answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer the programmes that fit, the answers that stand in the way of others, and none."""
        fitting = paying.fitting(answers, context)
        none = _("None of these / I do not know") if fitting else _("Go on without")
        return (
            *((Button(one.name, step.id, one.code),) for one in fitting),
            *((Button(CHANGES[one][1], step.id, CHANGES[one][0]),) for one in paying.changeable(answers, context)),
            *(() if _bound(context) else ((Button(none, step.id, paying.NONE),),)),
        )

    def read(self, reply: Reply, _draft: Json, answers: Answers, context: Context) -> Reading:
        """Take a press, or a programme's name or number typed."""
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. Please press one of the buttons."))
        fitting = paying.fitting(answers, context)
        if isinstance(reply, Pressed):
            changes = {CHANGES[one][0] for one in paying.changeable(answers, context)}
            if reply.option in changes or (reply.option == paying.NONE and not _bound(context)):
                return Taken(reply.option)
            picked = [one for one in fitting if one.code == reply.option]
        else:
            typed = " ".join(reply.text.casefold().split())
            picked = [one for number, one in enumerate(fitting, 1) if typed in {one.name.casefold(), str(number)}]
        if len(picked) == 1:
            return Taken(paying.answer(picked[0]))
        return Refused(_("Please press one of the buttons below the question."))

    def holds(self, value: Json, answers: Answers, context: Context) -> bool:
        """Tell whether the programme is still offered on these terms, and fits."""
        if value == paying.NONE:
            return not _bound(context)
        return value in [paying.answer(one) for one in paying.fitting(answers, context)]

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the programme with what it pays."""
        if not isinstance(value, dict):
            return _("none")
        package = _("accident, death, old age") if value.get("tier") == Tier.WITH_JHT.value else _("accident and death")
        return _(
            "{name} ({package}, {months} months)",
            name=str(value.get("name")),
            package=package,
            months=int(str(value.get("months"))),
        )


def _bound(context: Context) -> bool:
    return bool(context.facts.get("bound"))
