"""What a programme comes to: the price of everybody for the whole time, and for how many the money lasts.

Always at the full price. It is what the government pays, and the only figure that is sure for a private sponsor: that
the half price holds for them too has not been confirmed (see rules/data/prices.csv and the word of BPJS).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from conversations.rules import prices
from conversations.rules.prices import Payer, Tier
from conversations.words import Lines, Money, Month, Number, Value, _


@dataclass(frozen=True, slots=True)
class Plan:
    """So many `people` for so many `months` each; limits that are None are not set. `budget` is rupiah."""

    tier: Tier
    months: int
    first_month: date
    people: int | None = None
    person_months: int | None = None
    budget: int | None = None

    @property
    def each(self) -> int:
        """What one person costs for all months, in rupiah."""
        return prices.total(self.first_month, self.months, transport=False, payer=Payer.APBD, tier=self.tier)

    @property
    def total(self) -> int | None:
        """What all people cost, in rupiah; None where their number is open."""
        return None if self.people is None else self.people * self.each


def consequence(plan: Plan) -> Value:
    """Return in words what a plan comes to, and where it falls short."""
    return Lines([_sum(plan), _person_months(plan), _budget(plan)], "; ")


def _sum(plan: Plan) -> Value:
    monthly = plan.each // plan.months
    if plan.people is None or plan.total is None:
        return _("{months} months for one person: {each}", months=plan.months, each=Money(plan.each))
    if monthly * plan.months != plan.each:  # the price changes on the way
        return _(
            "{people} people × {each} for {months} months = {total}",
            people=Number(plan.people),
            months=plan.months,
            each=Money(plan.each),
            total=Money(plan.total),
        )
    return _(
        "{people} people × {months} months × {monthly} = {total}",
        people=Number(plan.people),
        months=plan.months,
        monthly=Money(monthly),
        total=Money(plan.total),
    )


def _person_months(plan: Plan) -> Value:
    if plan.person_months is None:
        return ""
    enough = plan.person_months // plan.months
    if plan.people is not None and enough >= plan.people:
        return _("{person_months} person-months are enough for all", person_months=Number(plan.person_months))
    return _(
        "{person_months} person-months are enough for {people} people",
        person_months=Number(plan.person_months),
        people=Number(enough),
    )


def _budget(plan: Plan) -> Value:
    if plan.budget is None:
        return ""
    enough = plan.budget // plan.each
    if plan.people is not None and enough >= plan.people:
        return _("the budget of {budget} is enough for all", budget=Money(plan.budget))
    return _("the budget of {budget} is enough for {people} people", budget=Money(plan.budget), people=Number(enough))


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due for every month from `first` to `last`: so many people, rupiah together in each month."""

    first: date
    last: date
    people: int
    rupiah: int


@dataclass(frozen=True, slots=True)
class Group:
    """People who are covered for the same months."""

    first_month: date
    months: int
    people: int


def due(groups: list[Group], tier: Tier) -> list[Due]:
    """Return what is due by contribution month, at the full price; months that are alike follow as one."""
    stretches: list[Due] = []
    for month in sorted({prices.later(group.first_month, ahead) for group in groups for ahead in range(group.months)}):
        covered = [one for one in groups if one.first_month <= month < prices.later(one.first_month, one.months)]
        people = sum(one.people for one in covered)
        rupiah = people * prices.monthly(month, transport=False, payer=Payer.APBD, tier=tier)
        before = stretches[-1] if stretches else None
        if before is not None and (before.people, before.rupiah, prices.later(before.last, 1)) == (
            people,
            rupiah,
            month,
        ):
            stretches[-1] = Due(before.first, month, people, rupiah)
        else:
            stretches.append(Due(month, month, people, rupiah))
    return stretches


def due_lines(stretches: list[Due]) -> Value:
    """Return what is due, one line for each stretch of months."""
    return Lines(
        [
            _(
                "{month}: {people} people, {total}",
                month=Month(one.first),
                people=Number(one.people),
                total=Money(one.rupiah),
            )
            if one.first == one.last
            else _(
                "{first} – {last}: {people} people, {total} a month",
                first=Month(one.first),
                last=Month(one.last),
                people=Number(one.people),
                total=Money(one.rupiah),
            )
            for one in stretches
        ]
    )
