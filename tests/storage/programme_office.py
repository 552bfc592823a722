"""What the tests of programmes share: a programme, people who apply for it, and decisions on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from storage import programmes, registrations
from storage.programmes import Programme
from storage.registrations import Application, Cost, FullError, Registration, State
from storage.transaction import Transaction

REVIEWER = 500
CODE = "kudus"
VILLAGE, NEIGHBOUR, ELSEWHERE = "33.19.02.2003", "33.19.02.2004", "33.19.03.2003"
MONTH = date(2026, 12, 1)
YEAR = Cost(12, 201_600, MONTH)
MINUTE = timedelta(minutes=1)

PLAIN: dict[str, Any] = {
    "code": CODE,
    "name": "Program Contoh",
    "payer": "apbd",
    "area": "33.19",
    "tier": "basic",
    "months": 12,
    "first_month": MONTH,
    "last_month": date(2027, 11, 1),
}


def programme(**differences: Any) -> Programme:
    """Return a programme without any quota; what is named differs."""
    return Programme(**{**PLAIN, **differences})


@dataclass(frozen=True, slots=True)
class Desk:
    """A reviewer at work in one transaction; every approval costs `cost` unless it says otherwise."""

    tx: Transaction
    now: datetime
    cost: Cost = YEAR

    async def offers(self, **differences: Any) -> Programme:
        """Save the programme."""
        return await programmes.save(self.tx, programme(**differences), by=None, now=self.now)

    async def applies(self, who: int, *, area: str = VILLAGE, code: str | None = CODE, **more: Any) -> str:
        """Let a made-up worker apply, `who` minutes after the beginning; return the number."""
        nik = f"33190205059{who % 10_000:05}"
        form = Application(
            10_000 + who, 10_000 + who, area, "ojek", True, "basic", "apbd", code, "id", {"nik": nik}, nik, None
        )
        at = more.pop("at", self.now + who * MINUTE)
        return (await registrations.submit(self.tx, form, at)).number

    async def moves(self, number: str, to: State, *, cost: Cost | None = None, **more: Any) -> Registration:
        """Move a registration from where it is, unless `frm` says where it was seen."""
        frm = more.pop("frm", None) or (await self.sees(number)).state
        more = {"actor": REVIEWER, "reason": None, "now": self.now, "frm": frm} | more
        return await registrations.move(self.tx, number, to, cost=cost or self.cost, **more)

    async def approves(self, number: str, cost: Cost | None = None, *, frm: State | None = None) -> str | None:
        """Approve from the state that was seen, or put on the waiting list; return what the programme lacks."""
        seen = frm or (await self.sees(number)).state
        try:
            await self.moves(number, State.APPROVED, cost=cost, frm=seen)
        except FullError as full:
            await self.moves(number, State.WAITING_LIST, frm=seen)
            return full.what
        return None

    async def promotes(self, cost: Cost | None = None) -> list[str]:
        """Give free places to those who wait."""
        promoted = await registrations.promote(self.tx, CODE, lambda _who: cost or self.cost, self.now)
        return [one.number for one in promoted]

    async def sees(self, number: str) -> Registration:
        """Look at a registration."""
        found = await registrations.get(self.tx, number)
        assert found is not None
        return found

    async def taken(self) -> programmes.Taken:
        """Look at what the programme has promised."""
        found = await programmes.get(self.tx, CODE)
        assert found is not None
        return found.taken
