"""Somebody offers to pay for people around them: for whom, how many, how long, and what that costs, month by month.

The money never passes through here: a pledge is a word, and BPJS is paid directly.
"""

from __future__ import annotations

from functools import partial

from conversations import scope
from conversations.flow import Answers, Context, Flow, Step
from conversations.kinds import Amount, Choice, Line, Option
from conversations.kinds.amount import given
from conversations.outlook import Group, Plan, due, due_lines
from conversations.rules import prices
from conversations.rules.prices import Payer, Tier
from conversations.tier import TIER
from conversations.words import Lines, Money, Text, Value, _

MOST_PEOPLE = 500  # more is a programme, and those are made by an admin


def _tier(answers: Answers) -> Tier:
    return Tier(str(answers.get("tier", Tier.BASIC.value)))


def _months(answers: Answers) -> int:
    return int(str(answers.get("months", 1)))


def plan(answers: Answers, context: Context) -> Plan:
    """Return what is pledged, from this month on."""
    people = given(answers.get("people")) or 1
    return Plan(_tier(answers), _months(answers), prices.first_month(context.today), people)


def _month_label(months: int, answers: Answers, context: Context) -> Text:
    each = prices.total(
        prices.first_month(context.today), months, transport=False, payer=Payer.APBD, tier=_tier(answers)
    )
    return _("{months} m.: {total} each", months=months, total=Money(each))


def _cost(answers: Answers, context: Context) -> Value:
    pledged = plan(answers, context)
    months = due([Group(pledged.first_month, pledged.months, pledged.people or 1)], pledged.tier)
    return Lines(
        [
            _("<b>What you would pay</b>, at the full price:"),
            due_lines(months),
            _("Together: <b>{total}</b>", total=Money(pledged.total or 0)),
            cheaper(pledged),
            _("Whoever is approved later begins later, with as many months."),
            _("You pay BPJS directly. This bot never receives money. <b>Do you pledge that?</b>"),
        ]
    )


def cheaper(pledged: Plan) -> Value:
    """Return what it would be at the discount, which nobody has confirmed for private sponsors; empty without one."""
    each = prices.total(pledged.first_month, pledged.months, transport=False, payer=Payer.SPONSOR, tier=pledged.tier)
    if each >= pledged.each:
        return ""
    return _(
        "If BPJS grants the present discount, it is {total}. BPJS decides that, it is not certain.",
        total=Money(each * (pledged.people or 1)),
    )


PLEDGE = Flow(
    "pledge",
    (
        Step(
            "payer",
            Lines(
                [
                    _("<b>Sertakan</b>: you register people around you and pay their contribution."),
                    _("Helpers at home, neighbours, parents, workers without a wage."),
                    _("They are covered for accidents at work, and their families after a death."),
                    _("Each of them has to agree, and the village's officer checks it."),
                    _("<b>Do you pay as a person or as a company?</b>"),
                ]
            ),
            Choice(
                Option("sponsor", _("As a person"), also=("pribadi", "perorangan", "saya")),
                Option("company", _("As a company"), also=("perusahaan", "csr", "toko")),
            ),
            label=_("Pays"),
        ),
        Step(
            "name",
            _("Under <b>which name</b>? Those you pay for, the officers and the admins see it."),
            Line(3, 60, short=_("Please type a name of at least three letters.")),
            label=_("Name"),
        ),
        *scope.SCOPE,
        Step(
            "people",
            _("For <b>how many people</b> do you want to pay?"),
            Amount(1, MOST_PEOPLE, offered=(1, 2, 5, 10)),
            label=_("People"),
        ),
        Step(
            "tier",
            _("Which <b>package</b>? ① covers accidents at work and death, ② old-age savings as well."),
            TIER,
            label=_("Package"),
        ),
        Step(
            "months",
            _("For <b>how many months</b>?"),
            Choice(
                *(
                    Option(str(months), partial(_month_label, months), also=(f"{months} bulan",))
                    for months in prices.periods()
                )
            ),
            label=_("Months"),
        ),
        Step(
            "agreed",
            _cost,
            Choice(
                Option("yes", _("🤝 Yes, I pledge that"), also=("ya", "setuju", "yes")),
                Option("change", _("Change it"), also=("ubah",)),
                Option("no", _("No, stop"), also=("tidak", "no")),
            ),
            after=("people", "tier", "months"),
            reopens={"change": ("people",)},
            ends={"no": "declined"},
        ),
    ),
)
