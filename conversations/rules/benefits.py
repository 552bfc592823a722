"""Benefits: what is paid in the three moments that matter to a family, and how long one waits for it.

The numbers and their sources stand in data/benefits.toml, the sentences here, since a sentence is a catalogue key.
They are written for someone who left school after six years: one thought a sentence, no abbreviation, and no rate of
return, which nobody can promise. All amounts hold for the lowest contribution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from conversations.rules.prices import Tier
from conversations.rules.tables import Source, document, source
from conversations.words import Money, Text, _


class Moment(Enum):
    """The three moments that matter to a family."""

    ACCIDENT = "accident"
    DEATH = "death"
    OLD_AGE = "old_age"


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit: what is paid, and how long one must have been a member before it is (None: paid from the start)."""

    id: str
    moment: Moment
    sentence: Text
    waiting: Text | None
    source: Source


def benefits(tier: Tier) -> tuple[Benefit, ...]:
    """What a tier pays, in the order in which it is told: accident, death, old age."""
    facts = document("benefits")
    return tuple(_benefit(key, fact) for key, fact in facts.items() if fact["programme"] in tier.programmes)


def title(moment: Moment) -> Text:
    """What a moment is called, as a heading."""
    match moment:
        case Moment.ACCIDENT:
            return _("If you have an accident at work")
        case Moment.DEATH:
            return _("If you die")
        case Moment.OLD_AGE:
            return _("When you are old")


def _benefit(key: str, fact: Mapping[str, Any]) -> Benefit:
    waiting = _WAITING.get(key)
    return Benefit(
        id=key,
        moment=Moment(fact["moment"]),
        sentence=_SENTENCES[key](fact),
        waiting=waiting(fact) if waiting else None,
        source=source(fact),
    )


_Wording = Callable[[Mapping[str, Any]], Text]

_SENTENCES: dict[str, _Wording] = {
    "treatment": lambda _fact: _(
        "The hospital or clinic is paid until you are well, with no limit on the cost. Use a partner clinic."
    ),
    "income": lambda fact: _(
        "While you cannot work you get {amount} a month for {months} months, after that half.",
        amount=Money(fact["amount"]),
        months=fact["full_months"],
    ),
    "disability": lambda fact: _(
        "If you can never work again: {amount} in all.",
        amount=Money(fact["amount"]),
    ),
    "transport": lambda fact: _(
        "The way to the hospital: up to {land} by road, {sea} by water, {air} by air.",
        land=Money(fact["land"]),
        sea=Money(fact["sea"]),
        air=Money(fact["air"]),
    ),
    "homecare": lambda fact: _("Care at home: up to {amount}.", amount=Money(fact["amount"])),
    "report": lambda fact: _("Report the accident within 2 × 24 hours ({hours} hours).", hours=fact["hours"]),
    "death_at_work": lambda fact: _(
        "If you die because of your work, your family gets {amount}.",
        amount=Money(fact["amount"]),
    ),
    "death": lambda fact: _(
        "If you die of something else, such as an illness, your family gets {amount}.",
        amount=Money(fact["amount"]),
    ),
    "scholarship": lambda fact: _(
        "School money for up to {children} of your children, at most {amount} together.",
        children=fact["children"],
        amount=Money(fact["amount"]),
    ),
    "savings": lambda fact: _(
        "What you saved is yours, with its yield. It is paid when you are {age}.",
        age=fact["age"],
    ),
    "savings_earlier": lambda _fact: _(
        "It is paid earlier if you stop working or can never work again. If you die, your family gets it."
    ),
    "savings_part": lambda fact: _(
        "You may take out {small} or {large} percent, once.",
        small=fact["small_percent"],
        large=fact["large_percent"],
    ),
}

_WAITING: dict[str, _Wording] = {
    "death": lambda fact: _(
        "Only after {months} months as a member. Before that: {before} for the funeral.",
        months=fact["waiting_months"],
        before=Money(fact["before"]),
    ),
    "scholarship": lambda fact: _(
        "No waiting if you die because of your work; otherwise only after {years} years of contributions.",
        years=fact["waiting_years"],
    ),
    "savings_part": lambda fact: _("Only after {years} years as a member.", years=fact["waiting_years"]),
}
