"""Planning a broadcast: everybody is written down once, whoever gets nothing with the reason, nobody twice for one occasion."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from ledgers import EVERYWHERE, TEXTS, VILLAGE, WEEK, clear, crowd, made, page, person, registered, released, stored

from storage import broadcasts, registrations
from storage.broadcasts import Audience, Broadcast, Ended, Limits, Recipient, Stage
from storage.database import Database
from storage.transaction import Transaction

HOUR = timedelta(hours=1)


async def everybody(tx: Transaction, number: int) -> list[Recipient]:
    """List all recipients of a broadcast."""
    return await broadcasts.list_after(tx, number, 0, 1000)


async def send_all(tx: Transaction, now: datetime) -> list[int]:
    """Send to everybody whose time has come, and return whom."""
    taken = [one for _broadcast, one in await broadcasts.claim(tx, 1000, now, EVERYWHERE)]
    await broadcasts.settle(tx, [Ended(one.id, "sent", None, 1) for one in taken], now)
    return [one.person for one in taken]


async def test_a_broadcast_is_kept_as_composed(database: Database, now: datetime) -> None:
    """What its author chose is read back, and its text never shows in a traceback."""
    async with database.write() as tx:
        chosen = Audience(area="33.19", languages=("jv",))
        number = await made(tx, now, audience=chosen, area="33.19", due_at=now + HOUR, canary=7, quiet=False, by=5)
        found = await stored(tx, number)
        assert (found.area, found.stage, found.canary, found.quiet) == ("33.19", Stage.PREPARING, 7, False)
        assert (found.due_at, found.created_by, found.created_at, found.started_at) == (now + HOUR, 5, now, None)
        assert (found.audience, found.body["texts"]) == (chosen, TEXTS)
        assert "Halo" not in repr(found)
        assert await broadcasts.get(tx, 10_000) is None


async def test_pages_go_on_where_they_stopped(database: Database, now: datetime) -> None:
    """Page by page everybody is written down once, from the database alone, also by who takes over half-way."""
    async with database.write() as tx:
        await crowd(tx, 5, now)
        number = await made(tx, now, due_at=now + HOUR)
    planned: list[int] = []
    done = False
    while not done:
        async with database.write() as tx:
            rows, done = (found := await page(tx, number, now, limit=2)).rows, found.done
            planned += [one.person for one in rows]
            assert (await stored(tx, number)).cursor == planned[-1]
    assert planned == [1, 2, 3, 4, 5]
    async with database.write() as tx:
        assert (await page(tx, number, now)).rows == []
        first = (await everybody(tx, number))[0]
        assert (first.registration, first.zone, first.language, first.wave) == ("N1", "WIB", "id", broadcasts.REST)
        assert (first.state, first.due_at, first.occasion) == ("waiting", now + HOUR, "")
        assert (await broadcasts.counts(tx, number)).states == {"waiting": 5}


async def test_zone_and_language_are_the_persons(database: Database, now: datetime) -> None:
    """The zone is that of the registration's area, the language the one somebody chose."""
    async with database.write() as tx:
        await person(tx, 1, now, language="jv")
        await registered(tx, "PAPUA", 1, now, area="94.01.02.2003")
        number = await released(tx, now)
        (one,) = await everybody(tx, number)
        assert (one.zone, one.language) == ("WIT", "jv")


@pytest.mark.parametrize(
    ("known", "more", "expected"),
    [
        ({}, {}, None),
        ({"unreachable_at": True}, {}, ("skipped", "blocked")),
        ({"unreachable_at": True}, {"necessary": True}, ("skipped", "blocked")),
        ({"stopped_at": True}, {}, ("opted_out", "stopped")),
        ({"stopped_at": True}, {"campaign": "lapse"}, ("opted_out", "stopped")),
        ({"stopped_at": True, "news_at": None}, {"necessary": True}, None),
        ({"news_at": None}, {}, ("opted_out", "no consent")),
        ({"news_at": None}, {"campaign": "lapse"}, None),
        ({"language": "en"}, {}, ("skipped", "no text")),
        ({"language": "en"}, {"necessary": True}, ("skipped", "no text")),
    ],
)
async def test_who_is_left_out(
    database: Database, now: datetime, known: dict[str, Any], more: dict[str, Any], expected: tuple[str, str] | None
) -> None:
    """Who blocked the bot, said stop, never agreed, or has no text gets nothing, and the row says why."""
    async with database.write() as tx:
        await person(tx, 1, now, **{name: now if value is True else value for name, value in known.items()})
        await registered(tx, "N1", 1, now)
        number = await made(tx, now, **more)
        (one,) = (await page(tx, number, now)).rows
        assert (one.state, one.reason) == (expected or ("waiting", None))
        assert one.finished_at == (now if expected else None)
        counts = await broadcasts.counts(tx, number)
        assert (counts.planned, counts.reasons) == (1, {expected: 1} if expected else {})


async def test_enough_is_enough(database: Database, now: datetime) -> None:
    """After two messages in seven days nobody gets a third, but for a necessary one; what is unknown or in flight counts too."""
    async with database.write() as tx:
        await crowd(tx, 3, now)
        for outcome in ("sent", "unknown"):
            await released(tx, now)
            taken = await broadcasts.claim(tx, 10, now, EVERYWHERE)
            ended = [Ended(one.id, outcome if one.person == 1 else "failed") for _b, one in taken if one.person != 3]  # type: ignore[arg-type]
            await broadcasts.settle(tx, ended, now)
        await released(tx, now, necessary=True)
        taken = await broadcasts.claim(tx, 10, now, EVERYWHERE)
        await broadcasts.settle(tx, [Ended(one.id, "sent") for _b, one in taken], now)
        assert await broadcasts.sent_lately(tx, [1, 2, 3], now - WEEK) == {1: 2, 3: 2}
        third = await everybody(tx, await released(tx, now))
        assert {one.person: one.reason for one in third} == {1: "capped", 2: None, 3: "capped"}
        forth = await everybody(tx, await released(tx, now, necessary=True))
        assert {one.reason for one in forth} == {None}
        assert {one.reason for one in await everybody(tx, await released(tx, now + WEEK + HOUR))} == {None}


async def test_what_is_in_flight_counts(database: Database, now: datetime) -> None:
    """What another sender is sending to somebody just now counts for the limit; what one has in hand oneself does not."""
    async with database.write() as tx:
        await crowd(tx, 2, now)
        for _each in range(2):
            number = await released(tx, now)
        hand = [one.id for _broadcast, one in await broadcasts.claim(tx, 10, now, EVERYWHERE) if one.person == 1]
        await released(tx, now, necessary=True)
        await broadcasts.claim(tx, 10, now, EVERYWHERE)
        found = await broadcasts.barred(tx, await stored(tx, number), [1, 2], Limits(2, now - WEEK), but=hand)
        assert found == {2: ("skipped", "capped")}


async def test_asked_again_when_their_turn_comes(database: Database, now: datetime) -> None:
    """Who said stop, or had enough, between planning and sending is found out by asking again."""
    async with database.write() as tx:
        await crowd(tx, 2, now)
        one, two = await released(tx, now), await released(tx, now)
        assert await send_all(tx, now) == [1, 2, 1, 2]
        held = await stored(tx, two)
        assert await broadcasts.barred(tx, held, [1, 2, 3], Limits(2, now - WEEK)) == {
            1: ("skipped", "capped"),
            2: ("skipped", "capped"),
        }
        assert await broadcasts.barred(tx, await stored(tx, one), [1], Limits(3, now - WEEK)) == {}


async def test_left_out_afterwards(database: Database, now: datetime) -> None:
    """Whose message cannot be made is left out while they wait, and not once they were written to."""
    async with database.write() as tx:
        await crowd(tx, 2, now)
        number = await released(tx, now)
        first, second = await everybody(tx, number)
        await broadcasts.leave_out(tx, [Ended(first.id, "skipped", "placeholder")], now)
        assert await send_all(tx, now) == [second.person]
        await broadcasts.leave_out(tx, [Ended(second.id, "skipped", "placeholder")], now)
        counts = await broadcasts.counts(tx, number)
        assert (counts.states, counts.reasons) == (
            {"skipped": 1, "sent": 1},
            {("skipped", "placeholder"): 1},
        )


async def test_the_first_wave_is_drawn(database: Database, now: datetime) -> None:
    """So many of those who wait are in the first wave, never one who gets nothing, and by lot."""
    drawn: Counter[int] = Counter()
    for _ in range(12):
        async with database.write() as tx:
            await clear(tx)
            await crowd(tx, 8, now)
            await person(tx, 9, now, stopped_at=now)
            await registered(tx, "N9", 9, now)
            number = await released(tx, now, stage=Stage.CANARY)
            await broadcasts.draw_canary(tx, number, 3)
            first = [one.person for one in await everybody(tx, number) if one.wave == broadcasts.CANARY]
            assert len(first) == 3
            assert (await broadcasts.counts(tx, number, wave=broadcasts.CANARY)).states == {"waiting": 3}
            assert len(await broadcasts.sample(tx, number, 5)) == 5
            drawn.update(first)
    assert set(drawn) <= set(range(1, 9))
    assert len(drawn) > 3  # the same three twelve times: less than once in ten to the nineteenth


async def test_each_occasion_once(database: Database, now: datetime) -> None:
    """A reminder is written down once for its occasion, whatever became of it; the next occasion is another."""
    async with database.write() as tx:
        number = await made(tx, now, campaign="lapse", stage=Stage.RUNNING)

        async def plan(occasion: str, due_at: datetime = now) -> bool:
            return await broadcasts.plan_one(
                tx, number, 1, registration="N1", occasion=occasion, language="id", zone="WIB", due_at=due_at
            )

        assert await plan("2026-11")
        assert not await plan("2026-11")
        assert await send_all(tx, now) == [1]
        assert not await plan("2026-11")
        assert await plan("2026-12", now + HOUR)
        assert await send_all(tx, now) == []
        assert await send_all(tx, now + HOUR) == [1]
        assert (await broadcasts.counts(tx, number)).states == {"sent": 2}
        assert (await broadcasts.opened(tx))["lapse"].id == number


async def test_campaigns_are_set(database: Database, now: datetime) -> None:
    """A campaign is as usual until somebody sets it; what was set last holds."""
    async with database.write() as tx:
        assert await broadcasts.campaign(tx, "lapse") is None
        await broadcasts.set_campaign(tx, "lapse", on=True, settings={"days": 3}, by=5, now=now)
        await broadcasts.set_campaign(tx, "lapse", on=False, settings={"days": 4}, by=6, now=now + HOUR)
        found = await broadcasts.campaign(tx, "lapse")
        assert found is not None
        assert (found.on, found.settings, found.changed_by, found.changed_at) == (False, {"days": 4}, 6, now + HOUR)


async def test_lists(database: Database, now: datetime) -> None:
    """Open ones are listed with campaigns first; past ones newest first, as far as one's areas reach, but not what was discarded."""
    async with database.write() as tx:
        village, regency = await made(tx, now, area=VILLAGE), await made(tx, now, area="33.19")
        alike = await made(tx, now, area="33.1902")
        lapse = await made(tx, now, campaign="lapse", stage=Stage.RUNNING)
        over, never = await made(tx, now, stage=Stage.DUE), await made(tx, now, stage=Stage.READY)
        assert await broadcasts.move(tx, over, Stage.DUE, Stage.STOPPED, now=now)
        assert await broadcasts.move(tx, never, Stage.READY, Stage.DISCARDED, now=now)

        def ids(found: list[Broadcast]) -> list[int]:
            return [one.id for one in found]

        assert ids(await broadcasts.open_ones(tx)) == [lapse, village, regency, alike]
        assert ids(await broadcasts.open_ones(tx, Stage.RUNNING, Stage.DUE)) == [lapse]
        assert ids(await broadcasts.latest(tx, [""], 9)) == [over, alike, regency, village]
        assert ids(await broadcasts.latest(tx, [""], 2)) == [over, alike]
        assert ids(await broadcasts.latest(tx, ["33.19"], 9)) == [regency, village]
        assert ids(await broadcasts.latest(tx, [VILLAGE], 9)) == [village]
        assert ids(await broadcasts.latest(tx, [], 9)) == []


async def test_two_who_prepare(kind: str, database: Database, now: datetime) -> None:
    """On PostgreSQL the second of two who prepare waits for the first, and goes on after its page."""
    if kind == "sqlite":
        return  # one writer: there is no second transaction
    async with database.write() as tx:
        await crowd(tx, 4, now)
        number = await made(tx, now)
    planned: list[int] = []
    for _ in range(2):
        async with database.write() as tx:
            assert await broadcasts.get(tx, number, locked=True)
            planned += [one.person for one in (await page(tx, number, now, limit=2)).rows]
    assert planned == [1, 2, 3, 4]


async def test_swept_in_time(database: Database, now: datetime) -> None:
    """What ended long ago goes bit by bit, the broadcast last; what goes on or ended lately stays; campaigns forget, too."""
    async with database.write() as tx:
        await crowd(tx, 3, now)
        old, recent = await released(tx, now, necessary=True), await released(tx, now, necessary=True)
        campaign = await made(tx, now, campaign="lapse", stage=Stage.RUNNING)
        for occasion, due_at in (("waits", now + 9 * HOUR), ("told", now), ("told again", now)):
            await broadcasts.plan_one(
                tx, campaign, 1, registration=None, occasion=occasion, language="id", zone="WIB", due_at=due_at
            )
        await send_all(tx, now)
        assert await broadcasts.move(tx, old, Stage.RUNNING, Stage.DONE, now=now)
        assert await broadcasts.move(tx, recent, Stage.RUNNING, Stage.DONE, now=now + HOUR)
        assert await broadcasts.sweep(tx, now) == 0
        assert await broadcasts.sweep(tx, now + HOUR, limit=2) == 2
        assert (await stored(tx, old)).stage is Stage.DONE
        assert await broadcasts.sweep(tx, now + HOUR, limit=2) == 2
        assert await broadcasts.get(tx, old) is None
        assert await broadcasts.sweep(tx, now + HOUR, limit=2) == 1
        assert [len(await everybody(tx, number)) for number in (old, recent)] == [0, 3]
        assert [one.occasion for one in await everybody(tx, campaign)] == ["waits"]


async def test_an_erased_registration_is_named_nowhere(database: Database, now: datetime) -> None:
    """Who takes a registration back leaves rows that still add up and no longer say which it was."""
    async with database.write() as tx:
        for who, state in ((1, "withdrawn"), (2, "active")):
            await person(tx, who, now)
            await registered(tx, f"N{who}", who, now, state=state)
        number = await released(tx, now)
        await registrations.erase(tx, "N1", now, actor=1)
        assert [one.registration for one in await everybody(tx, number)] == [None, "N2"]


async def test_lines_of_a_report(database: Database, now: datetime) -> None:
    """A line tells what became of the message, where, and whether the recipient registered afterwards."""
    async with database.write() as tx:
        await crowd(tx, 3, now)
        number = await released(tx, now)
        await send_all(tx, now)
        await registered(tx, "N2-later", 2, now + HOUR)
        lines = await broadcasts.lines(tx, number, 0, 2, now + WEEK)
        assert [(one.registration, one.area, one.state, one.finished) for one in lines] == [
            ("N1", VILLAGE, "sent", False),
            ("N2", VILLAGE, "sent", True),
        ]
        assert [one.registration for one in await broadcasts.lines(tx, number, lines[-1].id, 9, now)] == ["N3"]
        assert (await broadcasts.effects(tx, number, now + WEEK)).finished == 1


@pytest.mark.parametrize(
    ("stage", "to"),
    [
        (Stage.PREPARING, Stage.DISCARDED),
        (Stage.READY, Stage.DISCARDED),
        (Stage.ASKED, Stage.DISCARDED),
        (Stage.HELD, Stage.STOPPED),
        (Stage.PAUSED, Stage.STOPPED),
        (Stage.RUNNING, Stage.RUNNING),
    ],
)
async def test_what_nobody_goes_on_with_is_given_up(database: Database, now: datetime, stage: Stage, to: Stage) -> None:
    """After its time it ends by itself, and then its recipients; not what is meant for later, nor a campaign at rest."""
    async with database.write() as tx:
        left = await made(tx, now, stage=stage)
        later = await made(tx, now, stage=stage, due_at=now + 3 * HOUR)
        campaign = await made(tx, now, stage=stage, campaign="lapse")
        await broadcasts.forget(tx, now, now)
        assert (await stored(tx, left)).stage is stage
        await broadcasts.forget(tx, now + HOUR, now + 2 * HOUR)
        assert [(await stored(tx, one)).stage for one in (left, later, campaign)] == [to, stage, stage]
