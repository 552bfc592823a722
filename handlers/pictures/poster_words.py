"""What the poster says, in the language of those who pass by: prices of the day it is made, with that day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import unescape

from conversations.rules import prices
from conversations.rules.prices import Payer, Quote
from conversations.words import Money, Month, Value, _
from handlers.pictures.poster import PosterWords


def poster_words(
    place: str, name: str, operator: str, contact: str, today: date, say: Callable[[Value], str]
) -> PosterWords:
    """Return the words of the poster for a place; `name` is the bot's user name without @."""

    def plain(value: Value) -> str:
        return unescape(say(value))

    return PosterWords(
        headline=plain(_("Register for BPJS Ketenagakerjaan here")),
        place=place,
        name=f"@{name}",
        steps=(
            plain(_("Scan the code with the phone's camera. Telegram opens: press Start.")),
            plain(_("Answer a few questions. Have your KTP beside you.")),
            plain(_("The village looks at it. You read the result in Telegram.")),
        ),
        promise=plain(_("Registering is free. We never ask for OTP, PIN or money.")),
        price=plain(_price(today)),
        warning=plain(_("You are not yet a member until the contribution has been paid.")),
        check=plain(
            _(
                "Is this bot the real one? Its name is @{name}. In doubt, ask at the office: {contact}. "
                "No Telegram? A facilitator of the village registers you.",
                name=name,
                contact=contact,
            )
        ),
        operator=operator,
        contact=contact,
    )


def _price(today: date) -> Value:
    """Return what one pays who pays alone, from the dated table; drivers' price where it differs."""
    month = prices.first_month(today)
    usual, drivers = (prices.quote(month, transport, Payer.SELF) for transport in (False, True))
    if usual.basic.monthly == drivers.basic.monthly:
        return _(
            "Price in {month} for those who pay themselves: {price} a month{until}",
            month=Month(month),
            price=Money(usual.basic.monthly),
            until=_until(usual),
        )
    return _(
        "Price in {month} for those who pay themselves: {price} a month; ojek, couriers and drivers {drivers}{until}",
        month=Month(month),
        price=Money(usual.basic.monthly),
        drivers=Money(drivers.basic.monthly),
        until=_until(drivers),
    )


def _until(quote: Quote) -> Value:
    return _(", up to {month}.", month=Month(quote.half_price_until)) if quote.half_price_until else "."
