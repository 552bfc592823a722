"""Who pays: the programmes of a place, which of them a person fits and why not the others, and what they demand to know."""

from __future__ import annotations

from typing import Any

from conversations import identity, offer
from conversations.flow import Answers, Context
from conversations.rules import nik, prices, programmes
from conversations.rules.programmes import Applicant, Programme, Unfit
from conversations.words import Lines, Money, Text, Value, _

NONE = "-"  # the answer "none of these"; a programme's code is longer
PAYERS = {
    "self": _("yourself"),
    "sponsor": _("a sponsor"),
    "company": _("a company"),
    "apbd": _("the local government"),
}


def chooses_package(answers: Answers, _context: Context) -> bool:
    """Tell whether package and payer are asked: not of somebody with cover, whom an officer looks at first."""
    return answers.get("employer") != "yes"


def offered(answers: Answers, context: Context) -> list[Programme]:
    """Return the programmes of the place in which somebody pays. Who pays alone chooses package and months instead."""
    known = context.facts.get("programmes")
    listed = [Programme.read(one) for one in known if isinstance(one, dict)] if isinstance(known, list) else []
    return [] if answers.get("payer") == "self" else [one for one in listed if one.payer != "self"]


def fitting(answers: Answers, context: Context) -> list[Programme]:
    """Return those offered that nothing speaks against."""
    who = applicant(answers, context)
    return [one for one in offered(answers, context) if not one.unfit(who, context.today)]


def applicant(answers: Answers, context: Context) -> Applicant:
    """Return what programmes ask of a person. Own words for the work are left to the officer to judge."""
    village: Any = answers.get("village") or {}
    occupation: Any = answers.get("occupation") or {}
    born = identity.born(answers, context)
    code = occupation.get("code")
    return Applicant(
        area=str(village.get("code", "")),
        occupation=None if code == "other" else code,
        age=None if born is None else nik.age(born, context.today),
        breadwinner=_said(answers.get("breadwinner")),
        family_has_one=_said(answers.get("family_has_one")),
    )


def _said(answer: object) -> bool | None:
    return {"yes": True, "no": False}.get(str(answer))


def answer(programme: Programme) -> dict[str, Any]:
    """Return the answer that names a programme, with what has to be known of it once the form is sent."""
    return {
        "code": programme.code,
        "name": programme.name,
        "payer": programme.payer,
        "tier": programme.tier.value,
        "months": programme.months,
    }


def asks_programme(answers: Answers, context: Context) -> bool:
    """Tell whether there is a programme to choose, or a reason to be told why not."""
    return chooses_package(answers, context) and bool(offered(answers, context))


def chosen(answers: Answers, context: Context) -> dict[str, Any] | None:
    """Return the programme chosen, None where there is none."""
    value = answers.get("programme")
    return value if isinstance(value, dict) and asks_programme(answers, context) else None


def months_chosen(answers: Answers) -> int | None:
    """Return how many months somebody who pays alone chose to pay at first; None where nobody has said."""
    months = answers.get("months")
    return int(months) if isinstance(months, str) and months.isdecimal() else None


def _demands(answers: Answers, context: Context, rule: str) -> bool:
    """Tell whether the programme chosen has this rule."""
    found = chosen(answers, context)
    return found is not None and any(
        one.code == found["code"] and getattr(one.terms, rule) for one in offered(answers, context)
    )


def asks_breadwinner(answers: Answers, context: Context) -> bool:
    """Tell whether it matters if the person is the main earner."""
    return _demands(answers, context, "breadwinner") or _stands(answers, context, Unfit.BREADWINNER)


def asks_family(answers: Answers, context: Context) -> bool:
    """Tell whether it matters if somebody of the family has a place already."""
    return _demands(answers, context, "one_per_family") or _stands(answers, context, Unfit.FAMILY)


def _stands(answers: Answers, context: Context, reason: Unfit) -> bool:
    """Tell whether an answer of the person's keeps them from a programme: then it can be changed."""
    if not asks_programme(answers, context):
        return False
    who = applicant(answers, context)
    return any(reason in one.unfit(who, context.today) for one in offered(answers, context))


def changeable(answers: Answers, context: Context) -> list[Unfit]:
    """Return the reasons that rest on an answer of the person's."""
    return [one for one in (Unfit.BREADWINNER, Unfit.FAMILY) if _stands(answers, context, one)]


def programme_question(answers: Answers, context: Context) -> Value:
    """Name the programmes of the place: what those pay that fit, and in a line each why the others do not fit."""
    who = applicant(answers, context)
    fit = fitting(answers, context)
    others = [one for one in offered(answers, context) if one not in fit]
    return Lines(
        [
            _("<b>Which programme?</b> These exist here:") if fit else _("<b>No programme fits at present:</b>"),
            *(_pays(one, answers, context) for one in fit),
            *(_why(one, one.unfit(who, context.today)[0]) for one in others),
            _("Besides, the officer checks the government's social data.")
            if any(one.terms.social_register for one in fit)
            else "",
            _("Places are limited, and the officer decides.") if fit else _("You can go on without a programme."),
        ]
    )


def _pays(programme: Programme, answers: Answers, context: Context) -> Text:
    first = max(programme.first_month, prices.first_month(context.today))
    payer = programmes.PAYERS[programme.payer]
    return _(
        "• <b>{name}</b>: {price} a month for {months} months, paid by {who}",
        name=programme.name,
        price=Money(prices.monthly(first, offer.in_transport(answers), payer, programme.tier)),
        months=programme.months,
        who=PAYERS[programme.payer],
    )


def _why(programme: Programme, reason: Unfit) -> Text:
    return _("✖️ <b>{name}</b>: {why}", name=programme.name, why=programmes.why(reason, programme))
