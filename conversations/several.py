"""Several registrations decided at once: the clean ones named and approved, or chosen ones rejected for one reason.

Both are opened with the fact `listed`: what may be decided, each with `number`, masked `name`, `occupation` as the form
stores it, and `seen`, when it last changed. A decision is of exactly those, as they were then.
"""

from __future__ import annotations

from conversations.decision import GROUNDS
from conversations.events import Json
from conversations.flow import Answers, Context, Flow, Step
from conversations.kinds import Choice, OccupationPick, Option
from conversations.kinds.several import SomeOf
from conversations.words import Lines, Text, Value, _, paragraphs

CHOSEN = SomeOf("chosen", "listed", _("Please choose at least one."))


def _named(_answers: Answers, context: Context) -> Value:
    """Name those whom one press will approve."""
    entries = CHOSEN.entries(context)
    lines = [
        _("{place}. {name} · {work}", place=place, name=one["name"], work=_work(one["occupation"], context))
        for place, one in enumerate(entries, start=1)
    ]
    head = _("<b>{count} without any warning.</b> Do you approve all of them?", count=len(entries))
    return paragraphs(head, Lines(lines))


def _work(occupation: Json, context: Context) -> Value:
    return OccupationPick().shown(occupation, {}, context)


def _label(_answers: Answers, context: Context) -> Text:
    return _("✅ Approve these {count}", count=len(CHOSEN.entries(context)))


def _why(answers: Answers, _context: Context) -> Value:
    chosen = answers.get("chosen")
    count = len(chosen) if isinstance(chosen, list) else 0
    return _("<b>Why are these {count} rejected?</b> Press a button, or write one sentence for them.", count=count)


APPROVAL = Flow(
    "approval",
    (
        Step(
            "sure", _named, Choice(Option("yes", _label), Option("no", _("Not now"))), ends={"yes": "done", "no": "not"}
        ),
    ),
)
DISMISSAL = Flow(
    "dismissal",
    (
        Step("chosen", _("<b>Which ones</b> are to be rejected? Press them, then “Done”."), CHOSEN),
        Step("grounds", _why, GROUNDS, after=("chosen",)),
        Step(
            "sure",
            _("The people concerned are told in one minute. Reject them?"),
            Choice(Option("yes", _("✖️ Yes, reject")), Option("no", _("Not now"))),
            after=("chosen", "grounds"),
            ends={"yes": "done", "no": "not"},
        ),
    ),
)
