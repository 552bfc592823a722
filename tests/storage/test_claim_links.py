"""Claims: links that work once, and what the worker's own word does to a registration."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import claims, history, people, registrations, roles
from storage.database import Database
from storage.registrations import Application, MovedError, Registration, State
from storage.transaction import Transaction

Apply = Callable[..., Application]
FACILITATOR, WORKER, REVIEWER = 40, 41, 42
CONSENT = {"option": "agree", "version": "2026-11-20", "at": "2026-11-20T08:00:00+00:00"}


@pytest.fixture
def enter(apply: Apply, now: datetime) -> Callable[..., Any]:
    """Let the facilitator enter a neighbour."""

    async def entered(tx: Transaction, **more: Any) -> Registration:
        form = apply(person=None, registered_by=FACILITATOR, claim=registrations.ATTESTED, **more)
        return await registrations.submit(tx, form, now)

    return entered


async def test_a_link_works_once_and_for_seven_days(
    database: Database, now: datetime, enter: Callable[..., Any]
) -> None:
    """A token is found only as it is; it is good until it is used, its time is over, or a newer one was made."""
    async with database.write() as tx:
        number = (await enter(tx)).number
        first = await claims.find(tx, await claims.offer(tx, number, FACILITATOR, now))
        token = await claims.offer(tx, number, FACILITATOR, now + timedelta(hours=1))
        later = now + timedelta(hours=2)
        again = await claims.find(tx, token)
        assert first is not None
        assert again is not None
        assert first.registration == again.registration == number
        assert await claims.use(tx, first.id, WORKER, "right", later) is False
        assert again.good(later)
        assert not again.good(now + timedelta(days=7, hours=1))
        assert await claims.find(tx, token[:-1]) is None
        assert await claims.use(tx, again.id, WORKER, "right", later) is True
        assert await claims.use(tx, again.id, WORKER, "right", later) is False


async def test_of_two_who_use_one_link_one_is_heard(
    database: Database, now: datetime, enter: Callable[..., Any]
) -> None:
    """Two phones answer at the same moment: exactly one of them is the first."""
    async with database.write() as tx:
        claim = await claims.find(tx, await claims.offer(tx, (await enter(tx)).number, FACILITATOR, now))
    assert claim is not None

    async def answer(person: int) -> bool:
        async with database.write() as tx:
            return await claims.use(tx, claim.id, person, "right", now)

    assert sorted(await asyncio.gather(answer(1), answer(2))) == [False, True]


async def test_taking_over(database: Database, now: datetime, enter: Callable[..., Any]) -> None:
    """A claimed registration is the worker's, with the worker's consent in it and an entry in its whole history."""
    async with database.write() as tx:
        number = (await enter(tx)).number
        taken = await registrations.claimed(tx, number, WORKER, consent=CONSENT, language="en", now=now)
        assert (taken.person, taken.claim, taken.language, taken.registered_by) == (
            WORKER,
            registrations.CLAIMED,
            "en",
            FACILITATOR,
        )
        assert taken.document is not None
        assert taken.document["consent"] == CONSENT
        assert taken.document["name"] == "Slamet Contoh"
        assert [one.number for one in await registrations.of_person(tx, WORKER)] == [number]
        assert [(one.actor, one.reason) for one in await history.entries(tx, number)][-1] == (WORKER, "claimed")
        assert await history.verify(tx, number)
        with pytest.raises(MovedError):
            await registrations.claimed(tx, number, WORKER + 1, consent=CONSENT, language="id", now=now)
        with pytest.raises(MovedError):
            await registrations.denied(tx, number, WORKER + 1, now)


async def test_denying(database: Database, now: datetime, enter: Callable[..., Any]) -> None:
    """What was never asked for is withdrawn and erased, and its NIK is free again."""
    async with database.write() as tx:
        before = await enter(tx)
        denied = await registrations.denied(tx, before.number, WORKER, now)
        assert (denied.state, denied.claim, denied.document) == (State.WITHDRAWN, registrations.DENIED, None)
        assert [one.reason for one in await history.entries(tx, before.number)][1:] == ["denied", "erased"]
        assert await history.verify(tx, before.number)
        assert (await enter(tx)).duplicate_of is None


async def test_denying_what_bpjs_has_already_erases_nothing(
    database: Database, now: datetime, enter: Callable[..., Any]
) -> None:
    """Once handed over a denial is only marked: the data are no longer ours alone to erase."""
    async with database.write() as tx:
        before = await enter(tx)
        for frm, to in ((State.QUEUED, State.APPROVED), (State.APPROVED, State.HANDED_OVER)):
            await registrations.move(tx, before.number, to, actor=REVIEWER, reason=None, now=now, frm=frm)
        denied = await registrations.denied(tx, before.number, WORKER, now)
        assert (denied.state, denied.claim) == (State.HANDED_OVER, registrations.DENIED)
        assert denied.document == before.document
        assert await history.verify(tx, before.number)


async def test_wrong_links_are_counted_by_the_day(database: Database, now: datetime) -> None:
    """Each day begins at nothing, and NIK tries are another matter."""
    async with database.write() as tx:
        await people.meet(tx, WORKER, now)
        for _try in range(3):
            await people.count_link_try(tx, WORKER, now.date())
        assert (await people.meet(tx, WORKER, now)).link_tries == 3
        await people.count_link_try(tx, WORKER, now.date() + timedelta(days=1))
        person = await people.meet(tx, WORKER, now)
        assert (person.link_tries, person.link_tries_on, person.tries) == (1, now.date() + timedelta(days=1), 0)


async def test_who_is_within_an_area(database: Database, now: datetime) -> None:
    """Roles are listed by the places they lie in, on dot boundaries, and only of the names asked for."""
    async with database.write() as tx:
        inside = await roles.grant(tx, 1, "facilitator", "33.19.02.1001", by=None, now=now)
        await roles.grant(tx, 2, "facilitator", "33.19.03.2007", by=None, now=now)
        await roles.grant(tx, 3, "sponsor", "33.19.02.1001", by=None, now=now)
        ended = await roles.grant(tx, 4, "facilitator", "33.19.02.1001", by=None, now=now)
        await roles.revoke(tx, ended.id, now)
        assert await roles.within(tx, ["33.19.02"], ["facilitator"], limit=9) == [inside]
        assert await roles.within(tx, ["33.19.0"], ["facilitator"], limit=9) == []
        assert len(await roles.within(tx, [""], ["facilitator"], limit=9)) == 2
        assert await roles.within(tx, [], ["facilitator"], limit=9) == []
        assert await roles.get(tx, ended.id) is None
        assert await roles.get(tx, inside.id) == inside
