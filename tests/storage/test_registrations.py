"""Registrations: one open one per NIK, moved only along the table, by those who may, and never twice."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from storage import history, registrations
from storage.database import Database
from storage.registrations import AlreadyYoursError, Application, MovedError, NotAllowedError, Registration, State
from storage.states import OPEN, TRANSITIONS, VERDICTS
from storage.tables import registrations as table
from storage.transaction import Transaction

Apply = Callable[..., Application]
SPONSOR, OTHER_SPONSOR = 500, 501
MINUTE = timedelta(minutes=1)
OTHER_NIK = "3319026505909002"


async def decide(
    tx: Transaction, before: Registration, to: State, now: datetime, actor: int = SPONSOR, **more: str
) -> Registration:
    """Move a registration from where it is."""
    return await registrations.move(
        tx, before.number, to, actor=actor, reason="because", now=now, frm=before.state, wanted=more.get("wanted")
    )


async def test_submit(database: Database, now: datetime, apply: Apply) -> None:
    """An application is queued under a fresh number, and everything of it comes back."""
    async with database.write() as tx:
        made = await registrations.submit(tx, apply(hints=("odd_date",)), now)
        assert registrations.read_number(made.number) == made.number
        assert (made.state, made.queued_at, made.created_at, made.decided_by) == (State.QUEUED, now, now, None)
        assert (made.person, made.area, made.occupation, made.transport) == (1001, "33.19.02.2003", "ojek_online", True)
        assert (made.tier, made.payer, made.language, made.hints) == ("basic", "sponsor", "id", ("odd_date",))
        assert made.document == apply().document
        assert made.duplicate_of is None
        assert await registrations.get(tx, made.number) == made
        assert await registrations.get(tx, "K7M-4QXT") is None
        assert "Slamet" not in repr(made)
        assert "3319022505909001" not in repr(apply())


async def test_lookups(database: Database, now: datetime, apply: Apply) -> None:
    """A person's registrations are listed newest first; an open NIK is found only by its owner or registrant."""
    async with database.write() as tx:
        first = await registrations.submit(tx, apply(), now)
        second = await registrations.submit(tx, apply(nik=OTHER_NIK), now + MINUTE)
        theirs = await registrations.submit(tx, apply(person=None, registered_by=9, nik="3319022505909003"), now)
        assert await registrations.of_person(tx, 1001) == [second, first]
        assert await registrations.own_open(tx, 1001, apply().nik) == first
        assert await registrations.own_open(tx, 9, apply().nik) is None
        assert await registrations.own_open(tx, 9, "3319022505909003") == theirs
        await decide(tx, first, State.REJECTED, now)
        assert await registrations.own_open(tx, 1001, apply().nik) is None


async def test_sharing_phone(database: Database, now: datetime, apply: Apply) -> None:
    """Open registrations with one phone are found, each by its number; those without a phone are not alike."""
    async with database.write() as tx:
        first = await registrations.submit(tx, apply(), now)
        second = await registrations.submit(tx, apply(person=2, nik=OTHER_NIK), now)
        without = [
            await registrations.submit(tx, apply(person=person, nik=f"331902250590900{person}", phone=None), now)
            for person in (3, 4)
        ]
        numbers = [one.number for one in (first, second, *without)]
        assert await registrations.sharing_phone(tx, numbers) == {first.number, second.number}
        await decide(tx, second, State.WITHDRAWN, now, actor=2)
        assert await registrations.sharing_phone(tx, [first.number]) == set()


async def test_same_nik_of_somebody_else(database: Database, now: datetime, apply: Apply) -> None:
    """A NIK entered by a second person is queued too, names the first, and both carry the hint, once."""
    async with database.write() as tx:
        first = await registrations.submit(tx, apply(hints=("odd_date",)), now)
        second = await registrations.submit(tx, apply(person=2, hints=("shared_phone",)), now)
        third = await registrations.submit(tx, apply(person=3), now)
        assert (second.duplicate_of, second.hints) == (first.number, ("duplicate", "shared_phone"))
        assert (third.duplicate_of, third.hints) == (first.number, ("duplicate",))
        again = await registrations.get(tx, first.number)
        assert again is not None
        assert (again.duplicate_of, again.hints) == (None, ("duplicate", "odd_date"))


async def test_same_nik_of_oneself(database: Database, now: datetime, apply: Apply) -> None:
    """Submitting one's own open NIK again is refused with its number; after withdrawing it is possible."""
    async with database.write() as tx:
        first = await registrations.submit(tx, apply(), now)
        with pytest.raises(AlreadyYoursError) as refused:
            await registrations.submit(tx, apply(), now)
        assert refused.value.number == first.number
        await decide(tx, first, State.WITHDRAWN, now, actor=1001)
        assert (await registrations.submit(tx, apply(), now)).duplicate_of is None


async def test_two_submit_one_nik_at_once(database: Database, now: datetime, apply: Apply) -> None:
    """Of two who submit one NIK at the same moment, exactly one is the original and the other its duplicate."""

    async def submit(person: int) -> Registration:
        async with database.write() as tx:
            return await registrations.submit(tx, apply(person=person), now)

    made = await asyncio.gather(*(submit(person) for person in range(1, 6)))
    originals = [one for one in made if one.duplicate_of is None]
    assert len(originals) == 1
    assert {one.duplicate_of for one in made} == {None, originals[0].number}


async def test_one_person_twice_at_once(database: Database, now: datetime, apply: Apply) -> None:
    """A press that arrives twice makes one registration."""

    async def submit() -> bool:
        try:
            async with database.write() as tx:
                await registrations.submit(tx, apply(), now)
        except AlreadyYoursError:
            return False
        return True

    assert sorted(await asyncio.gather(submit(), submit())) == [False, True]


async def test_decision(database: Database, now: datetime, apply: Apply) -> None:
    """A verdict says who and when; a correction says which field."""
    async with database.write() as tx:
        queued = await registrations.submit(tx, apply(), now)
        asked = await decide(tx, queued, State.NEEDS_CORRECTION, now + MINUTE, wanted="phone")
        assert (asked.state, asked.wanted) == (State.NEEDS_CORRECTION, "phone")
        assert (asked.decided_by, asked.decided_at, asked.changed_at) == (SPONSOR, now + MINUTE, now + MINUTE)
        with pytest.raises(LookupError):
            await registrations.move(tx, "K7M-4QXT", State.APPROVED, actor=1, reason=None, now=now, frm=State.QUEUED)


async def test_two_decide_at_once(database: Database, now: datetime, apply: Apply) -> None:
    """Of two sponsors on one card, the second learns who decided, and one entry is written."""
    async with database.write() as tx:
        queued = await registrations.submit(tx, apply(), now)

    async def approve(actor: int) -> int | None:
        try:
            async with database.write() as tx:
                await decide(tx, queued, State.APPROVED, now, actor)
        except MovedError as moved:
            return moved.registration.decided_by
        return None

    told = await asyncio.gather(approve(SPONSOR), approve(OTHER_SPONSOR))
    async with database.read() as tx:
        now_is = await registrations.get(tx, queued.number)
        assert now_is is not None
        assert sorted(told, key=str) == sorted([None, now_is.decided_by], key=str)
        assert len(await history.entries(tx, queued.number)) == 2


async def test_a_card_out_of_date(database: Database, now: datetime, apply: Apply) -> None:
    """Who decides on a card that was corrected since is told so, when it says what it saw."""
    async with database.write() as tx:
        queued = await registrations.submit(tx, apply(), now)
        await registrations.correct(tx, queued.number, apply(tier="with_jht"), actor=1001, now=now + MINUTE)
        with pytest.raises(MovedError) as moved:
            await registrations.move(
                tx, queued.number, State.APPROVED, actor=SPONSOR, reason=None, now=now, frm=State.QUEUED, seen=now
            )
        assert moved.value.registration.tier == "with_jht"


async def test_undo(database: Database, now: datetime, apply: Apply) -> None:
    """Whoever decided may take it back: the place in the queue is the old one; nobody else may."""
    async with database.write() as tx:
        registration = await registrations.submit(tx, apply(), now)
        for verdict in sorted(VERDICTS):
            decided = await decide(tx, registration, verdict, now + MINUTE, wanted="name")
            with pytest.raises(NotAllowedError):
                await decide(tx, decided, State.QUEUED, now, OTHER_SPONSOR)
            registration = await decide(tx, decided, State.QUEUED, now + 2 * MINUTE)
            assert (registration.queued_at, registration.decided_at, registration.decided_by) == (now, None, None)
            assert registration.wanted is None
        assert await history.verify(tx, registration.number)


async def test_undo_after_the_nik_was_taken(database: Database, now: datetime, apply: Apply) -> None:
    """A rejection taken back after another person entered the same NIK returns as a duplicate."""
    async with database.write() as tx:
        first = await registrations.submit(tx, apply(), now)
        rejected = await decide(tx, first, State.REJECTED, now)
        second = await registrations.submit(tx, apply(person=2), now)
        assert second.duplicate_of is None
        back = await decide(tx, rejected, State.QUEUED, now)
        assert (back.duplicate_of, back.hints) == (second.number, ("duplicate",))


async def test_nobody_decides_on_their_own(database: Database, now: datetime, apply: Apply) -> None:
    """Neither the owner nor who entered a registration may approve, reject or send it back."""
    async with database.write() as tx:
        queued = await registrations.submit(tx, apply(person=1001, registered_by=SPONSOR), now)
        for actor in (1001, SPONSOR):
            for verdict in VERDICTS:
                with pytest.raises(NotAllowedError):
                    await decide(tx, queued, verdict, now, actor)
        assert (await decide(tx, queued, State.WITHDRAWN, now, 1001)).state == State.WITHDRAWN


async def test_correction(database: Database, now: datetime, apply: Apply) -> None:
    """A corrected form replaces the old one and waits at its old place."""
    async with database.write() as tx:
        queued = await registrations.submit(tx, apply(), now)
        await decide(tx, queued, State.NEEDS_CORRECTION, now + MINUTE, wanted="nik")
        corrected = apply(nik=OTHER_NIK, phone="+6289999990001", area="33.19.02.2004", document={"name": "Slamet"})
        with pytest.raises(NotAllowedError):
            await registrations.correct(tx, queued.number, corrected, actor=9, now=now)
        made = await registrations.correct(tx, queued.number, corrected, actor=1001, now=now + 2 * MINUTE)
        assert (made.state, made.queued_at, made.wanted, made.decided_at) == (State.QUEUED, now, None, None)
        assert (made.area, made.document) == ("33.19.02.2004", {"name": "Slamet"})
        assert await registrations.own_open(tx, 1001, apply().nik) is None
        assert await registrations.own_open(tx, 1001, OTHER_NIK) == made
        await registrations.submit(tx, apply(person=3, nik="3319022505909003", phone="+6289999990001"), now)
        assert await registrations.sharing_phone(tx, [made.number]) == {made.number}
        approved = await decide(tx, made, State.APPROVED, now)
        with pytest.raises(MovedError):
            await registrations.correct(tx, approved.number, corrected, actor=1001, now=now)


async def test_correction_keeps_the_duplicate(database: Database, now: datetime, apply: Apply) -> None:
    """Correcting another field changes nothing about who is whose duplicate, on either side."""
    async with database.write() as tx:
        first = await registrations.submit(tx, apply(), now)
        second = await registrations.submit(tx, apply(person=2), now)
        first = await registrations.correct(tx, first.number, apply(tier="with_jht"), actor=1001, now=now)
        second = await registrations.correct(tx, second.number, apply(person=2, tier="with_jht"), actor=2, now=now)
        assert (first.duplicate_of, first.hints) == (None, ("duplicate",))
        assert (second.duplicate_of, second.hints) == (first.number, ("duplicate",))


async def test_correction_into_ones_own(database: Database, now: datetime, apply: Apply) -> None:
    """Correcting a NIK into that of another registration of one's own is refused."""
    async with database.write() as tx:
        first = await registrations.submit(tx, apply(), now)
        second = await registrations.submit(tx, apply(nik=OTHER_NIK), now)
        with pytest.raises(AlreadyYoursError) as refused:
            await registrations.correct(tx, second.number, apply(), actor=1001, now=now)
        assert refused.value.number == first.number


async def test_erase(database: Database, now: datetime, apply: Apply) -> None:
    """Erasing leaves no document and no index, is in the history, is final, and is for closed registrations only."""
    async with database.write() as tx:
        queued = await registrations.submit(tx, apply(), now)
        with pytest.raises(NotAllowedError):
            await registrations.erase(tx, queued.number, now)
        await decide(tx, queued, State.REJECTED, now)
        await registrations.erase(tx, queued.number, now, actor=1001)
        row = (await tx.connection.execute(select(table))).one()
        assert (row.document, row.nik_index, row.phone_index) == (None, None, None)
        erased = await registrations.get(tx, queued.number)
        assert erased is not None
        with pytest.raises(NotAllowedError):
            await decide(tx, erased, State.QUEUED, now)
        assert (await history.entries(tx, queued.number))[-1].reason == "erased"
        assert await history.verify(tx, queued.number)


async def test_rejected_before(database: Database, now: datetime, apply: Apply) -> None:
    """What was rejected before a moment and still holds its document is listed, until it is erased."""
    async with database.write() as tx:
        old = await registrations.submit(tx, apply(), now)
        new = await registrations.submit(tx, apply(person=2, nik=OTHER_NIK), now)
        await decide(tx, old, State.REJECTED, now)
        await decide(tx, new, State.REJECTED, now + MINUTE)
        assert await registrations.rejected_before(tx, now + MINUTE) == [old.number]
        await registrations.erase(tx, old.number, now)
        assert await registrations.rejected_before(tx, now + MINUTE) == []


async def test_counts(database: Database, now: datetime, apply: Apply) -> None:
    """Every state is counted, the empty ones too."""
    async with database.write() as tx:
        await registrations.submit(tx, apply(), now)
        counts = await registrations.counts(tx)
        assert counts == {state: int(state == State.QUEUED) for state in State}


WALKS = st.lists(st.tuples(st.sampled_from(State), st.sampled_from([1001, SPONSOR, OTHER_SPONSOR])), max_size=12)


@given(walk=WALKS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_walk(database: Database, now: datetime, apply: Apply, walk: list[tuple[State, int]]) -> None:
    """Whoever tries whatever: only moves in the table happen, and the history tells exactly those."""
    async with database.write() as tx:
        person = 10_000 + (await tx.connection.scalar(select(func.count()).select_from(table)) or 0)
        here = await registrations.submit(tx, apply(person=person, nik=f"331902250590{9000 + person % 1000}"), now)
        path = [State.QUEUED]
        for to, actor in walk:
            try:
                here = await decide(tx, here, to, now, actor)
            except NotAllowedError:
                continue
            assert to in TRANSITIONS[path[-1]]
            path.append(to)
        assert here.state == path[-1]
        assert [one.to_state for one in await history.entries(tx, here.number)] == path
        assert await history.verify(tx, here.number)


def test_the_table_of_states() -> None:
    """Every state is in the table, leads nowhere unknown, and can be reached."""
    assert set(TRANSITIONS) == set(State)
    reachable = {State.DRAFT}.union(*TRANSITIONS.values())
    assert reachable == set(State)
    assert {State.REJECTED} == VERDICTS - OPEN
