"""What a reviewer says when a registration cannot be approved: which answer is to be put right, or why it is rejected."""

from __future__ import annotations

from conversations.flow import Answers, Context, Flow, Step
from conversations.kinds import Choice, Given, Option
from conversations.registration import FORM
from conversations.words import Text, Value, _

CORRECTABLE = ("name", "nik", "born", "phone", "occupation", "village", "address", "employer")


def field_label(step: str) -> Text:
    """Return the name of an answer, as the summary calls it."""
    return next(found.label for found in FORM if found.id == step and found.label is not None)


def _asks_fix(answers: Answers, _context: Context) -> bool:
    return answers.get("verdict") == "fix"


def _asks_rejection(answers: Answers, _context: Context) -> bool:
    return answers.get("verdict") == "reject"


FAULT = Choice(
    Option("unlike_ktp", _("It differs from the KTP")),
    Option("incomplete", _("It is incomplete")),
    Option("unreadable", _("It cannot be understood")),
    own_words=True,
)
GROUNDS = Choice(
    Option("not_resident", _("Does not live in this village")),
    Option("duplicate", _("This NIK has already been proposed")),
    Option("has_cover", _("Already covered through an employer")),
    Option("unreachable", _("Could not be reached to check")),
    own_words=True,
)


def reason_text(code: str, context: Context) -> Value:
    """Return a reviewer's reason as the worker reads it: a known one, or the reviewer's own words."""
    return FAULT.shown(code, {}, context) or GROUNDS.shown(code, {}, context)


DECISION = Flow(
    "decision",
    (
        Step("subject", "", Given(), asked=False),
        Step(
            "verdict",
            _("What do you decide?"),
            Choice(Option("fix", _("✏️ Needs correction")), Option("reject", _("✖️ Reject"))),
        ),
        Step(
            "field",
            _("<b>Which answer</b> has to be put right? Only this one will be asked again."),
            Choice(*(Option(step, field_label(step)) for step in CORRECTABLE)),
            when=_asks_fix,
            after=("verdict",),
        ),
        Step(
            "fault",
            _("<b>What is wrong with it?</b> Press a button, or write one sentence for the worker."),
            FAULT,
            when=_asks_fix,
            after=("verdict", "field"),
        ),
        Step(
            "grounds",
            _("<b>Why is it rejected?</b> Press a button, or write one sentence for the worker."),
            GROUNDS,
            when=_asks_rejection,
            after=("verdict",),
        ),
    ),
)
