"""Whom a message is for: asked from the large to the small, with the number of people it reaches after every answer.

The facts say what the author may do: `places` are the areas they look after (none: everything the operator serves),
`programmes` which ones there are, `registrants` who has registered others in the chosen area, once one of them is to be
chosen, `recipients` how many people the answers so far reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from conversations import scope
from conversations.events import Json
from conversations.flow import Answers, Condition, Context, Kind, Step, Wording
from conversations.invitation import OwnPlace
from conversations.kinds import Amount, Choice, Option, RegistrantPick, Several
from conversations.kinds.registrant import entry, registrants
from conversations.kinds.several import entries
from conversations.rules import occupations
from conversations.words import Lines, Number, Text, Value, _

LANGUAGES: Mapping[str, Text] = {"id": _("Indonesian"), "en": _("English")}
STATES: Mapping[str, Text] = {
    "queued": _("in the queue"),
    "needs_correction": _("to be put right"),
    "with_department": _("with the department"),
    "waiting_list": _("on the waiting list"),
    "approved": _("approved"),
    "handed_over": _("handed over to BPJS"),
    "not_matched": _("not found at Dukcapil"),
    "active": _("confirmed by BPJS"),
    "lapsed": _("cover has stopped"),
}
LAPSE_MOST = 90  # days
UNDER_NONE = "-"  # a programme's code is never this


def whom(answers: Answers) -> str:
    """Return which people it is for: registered, unfinished or facilitators."""
    return str(answers.get("whom"))


def _places(context: Context) -> list[Json]:
    places = context.facts.get("places")
    return places if isinstance(places, list) else []


def _whole(_answers: Answers, context: Context) -> bool:
    """Tell whether the author looks after everything here."""
    return not _places(context)


def _chooses_own(_answers: Answers, context: Context) -> bool:
    return bool(_places(context))


def _chooses_area(answers: Answers, context: Context) -> bool:
    """Tell whether an area is asked; of those who have not finished, none is known."""
    return _whole(answers, context) and whom(answers) != "unfinished"


def _both(one: Condition, other: Condition) -> Condition:
    return lambda answers, context: one(answers, context) and other(answers, context)


def _registered(answers: Answers, _context: Context) -> bool:
    return whom(answers) == "registered"


def _by(criterion: str, answers: Answers, context: Context) -> bool:
    chosen = answers.get("by")
    return _registered(answers, context) and isinstance(chosen, list) and criterion in chosen


def by_one(answers: Answers, context: Context) -> bool:
    """Tell whether those are meant whom one person registered."""
    return _by("registrant", answers, context)


def read_in(language: str, answers: Answers, context: Context) -> bool:
    """Tell whether anybody it is for may read this language."""
    chosen = answers.get("languages") if _by("languages", answers, context) else None
    return not isinstance(chosen, list) or not chosen or language in chosen


class ProgrammesOf(Several):
    """At least one of the programmes in the fact `programmes`, by code, or none of them."""

    needed = True

    def offered(self, context: Context) -> Sequence[Option]:
        """Return the programmes by name, and being under none."""
        known = [Option(str(one["code"]), str(one["name"])) for one in entries(context.facts.get("programmes"))]
        return [*known, Option(UNDER_NONE, _("under no programme"))]


class AtLeastOne(Several):
    """At least one of the options."""

    needed = True


def counted(context: Context) -> Value:
    """Say how many people the answers reach, once that is known."""
    count = context.facts.get("recipients")
    if count == 0:
        return _("As of now that is <b>nobody</b>: only who uses this bot themselves can be written to.")
    return _("That is <b>{count}</b> people as of now.", count=Number(count)) if isinstance(count, int) else ""


def _narrow(_answers: Answers, context: Context) -> Value:
    return Lines([counted(context), _("<b>Narrow it further?</b> Press by what, or go on with all of them.")])


def _counting(step: Step, *, when: Condition | None = None) -> Step:
    """Let the answer change how many people are counted, and who may have registered them."""
    return replace(
        step, learns=("registrants", "recipients"), when=step.when if when is None else _both(when, step.when)
    )


def _asks_registrant(_answers: Answers, context: Context) -> Value:
    if not registrants(context):
        return _("Nobody has registered others there. Please go back and choose differently.")
    return _(
        "<b>Whose people?</b> Press who registered them, or type the name; the number is how many each registered."
    )


def _criterion(name: str, asks: Wording, kind: Kind, label: Text) -> Step:
    return _counting(Step(name, asks, kind, label=label, when=partial(_by, name)))


CRITERIA = (
    _criterion(
        "states",
        _("Of which <b>state</b>?"),
        AtLeastOne("states", *(Option(*one) for one in STATES.items()), none=_("Please choose at least one.")),
        _("State"),
    ),
    _criterion(
        "programmes",
        _("Under which <b>programme</b>?"),
        ProgrammesOf("programmes", none=_("Please choose at least one.")),
        _("Programme"),
    ),
    _criterion(
        "occupations",
        _("Which <b>kinds of work</b>? Press to choose, or type one to find it."),
        AtLeastOne(
            "occupations",
            *(Option(job.code, job.label) for job in occupations.all_()),
            none=_("Please choose at least one."),
            search=lambda words: [job.code for job in occupations.find(words)],
        ),
        _("Kinds of work"),
    ),
    _criterion(
        "languages",
        _("Who reads in which <b>language</b>?"),
        AtLeastOne("languages", *(Option(*one) for one in LANGUAGES.items()), none=_("Please choose at least one.")),
        _("Their language"),
    ),
    _criterion(
        "entered",
        _("<b>Who entered</b> the registration?"),
        Choice(Option("self", _("The workers themselves")), Option("others", _("Somebody for them"))),
        _("Entered by"),
    ),
    _criterion("registrant", _asks_registrant, RegistrantPick(), _("Registered by")),
    _criterion(
        "lapses",
        _("Whose cover ends within <b>how many days</b>?"),
        Amount(1, LAPSE_MOST, offered=(7, 14, 30)),
        _("Ends within days"),
    ),
)
AUDIENCE = (
    _counting(
        Step(
            "whom",
            _("<b>To whom</b> do you want to write?"),
            Choice(
                Option("registered", _("Who has registered")),
                Option("unfinished", _("Who began and has not finished"), when=_whole),
                Option("facilitators", _("The facilitators")),
            ),
            label=_("To"),
            help=_("Nothing is sent before you have seen exactly who gets it, and have confirmed it."),
        )
    ),
    _counting(Step("place", _("For which of your places?"), OwnPlace(), label=_("Area"), when=_chooses_own)),
    *(_counting(step, when=_chooses_area) for step in scope.SCOPE),
    _counting(
        Step(
            "by",
            _narrow,
            Several("by", *(Option(step.id, step.label or "") for step in CRITERIA), none=_("No, all of them")),
            when=_registered,
        )
    ),
    *CRITERIA,
)


def area(answers: Answers, context: Context) -> str:
    """Return the code of the area it is for."""
    if _places(context):
        return str(answers.get("place") or _places(context)[0])
    return scope.area_of(answers, context) if _chooses_area(answers, context) else context.area


def audience(answers: Answers, context: Context) -> dict[str, Json]:
    """Return whom the answers reach, as it is stored; answers that do not apply have no part in it."""

    def chosen(name: str) -> list[Json]:
        value = answers.get(name)
        return value if isinstance(value, list) and _by(name, answers, context) else []

    entered = answers.get("entered") if _by("entered", answers, context) else None
    registrant = entry(answers.get("registrant"), context) if by_one(answers, context) else None
    lapses = answers.get("lapses") if _by("lapses", answers, context) else None
    states: list[Json] = list(STATES) if _registered(answers, context) else []
    return {
        "whom": whom(answers),
        "area": area(answers, context),
        "states": chosen("states") or states,
        "programmes": ["" if one == UNDER_NONE else one for one in chosen("programmes")],
        "occupations": chosen("occupations"),
        "languages": chosen("languages"),
        "entered": entered or "",
        "lapses_within": lapses if isinstance(lapses, int) else None,
        "registrant": None if registrant is None else registrant["person"],
    }
