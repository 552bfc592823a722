"""What the card says: plain strings in the person's language, made from a quote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape

from conversations.rules.benefits import Benefit, Moment, benefits, title
from conversations.rules.prices import Offer, Quote, Tier
from conversations.words import Money, Month, Value, _


@dataclass(frozen=True, slots=True)
class CardTier:
    """The head of one column: the tier's name, today's price, and the base price to strike out (None: no discount)."""

    name: str
    price: str
    base: str | None


@dataclass(frozen=True, slots=True)
class CardMoment:
    """One moment: its title and what is paid, as short lines; not `shared`, only the dearer tier has it."""

    title: str
    lines: tuple[str, ...]
    shared: bool


@dataclass(frozen=True, slots=True)
class CardWords:
    """All words on the card; `until` tells how long the discount lasts, None at full price."""

    title: str
    per_month: str
    basic: CardTier
    with_jht: CardTier
    until: str | None
    accident: CardMoment
    death: CardMoment
    old_age: CardMoment
    waiting_title: str
    waiting: tuple[str, ...]
    footer: str


def card_words(quote: Quote, say: Callable[[Value], str]) -> CardWords:
    """The card's words for one quote; `say` turns a text into the person's language, as it does for messages."""

    def plain(value: Value) -> str:
        return unescape(say(value))

    def lines(*values: Value) -> tuple[str, ...]:
        return tuple(plain(value) for value in values)

    fact = {benefit.id: benefit.sentence.values for benefit in benefits(Tier.WITH_JHT)}
    wait = {benefit.id: _waiting(benefit) for benefit in benefits(Tier.WITH_JHT)}
    return CardWords(
        title=plain(_("Two packages: what do you get?")),
        per_month=plain(_("a month")),
        basic=_tier(quote.basic, plain),
        with_jht=_tier(quote.with_jht, plain),
        until=_until(quote, plain),
        accident=CardMoment(
            plain(title(Moment.ACCIDENT)),
            lines(
                _("Treatment until you are well, with no limit on the cost"),
                _("Cannot work: {amount} a month for {months} months, then half", **fact["income"]),
            ),
            shared=True,
        ),
        death=CardMoment(
            plain(title(Moment.DEATH)),
            lines(
                _("Because of work: {amount} for the family", amount=fact["death_at_work"]["amount"]),
                _("Other causes: {amount} for the family", amount=fact["death"]["amount"]),
                _("School for {children} children: up to {amount}", **fact["scholarship"]),
            ),
            shared=True,
        ),
        old_age=CardMoment(
            plain(title(Moment.OLD_AGE)),
            lines(_("Only package 2: your own savings, paid at {age}", age=fact["savings"]["age"])),
            shared=False,
        ),
        waiting_title=plain(_("What you wait for")),
        waiting=lines(
            _("{amount}: after {months} months. Before: {before}.", amount=fact["death"]["amount"], **wait["death"]),
            _("School: after {years} years, at once if because of work.", **wait["scholarship"]),
        ),
        footer=plain(_("You are not yet a member until the contribution has been paid.")),
    )


def _tier(offer: Offer, plain: Callable[[Value], str]) -> CardTier:
    base = Money(offer.base)
    struck = None if offer.monthly == offer.base else plain(base)
    return CardTier(plain(_("Package {base}", base=base)), plain(Money(offer.monthly)), struck)


def _until(quote: Quote, plain: Callable[[Value], str]) -> str | None:
    if quote.half_price_until is None:
        return None
    return plain(_("Cheaper up to and including {month}, then the full price.", month=Month(quote.half_price_until)))


def _waiting(benefit: Benefit) -> Mapping[str, Value]:
    return benefit.waiting.values if benefit.waiting else {}
