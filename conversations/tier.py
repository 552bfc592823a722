"""The two packages as every form offers them: told apart by their prices in the law, which people also type."""

from __future__ import annotations

from functools import partial

from conversations import offer
from conversations.kinds import Choice, Option
from conversations.rules.prices import Tier

TIER = Choice(
    Option(Tier.BASIC.value, partial(offer.tier_label, Tier.BASIC), also=("16800", "16.800", "paket 1")),
    Option(Tier.WITH_JHT.value, partial(offer.tier_label, Tier.WITH_JHT), also=("36800", "36.800", "paket 2")),
)
