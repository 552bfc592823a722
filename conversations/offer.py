"""What the two packages give and cost, told so that a person with primary school can choose."""

from __future__ import annotations

from conversations.flow import Answers, Context
from conversations.replies import Picture
from conversations.rules import occupations, prices
from conversations.rules.benefits import Moment, benefits, title
from conversations.rules.prices import Payer, Quote, Tier
from conversations.words import Lines, Money, Month, Text, Value, _


def in_transport(answers: Answers) -> bool:
    """Tell whether the occupation belongs to the transport sector, which has a longer discount."""
    occupation = answers.get("occupation")
    job = occupations.get(str(occupation.get("code"))) if isinstance(occupation, dict) else None
    return job is not None and job.transport


def payer(answers: Answers) -> Payer:
    """Return who pays, for the price; while nobody knows, the price of paying alone is shown."""
    return Payer.SPONSOR if answers.get("payer") in {"sponsor", "unknown"} else Payer.SELF


def quote_for(answers: Answers, context: Context) -> Quote:
    """Return today's prices for this person."""
    return prices.quote(prices.first_month(context.today), in_transport(answers), payer(answers))


def tier_question(answers: Answers, context: Context) -> Value:
    """Ask for the package, with today's true price beside the price in the law."""
    quote = quote_for(answers, context)
    basic, savings = quote.of(Tier.BASIC), quote.of(Tier.WITH_JHT)
    return Lines(
        [
            _("<b>Which package do you want?</b>"),
            _(
                "① <b>Package {base}</b>: accident at work and death. Now <b>{price}</b> a month.",
                base=Money(basic.base),
                price=Money(basic.monthly),
            ),
            _(
                "② <b>Package {base}</b>: the same, plus old-age savings. Now <b>{price}</b> a month.",
                base=Money(savings.base),
                price=Money(savings.monthly),
            ),
            _discount(quote),
            _who_pays(answers, basic.base, savings.base),
        ]
    )


def _discount(quote: Quote) -> Value:
    if quote.half_price_until is None:
        return ""
    return _(
        "Accident and death cover are at half price up to and including {month}; after that the full price.",
        month=Month(quote.half_price_until),
    )


def explain_totals(answers: Answers, context: Context) -> Value:
    """Return what one, three, six and twelve months cost in each package, from this month on."""
    quote = quote_for(answers, context)
    lines: list[Value] = [_("<b>Paying several months ahead</b>")]
    for mark, offered in (("①", quote.basic), ("②", quote.with_jht)):
        totals = [
            _("{months} m. {total}", months=months, total=Money(total)) for months, total in offered.totals.items()
        ]
        lines.append(_("{mark} {totals}", mark=mark, totals=Lines(totals, " · ")))
    return Lines([*lines, _discount(quote)])


def _who_pays(answers: Answers, basic: int, savings: int) -> Value:
    if answers.get("payer") == "self":
        return ""
    return _(
        "These are the prices for those who pay themselves. That somebody else pays is not certain yet; if the government does, it pays the full {basic} or {savings}.",
        basic=Money(basic),
        savings=Money(savings),
    )


def tier_label(tier: Tier, answers: Answers, context: Context) -> Text:
    """Return the name of a package, which is its price in the law."""
    base = Money(quote_for(answers, context).of(tier).base)
    return _("② Package {base}", base=base) if tier is Tier.WITH_JHT else _("① Package {base}", base=base)


def month_label(months: int, answers: Answers, context: Context) -> Text:
    """Return a number of months with what they cost in the chosen package."""
    tier = Tier(str(answers.get("tier"))) if answers.get("tier") in {"basic", "with_jht"} else Tier.BASIC
    total = Money(quote_for(answers, context).of(tier).totals[months])
    return (
        _("1 month: {total}", total=total) if months == 1 else _("{months} months: {total}", months=months, total=total)
    )


def explain(moment: Moment, _answers: Answers, _context: Context) -> Value:
    """Return what is paid in one of the three moments, with its waiting rules."""
    parts: list[Value] = [_("<b>{title}</b>", title=title(moment))]
    for benefit in benefits(Tier.WITH_JHT):
        if benefit.moment is moment:
            parts.append(_("• {sentence}", sentence=benefit.sentence))
            parts.append("" if benefit.waiting is None else _("  ⏳ {waiting}", waiting=benefit.waiting))
    return Lines(parts)


def explain_source(answers: Answers, context: Context) -> Value:
    """Return where the prices come from and when they were last checked."""
    quote = quote_for(answers, context)
    lines: list[Value] = [_("<b>Where these prices come from</b>")]
    lines += [_("• {source} (checked on {day})", source=source.name, day=source.checked_on) for source in quote.sources]
    return Lines(lines)


def tier_picture(answers: Answers, context: Context) -> Picture:
    """Return the card that compares the packages; its caption says the same in words."""
    quote = quote_for(answers, context)
    return Picture(
        "packages",
        {
            "month": quote.first_month.isoformat(),
            "transport": "yes" if quote.transport else "no",
            "payer": quote.payer.value,
        },
        _(
            "Picture: the two packages side by side. ① {basic} a month now: treatment after an accident at work, and money "
            "for the family after a death. ② {savings} a month now: the same, plus your own savings for old age.",
            basic=Money(quote.of(Tier.BASIC).monthly),
            savings=Money(quote.of(Tier.WITH_JHT).monthly),
        ),
    )


def price_list(context: Context) -> Value:
    """Return today's prices for everybody, by sector, with what the packages pay in a line each."""
    first = prices.first_month(context.today)
    lines: list[Value] = [_("<b>Contributions a month, {month}</b>", month=Month(first))]
    for label, transport in ((_("Transport (ojek, courier, driver)"), True), (_("All other work"), False)):
        quote = prices.quote(first, transport, Payer.SELF)
        lines.append(
            _(
                "• {who}: ① {basic} · ② {savings}",
                who=label,
                basic=Money(quote.basic.monthly),
                savings=Money(quote.with_jht.monthly),
            )
        )
        if quote.half_price_until is not None:
            lines.append(_("  cheaper up to and including {month}", month=Month(quote.half_price_until)))
    full = prices.quote(first, transport=False, payer=Payer.APBD)
    lines += [
        _(
            "Full price, also when the government pays: ① {basic} · ② {savings}",
            basic=Money(full.basic.monthly),
            savings=Money(full.with_jht.monthly),
        ),
        _("① accident at work and death · ② the same, plus old-age savings"),
    ]
    return Lines(lines)
