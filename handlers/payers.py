"""Who pays for a registration, as what is said to people depends on it.

Only a programme makes somebody else pay: a worker who said that somebody does has no promise, and is told so.
"""

from __future__ import annotations

from collections.abc import Mapping

from conversations.rules.reminder import GOVERNMENT, SELF, SPONSOR, UNKNOWN
from storage import programmes
from storage.broadcasts.due import Due
from storage.registrations import Registration
from storage.transaction import Transaction

Payers = Mapping[str, str]
"""Who pays under each programme, by its code."""


async def known(tx: Transaction) -> Payers:
    """Return who pays under each programme."""
    return await programmes.payers(tx)


def of(row: Due | Registration, under: Payers) -> str:
    """Return who pays: self, sponsor, government, or unknown where no programme pays and nobody said to pay alone."""
    payer = under.get(row.programme or "")
    if payer in {None, "self"}:
        return SELF if row.payer == "self" else UNKNOWN
    return GOVERNMENT if payer == "apbd" else SPONSOR
