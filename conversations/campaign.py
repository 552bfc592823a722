"""Changing a campaign: when it comes, how many of it one person gets, or its words for one kind of reader."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from conversations.audience import LANGUAGES
from conversations.flow import Answers, Condition, Context, Flow, Step
from conversations.kinds import Amount, Choice, Given, MessageText, Offsets, Option
from conversations.rules import placeholders
from conversations.rules.campaigns import CAMPAIGNS
from conversations.rules.placeholders import MESSAGE
from conversations.rules.reminder import ANY, GOVERNMENT, SELF, SPONSOR, UNKNOWN, Campaign, Unit, Wording
from conversations.words import Lines, Text, Value, _

OFFSETS, MOST, TEXT = "offsets", "most", "text"  # what can be changed
MOST_OF_ONE = 31
ASKS: Mapping[Unit, Text] = {
    "hours": _("<b>How long after</b> somebody stopped does it come? For example: 1 jam, 1 hari, 3 hari."),
    "after": _("<b>How many days afterwards</b> does it come?"),
    "before": _("<b>How many days before</b> does it come?"),
    "clock": _("<b>At which hour</b> of the morning does it come?"),
}
READERS: Mapping[str, Text] = {
    SELF: _("Who pays alone"),
    SPONSOR: _("For whom a sponsor pays"),
    GOVERNMENT: _("For whom the government pays"),
    UNKNOWN: _("Of whom nobody knows who pays"),
    "queued": _("Who waits in the queue"),
    "waiting_list": _("Who is on the waiting list"),
}


def campaign(answers: Answers) -> Campaign:
    """Return the campaign that is being changed."""
    return CAMPAIGNS[str(answers.get("code"))]


def variant(answers: Answers) -> str:
    """Return the kind of reader whose words are changed: the only one where there is one."""
    known = campaign(answers).wordings
    chosen = str(answers.get("variant"))
    return chosen if chosen in known else next(iter(known), ANY)


def _wording(answers: Answers) -> Wording:
    return campaign(answers).wordings[variant(answers)]


def _changes(what: str, answers: Answers, _context: Context) -> bool:
    return answers.get("what") == what


def _differs(answers: Answers, context: Context) -> bool:
    """Tell whether different readers read different words."""
    return _changes(TEXT, answers, context) and len(campaign(answers).wordings) > 1


def _reads(name: str, answers: Answers, _context: Context) -> bool:
    return name in campaign(answers).wordings


def _reader(name: str) -> Condition:
    return partial(_reads, name)


def _asks_offsets(answers: Answers, _context: Context) -> Value:
    return ASKS[campaign(answers).unit]


def _known(answers: Answers) -> Collection[str]:
    return _wording(answers).values


def _room(_answers: Answers) -> int:
    return MESSAGE


def _asks_text(answers: Answers, _context: Context) -> Value:
    """Ask for the words, and name the values they may hold."""
    return Lines(
        [
            _("Please type the <b>new words</b>. They are checked before anybody reads them."),
            _("Values: <code>{known}</code>", known=placeholders.listed(_known(answers))),
            _("Bold: <code>{bold}</code>", bold="<b>…</b>"),
            _("They are paid for, so no price can stand in it.") if variant(answers) in {SPONSOR, GOVERNMENT} else "",
        ]
    )


CAMPAIGN = Flow(
    "campaign",
    (
        Step("code", "", Given(), asked=False),
        Step("what", "", Given(), asked=False),
        Step("offsets", _asks_offsets, Offsets(campaign), when=partial(_changes, OFFSETS)),
        Step(
            "most",
            _("<b>How many</b> of it does one person get within 30 days, at most?"),
            Amount(1, MOST_OF_ONE, offered=(1, 2, 3, 4, 6)),
            when=partial(_changes, MOST),
        ),
        Step(
            "variant",
            _("The words for <b>which readers</b>?"),
            Choice(*(Option(name, label, when=_reader(name)) for name, label in READERS.items())),
            when=_differs,
        ),
        Step(
            "language",
            _("In which <b>language</b>?"),
            Choice(*(Option(name, label) for name, label in LANGUAGES.items())),
            when=partial(_changes, TEXT),
        ),
        Step("text", _asks_text, MessageText(_known, _room), when=partial(_changes, TEXT), after=("variant",)),
    ),
)
