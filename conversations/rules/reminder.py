"""A reminder that runs by itself: when it is usually due, whom it concerns, and its usual words.

An admin may switch each one off and change its days, how many of it one person gets, and its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from conversations.rules.occasions import Rule
from conversations.words import Text, Value

Unit = Literal["hours", "before", "after", "clock"]

ANY = ""  # the variant of a campaign that says the same to everybody
SELF, SPONSOR, GOVERNMENT, UNKNOWN = "self", "sponsor", "government", "unknown"  # who pays
OF_OFFICE = frozenset({"operator", "kontak"})
OF_WORKER = OF_OFFICE | {"nama_depan", "desa", "nomor"}


@dataclass(frozen=True, slots=True)
class Wording:
    """What one kind of reader is told: the usual `text`, the values it may hold, and the buttons under it.

    `once` is said instead where `akhir` is the day of `sampai`, so that no date is named twice.
    """

    text: Text
    values: frozenset[str] = OF_WORKER
    buttons: tuple[str, ...] = ()
    once: Text | None = None

    def usual(self, known: Mapping[str, Value]) -> Text:
        """Return the usual text for these values."""
        return self.once if self.once is not None and known.get("akhir") == known.get("sampai") else self.text


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign.

    `offsets` are counted as `unit` says: hours or days after the event, days before it, or the hour of the day; how many
    there are does not change. `most` of it go to one person in 30 days. What is `necessary` is exempt from the limit
    for all messages and from /berhenti. `wordings` are by kind of reader; `rule` finds the occasion of a registration.
    `helper`: it goes to who entered a registration that has no owner yet. `weekly`: it is looked for only once a week.
    `whole`: it speaks of the first months of membership, and is not for whom cover had stopped before.
    """

    code: str
    title: Text
    unit: Unit
    offsets: tuple[int, ...]
    most: int
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    rule: Rule | None = None
    necessary: bool = False
    helper: bool = False
    weekly: bool = False
    whole: bool = False


PAYING = frozenset({"iuran", "bulan", "sampai"})
PAID_FOR = OF_WORKER | {"sampai", "pembayar"}
OF_PAYER = OF_OFFICE | {"pembayar", "jumlah", "sampai"}
PAY = ("where", "paid")
