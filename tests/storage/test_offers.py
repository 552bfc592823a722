"""Offers of a sponsor: to whom one can be made, one at a time, answered once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from storage import offers, programmes, registrations
from storage.database import Database
from storage.offers import OfferedError
from storage.programmes import Programme
from storage.registrations import Application, State

VILLAGE = "33.19.02.2003"


async def pledge(database: Database, now: datetime) -> None:
    """Enter a sponsor's programme."""
    first, last = date(2026, 11, 1), date(2027, 10, 1)
    made = Programme("S-1", "Bu Sri", "sponsor", VILLAGE, "basic", 3, first, last, people=2, owner=7)
    async with database.write() as tx:
        await programmes.save(tx, made, by=7, now=now)


async def test_one_offer_at_a_time(database: Database, now: datetime, apply: Callable[..., Application]) -> None:
    """A second offer is refused while one is open, and possible once that one is answered; answering works once."""
    await pledge(database, now)
    async with database.write() as tx:
        number = (await registrations.submit(tx, apply(payer="unknown"), now)).number
        offer = await offers.make(tx, number, "S-1", now)
        with pytest.raises(OfferedError):
            await offers.make(tx, number, "S-1", now)
        assert await offers.pending(tx, "S-1") == 1
        assert await offers.answer(tx, offer.id, "no", 1001, now)
        assert not await offers.answer(tx, offer.id, "yes", 1001, now)
        assert await offers.make(tx, number, "S-1", now) != offer


async def test_who_can_be_offered(database: Database, now: datetime, apply: Callable[..., Application]) -> None:
    """Only who waits in the area for a payer: no programme, no open offer, no earlier no, not one's own, not decided."""
    await pledge(database, now)

    async def submitted(person: int, **more: object) -> str:
        form = apply(person=person, nik=f"33190225059090{person:02}", **{"payer": "unknown", **more})
        return (await registrations.submit(tx, form, now + timedelta(seconds=person))).number

    async with database.write() as tx:
        waits, offered, refused = await submitted(1), await submitted(2), await submitted(9)
        await offers.answer(tx, (await offers.make(tx, refused, "S-1", now)).id, "no", 9, now)
        await submitted(3, payer="self")
        await submitted(4, programme="S-1")
        await submitted(5, area="33.19.02.2004")
        await submitted(6, area="33.19.02.20031")
        await submitted(7)
        rejected = await submitted(8)
        await offers.make(tx, offered, "S-1", now)
        await registrations.move(
            tx, rejected, State.REJECTED, actor=None, reason="duplicate", now=now, frm=State.QUEUED
        )
        assert [one.number for one in await offers.adoptable(tx, VILLAGE, but=7)] == [waits]
        others = [one.number for one in await offers.adoptable(tx, VILLAGE, but=8888)]
        assert refused in others


async def test_offers_end(database: Database, now: datetime, apply: Callable[..., Application]) -> None:
    """An offer that nobody answers is listed as expired after its seven days, and not before."""
    await pledge(database, now)
    async with database.write() as tx:
        number = (await registrations.submit(tx, apply(payer="unknown"), now)).number
        offer = await offers.make(tx, number, "S-1", now)
        assert await offers.expired(tx, now + timedelta(days=6)) == []
        assert await offers.expired(tx, now + timedelta(days=7)) == [offer]
        assert await offers.get(tx, offer.id) == offer
        assert await offers.open_of(tx, "S-1") == [offer]
