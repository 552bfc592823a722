"""Programmes: who pays for whom, under which rules, and whether a person fits, with the reason where not.

A programme's terms come from its row as JSON; what is not said there is not demanded. A rule that nobody may be asked
about in a chat (whether one stands in the government's social register) is for the reviewer and not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from conversations.rules import prices
from conversations.rules.areas import within
from conversations.rules.prices import Payer, Tier
from conversations.words import Text, _

YOUNGEST, OLDEST = 18, 64  # full years; nobody below or above can register at all
PAYERS = {"self": Payer.SELF, "sponsor": Payer.SPONSOR, "company": Payer.SPONSOR, "apbd": Payer.APBD}
FIELDS: Mapping[str, Text] = {  # what a hand-over may be unable to do without, in the words of its template
    "phone": _("Mobile number"),
    "address": _("Address"),
    "birth_date": _("Date of birth"),
}
ANY = "*"  # in `departments`: every occupation that is not named


class Unfit(StrEnum):
    """Why somebody does not fit a programme."""

    PERIOD = "period"
    AREA = "area"
    OCCUPATION = "occupation"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    BREADWINNER = "breadwinner"
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of a programme.

    `occupations` are codes, empty for every kind of work. `breadwinner`: only the main earner of a family;
    `one_per_family`: one person of each family; `social_register`: "in" or "out", empty when it does not matter.
    `by_department`: after the village, the department for the work looks at it, as `departments` says by occupation.
    `fields` are answers the hand-over cannot do without.
    """

    occupations: tuple[str, ...] = ()
    youngest: int = YOUNGEST
    oldest: int = OLDEST
    breadwinner: bool = False
    one_per_family: bool = False
    social_register: str = ""
    by_department: bool = False
    departments: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Terms:
        """Return the terms stored as `body`; unknown keys are left out, missing ones take their default."""
        known: dict[str, Any] = {name: body[name] for name in cls.__dataclass_fields__ if name in body}
        known |= {name: tuple(known[name]) for name in ("occupations", "fields") if name in known}
        return cls(**known)

    def to_json(self) -> dict[str, Any]:
        """Return the terms as JSON, ready to be stored."""
        return {
            "occupations": list(self.occupations),
            "youngest": self.youngest,
            "oldest": self.oldest,
            "breadwinner": self.breadwinner,
            "one_per_family": self.one_per_family,
            "social_register": self.social_register,
            "by_department": self.by_department,
            "departments": dict(self.departments),
            "fields": list(self.fields),
        }


class Cost(NamedTuple):
    """What one person takes from a programme: contribution months from `first_month` on, and their price in rupiah."""

    months: int
    rupiah: int
    first_month: date


@dataclass(frozen=True, slots=True)
class Applicant:
    """What matters of a person; None where it is not known (yet), which never speaks against anybody."""

    area: str
    occupation: str | None = None
    age: int | None = None
    breadwinner: bool | None = None
    family_has_one: bool | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as a conversation knows it; months are first days of contribution months."""

    code: str
    name: str
    payer: str
    area: str
    tier: Tier
    months: int
    first_month: date
    last_month: date
    terms: Terms = field(default_factory=Terms)

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Programme:
        """Return the programme written by `to_json`."""
        return cls(
            code=body["code"],
            name=body["name"],
            payer=body["payer"],
            area=body["area"],
            tier=Tier(body["tier"]),
            months=body["months"],
            first_month=date.fromisoformat(body["first_month"]),
            last_month=date.fromisoformat(body["last_month"]),
            terms=Terms.read(body["terms"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the programme as JSON, as a conversation's fact."""
        return {
            "code": self.code,
            "name": self.name,
            "payer": self.payer,
            "area": self.area,
            "tier": self.tier.value,
            "months": self.months,
            "first_month": self.first_month.isoformat(),
            "last_month": self.last_month.isoformat(),
            "terms": self.terms.to_json(),
        }

    def cost(self, today: date, *, transport: bool, own_months: int | None = None) -> Cost | None:
        """Return what somebody approved `today` takes, at the dated prices; None when the period is over.

        `own_months` is what somebody who pays alone wants to pay at first.
        """
        start = max(self.first_month, prices.first_month(today))
        left = (self.last_month.year - start.year) * 12 + self.last_month.month - start.month + 1
        months = min(own_months or self.months, left)
        if months < 1:
            return None
        return Cost(months, prices.total(start, months, transport, PAYERS[self.payer], self.tier), start)

    def unfit(self, who: Applicant, today: date) -> tuple[Unfit, ...]:
        """Return every reason why a person does not fit; empty when nothing speaks against it."""
        terms = self.terms
        reasons = {
            Unfit.PERIOD: self.cost(today, transport=False) is None,
            Unfit.AREA: not within(who.area, self.area),
            Unfit.OCCUPATION: bool(terms.occupations) and who.occupation not in {None, *terms.occupations},
            Unfit.TOO_YOUNG: who.age is not None and who.age < terms.youngest,
            Unfit.TOO_OLD: who.age is not None and who.age > terms.oldest,
            Unfit.BREADWINNER: terms.breadwinner and who.breadwinner is False,
            Unfit.FAMILY: terms.one_per_family and who.family_has_one is True,
        }
        return tuple(reason for reason, holds in reasons.items() if holds)

    def department(self, occupation: str, usual: str) -> str | None:
        """Return the department that looks at somebody of this occupation; None when the village's yes is enough."""
        if not self.terms.by_department:
            return None
        return self.terms.departments.get(occupation) or self.terms.departments.get(ANY) or usual


def why(reason: Unfit, programme: Programme) -> Text:
    """Return a reason in words, for the person or for a reviewer."""
    match reason:
        case Unfit.PERIOD:
            return _("its time is over")
        case Unfit.AREA:
            return _("it is for another area")
        case Unfit.OCCUPATION:
            return _("it is for other kinds of work")
        case Unfit.TOO_YOUNG:
            return _("it is for people of {age} and older", age=programme.terms.youngest)
        case Unfit.TOO_OLD:
            return _("it is for people up to {age}", age=programme.terms.oldest)
        case Unfit.BREADWINNER:
            return _("it is for the main earner of the family")
        case Unfit.FAMILY:
            return _("it is for one person of each family")
