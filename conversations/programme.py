"""A programme's terms, asked of an admin in the order of a decree: who pays, for whom, how long, and how much there is.

Editing is the same form with everything answered, opened at its summary.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from conversations import scope
from conversations.flow import Answers, Context, Flow, Step
from conversations.kinds import Amount, Choice, Line, MonthPick, Option, Several, Summary, VillageShares
from conversations.kinds.amount import given
from conversations.kinds.month import read as read_month
from conversations.outlook import Plan, consequence
from conversations.rules import occupations, prices
from conversations.rules.areas import Area, Level
from conversations.rules.prices import Tier
from conversations.rules.programmes import FIELDS, OLDEST, YOUNGEST
from conversations.tier import TIER
from conversations.words import Lines, Value, _

MOST_PEOPLE = 10_000_000
MOST_MONTHS = 12
MOST_MONEY = 10**14  # rupiah

RULES = (
    Option("breadwinner", _("Only the main earner of a family")),
    Option("one_per_family", _("One person of each family")),
    Option("by_department", _("The department looks after the village")),
)
PAYERS = (
    Option("apbd", _("The government (APBD)"), also=("apbd", "pemkab", "pemerintah")),
    Option("company", _("A company"), also=("csr", "perusahaan")),
    Option("sponsor", _("A private sponsor"), also=("sponsor", "donatur")),
    Option("self", _("The workers themselves"), also=("mandiri", "sendiri")),
)


def _first_possible(_answers: Answers, context: Context) -> date:
    return prices.later(prices.first_month(context.today), -12)  # a programme may be entered after it began


def _usual_starts(_answers: Answers, context: Context) -> Iterable[date]:
    start = prices.first_month(context.today)
    return [start, prices.later(start, 1), date(start.year + 1, 1, 1)]


def _first(answers: Answers, context: Context) -> date:
    return read_month(str(answers.get("first_month"))) or prices.first_month(context.today)


def _months(answers: Answers) -> int:
    return given(answers.get("months")) or MOST_MONTHS


def _usual_ends(answers: Answers, context: Context) -> Iterable[date]:
    start = _first(answers, context)
    return [prices.later(start, _months(answers) - 1), date(start.year, 12, 1), date(start.year + 1, 12, 1)]


def _budget_may_be_open(answers: Answers, _context: Context) -> bool:
    """Tell whether a programme may go without a budget: the government's money always has an end somewhere."""
    limited = given(answers.get("people")) is not None or given(answers.get("person_months")) is not None
    return limited or answers.get("payer") != "apbd"


def _youngest(answers: Answers) -> int:
    return given(answers.get("youngest")) or YOUNGEST


def _looked_at_by_department(answers: Answers, _context: Context) -> bool:
    rules = answers.get("rules")
    return isinstance(rules, list) and "by_department" in rules


def _departments_by_work(_answers: Answers, context: Context) -> bool:
    """Tell whether the programme that is edited names departments one by one, which only a file can do."""
    return bool(context.facts.get("departments"))


def _people(answers: Answers) -> int | None:
    return given(answers.get("people"))


def _has_places(answers: Answers, context: Context) -> bool:
    """Tell whether there are places to share out, over villages that can still be overlooked: a regency's at most."""
    return _people(answers) is not None and Area(scope.area_of(answers, context), "").level >= Level.REGENCY


def villages(answers: Answers, context: Context) -> list[str]:
    """Return the codes of the villages in the programme's area, as far as they are known here."""
    return sorted(area.code for area in context.areas.villages(scope.area_of(answers, context)))


def _by_hand(answers: Answers, context: Context) -> bool:
    return answers.get("shares") == "hand" and _has_places(answers, context)


def plan(answers: Answers, context: Context) -> Plan:
    """Return the plan that the answers make, from the first month that can still be paid."""
    return Plan(
        Tier(str(answers["tier"])),
        _months(answers),
        max(_first(answers, context), prices.first_month(context.today)),
        given(answers.get("people")),
        given(answers.get("person_months")),
        given(answers.get("budget")),
    )


def _summary(answers: Answers, context: Context) -> Value:
    return Lines(
        [
            _("<b>Please look once more.</b> Is everything right?"),
            SUMMARY.lines(answers, context),
            _("<b>What it comes to</b>, at the full price:"),
            consequence(plan(answers, context)),
        ]
    )


FORM = (
    Step(
        "name",
        _("What is the programme's <b>name</b>? Everybody sees it, for example: Jamsostek Kudus 2027."),
        Line(3, 60, short=_("Please type a name of at least three letters.")),
        label=_("Name"),
    ),
    Step("payer", _("<b>Who pays</b> the contribution?"), Choice(*PAYERS), label=_("Who pays")),
    *scope.SCOPE,
    Step(
        "tier",
        _("Which <b>package</b> is paid? ① covers accidents at work and death, ② old-age savings as well."),
        TIER,
        label=_("Package"),
    ),
    Step(
        "months",
        _("For <b>how many months</b> is each person paid for?"),
        Amount(1, MOST_MONTHS, offered=prices.periods()),
        label=_("Months for each"),
    ),
    Step(
        "first_month",
        _("What is the <b>first month</b> that is paid?"),
        MonthPick(_first_possible, _usual_starts),
        label=_("First month"),
    ),
    Step(
        "last_month",
        _("What is the <b>last month</b> that is paid? Nobody is covered beyond it."),
        MonthPick(_first, _usual_ends),
        label=_("Last month"),
    ),
    Step(
        "people",
        _("For <b>how many people</b> are there places? For example: 26.000."),
        Amount(1, MOST_PEOPLE, skip=_("No limit")),
        label=_("Places"),
    ),
    Step(
        "person_months",
        _("Is there a limit in <b>person-months</b>, that is people times months?"),
        Amount(1, MOST_PEOPLE * MOST_MONTHS, skip=_("No limit")),
        label=_("Person-months"),
    ),
    Step(
        "budget",
        _("What is the <b>budget</b> in rupiah? For example: 5 miliar."),
        Amount(1, MOST_MONEY, money=True, skip=_("No limit"), skips=_budget_may_be_open),
        label=_("Budget"),
    ),
    Step(
        "jobs",
        _("For which <b>kinds of work</b>? Press to choose, or type one to find it. The more, the fewer are left out."),
        Several(
            "jobs",
            *(Option(job.code, job.label) for job in occupations.all_()),
            none=_("All kinds of work"),
            search=lambda words: [job.code for job in occupations.find(words)],
        ),
        label=_("Kinds of work"),
    ),
    Step(
        "youngest",
        _("From what <b>age</b> on?"),
        Amount(YOUNGEST, OLDEST, offered=(YOUNGEST,)),
        label=_("Youngest"),
    ),
    Step(
        "oldest",
        _("Up to what <b>age</b>? Nobody can register at 65 or older."),
        Amount(_youngest, OLDEST, offered=(OLDEST,)),
        label=_("Oldest"),
    ),
    Step(
        "rules",
        _("Which <b>rules</b> apply besides? Press to choose."),
        Several("rules", *RULES, none=_("No other rules")),
        label=_("Rules"),
    ),
    Step(
        "departments",
        _("<b>Which department</b> looks at it after the village? Press the button, or type the name of one for all."),
        Choice(
            Option("usual", _("The usual one for each kind of work")),
            Option("kept", _("As it is now, by kind of work"), when=_departments_by_work),
            own_words=True,
        ),
        label=_("Department"),
        when=_looked_at_by_department,
    ),
    Step(
        "social_register",
        _("Does the government's <b>social register</b> (DTSEN) matter? The officer checks it, nobody is asked."),
        Choice(
            Option("any", _("It does not matter")),
            Option("in", _("Only who is in it")),
            Option("out", _("Only who is not in it")),
        ),
        label=_("Social register"),
    ),
    Step(
        "shares",
        _("Are the places <b>shared out</b> over the villages?"),
        Choice(
            Option("none", _("No, first come first served")),
            Option("equal", _("Yes, equally")),
            Option("hand", _("Yes, I type them")),
        ),
        label=_("Shares"),
        when=_has_places,
    ),
    Step(
        "by_village",
        _(
            "Please type <b>one line for each village</b>, for example:\nJati Kulon: 40\nMlati Lor: 25\nA village that is not named gets no place."
        ),
        VillageShares(scope.area_of, _people),
        label=_("Places by village"),
        when=_by_hand,
    ),
    Step(
        "fields",
        _("What can the hand-over to BPJS <b>not do without</b>, besides NIK and name?"),
        Several("fields", *(Option(name, label) for name, label in FIELDS.items()), none=_("Nothing else")),
        label=_("Needed for BPJS"),
    ),
)
SUMMARY = Summary(*FORM, send=_("💾 Save"))

PROGRAMME = Flow(
    "programme",
    (*FORM, Step("summary", _summary, SUMMARY, ends={"send": "done"})),
)
