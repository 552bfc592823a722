"""Reminders from planning to what is read: each once, late never skipped, what is no longer true not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from bot import rounds
from bot.sending import turns
from bot.transcript import StageClock
from conversations.rules.areas import Areas
from conversations.rules.campaigns import CAMPAIGNS
from handlers.broadcasts.rendering import LeftOut, Ready
from handlers.campaigns import planning, screens, settings
from handlers.campaigns.rendering import render
from handlers.errands import errand
from handlers.office import Office
from storage import broadcasts, claims, people, programmes, registrations, sessions
from storage import rounds as rounds_made
from storage.broadcasts import Broadcast, Recipient, Stage
from storage.database import Database
from storage.programmes import Programme
from storage.registrations import Application
from storage.tables import places, recipients
from storage.tables import registrations as stored
from storage.transaction import Transaction

VILLAGE, PAPUA = "33.19.02.1001", "94.01.01.1001"
HELPER = 600
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)  # in Kudus
KUDUS = Programme("kudus", "Kudus Peduli", "apbd", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1))
BUDI = Programme("budi", "Bu Budi", "sponsor", "33.19", "basic", 12, date(2026, 12, 1), date(2027, 11, 1), owner=9)


@pytest.fixture
def clock() -> StageClock:
    """Noon in Kudus."""
    return StageClock(NOON)


@pytest.fixture
def office(clock: StageClock) -> Office:
    """An office in Kudus."""
    zone, areas = ZoneInfo("Asia/Jakarta"), Areas.load("33.19")
    return Office("Dinas", "Jl. Contoh", "33.19", zone, areas, "contoh_bot", admins=frozenset({1}), clock=clock)


async def registered(database: Database, office: Office, person: int | None = 1001, **columns: Any) -> str:
    """Enter a registration as it stands after some time, by its `columns`; `area` and `born` may differ, too."""
    serial = 9001 if person is None else person % 10_000
    area, nik = columns.pop("area", VILLAGE), f"331902050590{serial:04}"
    document = {"nik": nik, "name": "Slamet Contoh", "birth_date": columns.pop("born", "1990-05-05")}
    by = HELPER if person is None else person
    claim = "own" if person else registrations.ATTESTED
    form = Application(person, by, area, "tailor", False, "basic", "self", None, "id", document, nik, None, claim=claim)
    async with database.write() as tx:
        await people.meet(tx, by, office.clock())
        for one in (KUDUS, BUDI):
            await programmes.save(tx, one, by=None, now=office.clock())
        made = await registrations.submit(tx, form, office.clock())
        if columns:
            await tx.connection.execute(update(stored).where(stored.c.number == made.number).values(columns))
    return made.number


def covered(until: date, **more: Any) -> dict[str, Any]:
    """Return the columns of somebody who is covered."""
    return {"state": "active", "cover_from": date(2026, 8, 1), "paid_until": until, **more}


async def ledger(database: Database, code: str) -> list[Recipient]:
    """List everybody a campaign was ever planned for."""
    async with database.read() as tx:
        held = (await broadcasts.opened(tx))[code]
        return await broadcasts.list_after(tx, held.id, 0, 1000)


async def campaign_of(tx: Transaction, code: str) -> Broadcast:
    """Return the broadcast that holds a campaign's recipients."""
    found = await broadcasts.get(tx, (await broadcasts.opened(tx))[code].id)
    assert found is not None
    return found


async def read(database: Database, office: Office, code: str, recipient: Recipient) -> Ready | LeftOut:
    """Return what a recipient reads now."""
    async with database.write() as tx, errand(tx, office) as visit:
        held = await campaign_of(tx, code)
        return await render(visit, held, recipient)


async def text(database: Database, office: Office, code: str, recipient: Recipient) -> str:
    """Return the text that a recipient reads now."""
    made = await read(database, office, code, recipient)
    assert isinstance(made, Ready), made
    return str(made.payload["text"])


NO_LONGER = LeftOut("skipped", "no longer applies")


async def test_each_is_written_down_once(database: Database, office: Office, clock: StageClock) -> None:
    """Many looks, a whole month long, make one reminder of what is due; two processes at once make no second."""
    await registered(database, office, **covered(date(2026, 12, 31)))
    for _day in range(30):
        await asyncio.gather(rounds.make(database, office), rounds.make(database, office))
        clock.pass_by(timedelta(days=1, hours=5).total_seconds())
    assert len(await ledger(database, "payment")) == 1


async def test_midnight_in_kudus(database: Database, office: Office, clock: StageClock) -> None:
    """A minute before midnight of the day nothing is due, a minute later it is: the day is the operator's."""
    await registered(database, office, **covered(date(2026, 11, 30)))
    clock.now = datetime(2026, 11, 22, 16, 59, tzinfo=UTC)
    await rounds.make(database, office)
    assert await ledger(database, "payment") == []
    clock.pass_by(60)
    await rounds.make(database, office)
    [one] = await ledger(database, "payment")
    assert one.due_at == clock.now


@pytest.mark.parametrize("stood_still", [timedelta(days=3), timedelta(days=6)])
async def test_late_is_not_skipped(
    database: Database, office: Office, clock: StageClock, stood_still: timedelta
) -> None:
    """A bot that stood still on the day makes the reminder when it is back, once."""
    await rounds.make(database, office)
    await registered(database, office, **covered(date(2026, 11, 28)))
    clock.pass_by(stood_still.total_seconds())
    await rounds.make(database, office)
    await rounds.make(database, office)
    assert len(await ledger(database, "payment")) == 1


async def test_a_look_that_was_broken_off_is_made_again(database: Database, office: Office) -> None:
    """Where a look failed in the middle, the next one goes on, and nobody is written down twice."""
    for person in (1001, 1002, 1003):
        await registered(database, office, person, **covered(date(2026, 11, 22)))
    await rounds.make(database, office)
    async with database.write() as tx:
        held = (await broadcasts.opened(tx))["payment"]
        gone = select(recipients.c.id).where(recipients.c.broadcast == held.id).limit(2)
        await tx.connection.execute(recipients.delete().where(recipients.c.id.in_(gone)))
        await rounds_made.again(tx, "campaign:payment")
    await rounds.make(database, office)
    assert sorted(one.person for one in await ledger(database, "payment")) == [1001, 1002, 1003]


async def test_nobody_is_told_to_pay_what_others_pay(database: Database, office: Office) -> None:
    """Who pays alone reads the price; for whom a sponsor or the Pemkab pays, until when; of whom nobody knows, no promise."""
    payers = {1001: ("self", None), 1002: ("sponsor", "budi"), 1003: ("apbd", "kudus"), 1004: ("unknown", None)}
    payers[1005] = ("self", "kudus")  # said to pay alone, and was put under a programme
    for person, (payer, programme) in payers.items():
        await registered(database, office, person, **covered(date(2026, 11, 22), payer=payer, programme=programme))
    await promised(database, 1003, "kudus")
    await rounds.make(database, office)
    said = {one.person: await text(database, office, "payment", one) for one in await ledger(database, "payment")}
    assert "Rp8.400" in said[1001]
    for person in (1002, 1003):
        assert "tidak perlu membayar" in said[person]
        assert "belum tentu berlanjut" in said[person]
    assert "yang membayarkan Bu Budi. " in said[1002]
    assert said[1002].count("22 November 2026") == 1
    assert "yang membayarkan pemerintah (Kudus Peduli), sampai 30 November 2027" in said[1003]
    assert "belum tercatat" in said[1004]
    assert "tidak perlu membayar" not in said[1004]
    assert "tidak perlu membayar" in said[1005]
    assert not any("Rp" in said[person] for person in (1002, 1003, 1004, 1005))


async def promised(database: Database, person: int, programme: str) -> None:
    """Give somebody a place for a year, from December 2026 on."""
    async with database.write() as tx:
        [mine] = await registrations.of_person(tx, person)
        await tx.connection.execute(
            places.insert().values(
                registration=mine.number, programme=programme, months=12, rupiah=0,
                first_month=date(2026, 12, 1), taken_at=NOON,
            )
        )  # fmt: skip


@pytest.mark.parametrize("payer", [("self", None), ("sponsor", "budi"), ("apbd", "kudus"), ("unknown", None)])
async def test_a_lapse_is_what_our_records_say(
    database: Database, office: Office, payer: tuple[str, str | None]
) -> None:
    """Returns come late, so nobody is told as a fact that cover has stopped."""
    until = {"state": "lapsed", "paid_until": date(2026, 11, 10), "changed_at": NOON - timedelta(days=3)}
    await registered(database, office, **until, payer=payer[0], programme=payer[1])
    await rounds.make(database, office)
    [one] = await ledger(database, "lapse")
    assert "Menurut catatan kami" in await text(database, office, "lapse", one)


async def test_who_comes_back_is_no_new_member(database: Database, office: Office) -> None:
    """Cover that begins is explained with the limits of treatment; whose cover had stopped reads nothing of first months."""
    for person in (1001, 1002):
        began = {"cover_from": date(2026, 11, 1), "changed_at": NOON - timedelta(days=3)}
        number = await registered(database, office, person, **covered(date(2026, 12, 31), **began))
        if person == 1002:
            await lapsed_and_back(database, number)
    await rounds.make(database, office)
    new, back = sorted(await ledger(database, "confirmed"), key=lambda one: one.person)
    said = await text(database, office, "confirmed", new)
    assert "menurut kebutuhan medis" in said
    assert "rekanan (PLKK)" in said
    assert await read(database, office, "confirmed", back) == NO_LONGER


async def test_who_pays_for_others_is_told_once_for_all(database: Database, office: Office) -> None:
    """A private payer reads for how many it ends, or has stopped, also without Telegram; not when it is paid on."""
    await registered(database, office, 1001, **covered(date(2026, 11, 22), payer="sponsor", programme="budi"))
    await registered(database, office, None, **covered(date(2026, 11, 22), payer="sponsor", programme="budi"))
    lapsed = {"state": "lapsed", "changed_at": NOON - timedelta(days=3)}
    stopped = covered(date(2026, 11, 10), payer="sponsor", programme="budi") | lapsed
    await registered(database, office, 1003, **stopped)
    await rounds.make(database, office)
    [due] = await ledger(database, "payer_due")
    [lapse] = await ledger(database, "payer_lapse")
    assert due.person == lapse.person == BUDI.owner
    said = await text(database, office, "payer_due", due)
    assert "Bu Budi: iuran 2 orang tercatat sampai 22 November 2026" in said
    assert "menurut catatan kami, perlindungan 1 orang berhenti" in await text(database, office, "payer_lapse", lapse)
    async with database.write() as tx:
        await tx.connection.execute(update(stored).values(state="active", paid_until=date(2026, 12, 31)))
    assert await read(database, office, "payer_due", due) == NO_LONGER
    assert await read(database, office, "payer_lapse", lapse) == NO_LONGER


async def test_what_is_no_longer_true_is_not_said(database: Database, office: Office, clock: StageClock) -> None:
    """Paid on meanwhile, said to be paid, or erased: nothing is sent."""
    numbers = [
        await registered(database, office, person, **covered(date(2026, 11, 22))) for person in (1001, 1002, 1003)
    ]
    await rounds.make(database, office)
    paid_on, said_paid, erased = await ledger(database, "payment")
    async with database.write() as tx:
        later = update(stored).where(stored.c.number == paid_on.registration).values(paid_until=date(2026, 12, 31))
        await tx.connection.execute(later)
        await broadcasts.act(tx, said_paid.id, said_paid.person, "paid", clock())
        sent = update(recipients).where(recipients.c.id == said_paid.id).values(state="sent", finished_at=clock())
        await tx.connection.execute(sent)
        gone = update(stored).where(stored.c.number == erased.registration).values(state="withdrawn")
        await tx.connection.execute(gone)
        await registrations.erase(tx, str(erased.registration), clock())
    assert len(numbers) == 3
    for one in await ledger(database, "payment"):
        assert await read(database, office, "payment", one) in {NO_LONGER, LeftOut("skipped", "enough")}
        assert one.person != erased.person or str(erased.registration) not in f"{one.occasion}{one.registration}"


async def test_a_gap_in_cover_is_no_full_benefit(database: Database, office: Office) -> None:
    """Three months without a gap: the family gets all; whose cover had stopped in between is not told so."""
    for person in (1001, 1002):
        number = await registered(database, office, person, **covered(date(2026, 12, 31), cover_from=date(2026, 8, 20)))
        if person == 1002:
            await lapsed_and_back(database, number)
    await rounds.make(database, office)
    whole, gap = sorted(await ledger(database, "full_benefit"), key=lambda one: one.person)
    assert "Rp42.000.000" in await text(database, office, "full_benefit", whole)
    assert await read(database, office, "full_benefit", gap) == NO_LONGER


async def lapsed_and_back(database: Database, number: str) -> None:
    """Let cover stop and come back."""
    async with database.write() as tx:
        mine = update(stored).where(stored.c.number == number)
        await tx.connection.execute(mine.values(paid_until=date(2026, 9, 30)))
        await registrations.lapse(tx, number, date(2026, 10, 5), now=NOON - timedelta(days=46))
        back = {"state": "active", "paid_until": date(2026, 12, 31)}
        await tx.connection.execute(mine.values(back))


async def test_soon_65(database: Database, office: Office, clock: StageClock) -> None:
    """Found by opening the sealed forms once a week; for somebody without Telegram the facilitator is told."""
    await registered(database, office, 1001, born="1962-01-10")
    await registered(database, office, None, born="1962-02-01")
    await registered(database, office, 1003, born="1990-02-01")
    await rounds.make(database, office)
    found = {one.person: one for one in await ledger(database, "under_65")}
    assert found.keys() == {1001, HELPER}
    assert "10 Januari 2027" in await text(database, office, "under_65", found[1001])
    await registered(database, office, 1004, born="1962-01-11")
    clock.pass_by(timedelta(days=2).total_seconds())
    await rounds.make(database, office)
    assert len(await ledger(database, "under_65")) == 2
    clock.pass_by(timedelta(days=2).total_seconds())  # Tuesday
    await rounds.make(database, office)
    assert len(await ledger(database, "under_65")) == 3


async def stops(database: Database, person: int, at: datetime, *, agrees: bool = True) -> None:
    """Let somebody stop in the middle of registering."""
    answers = {"consent": {"option": "agree", "version": "1", "at": at.isoformat()}} if agrees else {}
    village = {"village": {"code": PAPUA, "words": None}}
    async with database.write() as tx:
        await people.meet(tx, person, at)
        await sessions.save(tx, person, "registration", {"flow": "registration", "answers": {**answers, **village}}, at)


async def test_unfinished(database: Database, office: Office, clock: StageClock) -> None:
    """After an hour, a day and three days, in the zone of the village; who never agreed is left alone; then silence."""
    await stops(database, 1001, clock())
    await stops(database, 1002, clock(), agrees=False)
    seen = []
    for _quarter in range(4 * 24 * 6):
        clock.pass_by(900)
        if clock.now.minute == 0:
            await planning.plan(CAMPAIGNS["unfinished"], database, office)
            seen.append(len(await ledger(database, "unfinished")))
    rows = await ledger(database, "unfinished")
    assert [(row.person, row.zone, (row.due_at - NOON).total_seconds() / 3600) for row in rows] == [
        (1001, "WIT", 1), (1001, "WIT", 24), (1001, "WIT", 72),
    ]  # fmt: skip
    assert seen == sorted(seen)
    assert seen[0] == 1


async def test_unfinished_after_a_stop(database: Database, office: Office, clock: StageClock) -> None:
    """A bot that stood still for three days reminds once, not three times; who has gone on since is not reminded."""
    await planning.plan(CAMPAIGNS["unfinished"], database, office)
    await stops(database, 1001, clock())
    await stops(database, 1002, clock())
    clock.pass_by(timedelta(days=3, hours=2).total_seconds())
    await planning.plan(CAMPAIGNS["unfinished"], database, office)
    await stops(database, 1002, clock())
    first, second = sorted(await ledger(database, "unfinished"), key=lambda one: one.person)
    assert "belum selesai" in await text(database, office, "unfinished", first)
    assert await read(database, office, "unfinished", second) == NO_LONGER


async def test_links_that_nobody_opens(database: Database, office: Office, clock: StageClock) -> None:
    """One message to the facilitator for all of them, and none once they are used."""
    numbers = [await registered(database, office, None, area=VILLAGE)]
    numbers.append(await _second_neighbour(database, office))
    async with database.write() as tx:
        for number in numbers:
            await claims.offer(tx, number, HELPER, clock())
    clock.pass_by(timedelta(days=3, minutes=1).total_seconds())
    await rounds.make(database, office)
    clock.pass_by(timedelta(days=1).total_seconds())
    await rounds.make(database, office)
    [one] = await ledger(database, "claim_link")
    assert one.person == HELPER
    assert "2 tautan" in await text(database, office, "claim_link", one)
    async with database.write() as tx:
        owned = {"claim": registrations.CLAIMED}
        await tx.connection.execute(update(stored).where(stored.c.number.in_(numbers)).values(owned))
    assert await read(database, office, "claim_link", one) == NO_LONGER


async def _second_neighbour(database: Database, office: Office) -> str:
    nik = "3319020505909077"
    form = Application(
        None, HELPER, VILLAGE, "tailor", False, "basic", "self", None, "id", {"nik": nik}, nik, None,
        claim=registrations.ATTESTED,
    )  # fmt: skip
    async with database.write() as tx:
        return (await registrations.submit(tx, form, office.clock())).number


async def test_waiting_with_the_place(database: Database, office: Office, clock: StageClock) -> None:
    """After three days the place in the queue is told, and weekly from then on; an overtaken message is not sent."""
    await registered(database, office, 1001)
    clock.pass_by(timedelta(days=3, hours=1).total_seconds())
    await rounds.make(database, office)
    [first] = await ledger(database, "queue")
    assert "<b>1</b>" in await text(database, office, "queue", first)
    clock.pass_by(timedelta(days=7).total_seconds())
    await rounds.make(database, office)
    assert len(await ledger(database, "queue")) == 2
    assert await read(database, office, "queue", first) == NO_LONGER


async def set_to(database: Database, office: Office, code: str, **differences: Any) -> None:
    """Set a campaign as an admin does."""
    async with database.write() as tx, errand(tx, office) as visit:
        campaign = CAMPAIGNS[code]
        known = settings.of(campaign, await broadcasts.campaign(tx, code))
        await screens._save(visit, campaign, replace(known, **differences))


async def test_switched_off_and_on(database: Database, office: Office) -> None:
    """What is switched off plans and sends nothing; switched on again on the same day, it makes up for it."""
    await set_to(database, office, "payment", on=False)
    await registered(database, office, **covered(date(2026, 11, 22)))
    await rounds.make(database, office)
    assert await ledger(database, "payment") == []
    async with database.read() as tx:
        assert (await broadcasts.opened(tx))["payment"].stage is Stage.PAUSED
    await set_to(database, office, "payment", on=True)
    await rounds.make(database, office)
    assert len(await ledger(database, "payment")) == 1


async def test_moved_to_another_day(database: Database, office: Office, clock: StageClock) -> None:
    """With another offset, what waits is looked at anew; what was sent stays sent and is not sent again."""
    await registered(database, office, 1001, **covered(date(2026, 11, 27)))
    await registered(database, office, 1002, **covered(date(2026, 11, 27)))
    await rounds.make(database, office)
    async with database.write() as tx:
        sent = update(recipients).where(recipients.c.person == 1001).values(state="sent", finished_at=clock())
        await tx.connection.execute(sent)
    await set_to(database, office, "payment", offsets=(3,))
    await rounds.make(database, office)
    assert [one.person for one in await ledger(database, "payment")] == [1001]
    clock.pass_by(timedelta(days=4).total_seconds())
    await rounds.make(database, office)
    assert sorted(one.person for one in await ledger(database, "payment")) == [1001, 1002]


@pytest.mark.parametrize("code", ["payment", "unfinished"])
async def test_moved_during_a_look(database: Database, office: Office, clock: StageClock, code: str) -> None:
    """A look that ends after an admin has set other times counts for nothing: what it wrote goes, the next looks anew."""
    await registered(database, office, **covered(date(2026, 11, 27)))
    campaign = CAMPAIGNS[code]
    await rounds.make(database, office)
    async with database.read() as tx:
        held = (await broadcasts.opened(tx))[code]
    await set_to(database, office, code, offsets=tuple(one + 1 for one in campaign.offsets))
    clock.pass_by(2 * 3600)
    look = planning.Look(database, office, campaign, settings.of(campaign, None), held, clock())
    await planning.write_down(look, date.min)
    assert await ledger(database, code) == []
    async with database.read() as tx:
        assert planning.name(campaign) not in await rounds_made.made(tx)
        assert (await broadcasts.opened(tx))[code].cursor == 0


async def test_moved_to_an_earlier_day(database: Database, office: Office) -> None:
    """With an earlier offset, who is due by it is written down at once, though the day's look was made."""
    await registered(database, office, **covered(date(2026, 11, 30)))
    await rounds.make(database, office)
    assert await ledger(database, "payment") == []
    await set_to(database, office, "payment", offsets=(14,))
    await rounds.make(database, office)
    assert len(await ledger(database, "payment")) == 1


async def test_an_admins_own_words(database: Database, office: Office) -> None:
    """They stand in place of the usual ones for their readers and language, with the values escaped."""
    await registered(database, office, **covered(date(2026, 11, 22)))
    await rounds.make(database, office)
    [one] = await ledger(database, "payment")
    await set_to(database, office, "payment", texts={"self": {"id": "Halo <b>{nama_depan}</b>, {iuran}"}})
    assert await text(database, office, "payment", one) == "Halo <b>Slamet</b>, Rp8.400"
    assert "recorded until" in await text(database, office, "payment", replace(one, language="en"))


async def test_no_more_of_one_than_is_set(database: Database, office: Office, clock: StageClock) -> None:
    """Who has had so many of a campaign within thirty days gets no more of it."""
    for person in (1001, 1002):
        await registered(database, office, person, **covered(date(2026, 11, 22)))
    await set_to(database, office, "payment", most=1)
    await rounds.make(database, office)
    one, two = sorted(await ledger(database, "payment"), key=lambda each: each.person)
    async with database.write() as tx:
        sent = update(recipients).where(recipients.c.id == one.id).values(state="sent", finished_at=clock())
        await tx.connection.execute(sent)
    assert await read(database, office, "payment", replace(one, id=99)) == LeftOut("skipped", "enough")
    assert isinstance(await read(database, office, "payment", two), Ready)


async def test_one_too_many_this_week_waits(database: Database, office: Office) -> None:
    """A reminder that the weekly limit does not let through is put off, not lost, unless it is no longer true."""
    number = await registered(database, office, **covered(date(2026, 11, 22)))
    await rounds.make(database, office)
    [one] = await ledger(database, "payment")
    capped = LeftOut("skipped", "capped")
    async with database.write() as tx, errand(tx, office) as visit:
        held = await campaign_of(tx, "payment")
        assert await turns.made(visit, held, one, capped) is None
        assert await turns.made(visit, held, one, LeftOut("opted_out", "stopped")) == LeftOut("opted_out", "stopped")
        await tx.connection.execute(
            update(stored).where(stored.c.number == number).values(paid_until=date(2027, 1, 31))
        )
        assert await turns.made(visit, held, one, capped) == NO_LONGER


async def test_the_price_that_ends(database: Database, office: Office, clock: StageClock) -> None:
    """Who pays alone is told the new price two weeks before it comes, unless they have paid beyond that."""
    await registered(database, office, **covered(date(2026, 12, 31)))
    await registered(database, office, 1002, **covered(date(2027, 1, 31)))
    clock.now = datetime(2026, 12, 16, 5, tzinfo=UTC)
    await rounds.make(database, office)
    assert await ledger(database, "discount") == []
    clock.pass_by(timedelta(days=1).total_seconds())
    await rounds.make(database, office)
    [one] = await ledger(database, "discount")
    said = await text(database, office, "discount", one)
    assert "31 Desember 2026" in said
    assert "Rp16.800" in said


def test_every_campaign_has_where_to_look() -> None:
    """A campaign with a rule has a query that finds its registrations."""
    ruled = {one.code for one in CAMPAIGNS.values() if one.rule is not None}
    assert ruled == planning.SEEKS.keys()
