"""The outbox: what is posted goes out in its order, ends in a known state, and a slot shows the newest."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from storage import outbox
from storage.database import Database
from storage.depth import Depth
from storage.outbox import Letter, Outcome, Priority, rounds
from storage.tables import outbox as table
from storage.transaction import Transaction

SECOND = timedelta(seconds=1)


def letter(chat: int, word: str, **differences: object) -> Letter:
    """Make a reply to a chat."""
    return replace(Letter(chat, "sendMessage", {"text": word}), **differences)  # type: ignore[arg-type]


async def round_of(tx: Transaction, now: datetime, limit: int = 100) -> list[str]:
    """Claim, send everything, and return the words that went out."""
    taken = await outbox.claim(tx, limit, now)
    await outbox.settle(tx, [Outcome(one.id, "sent", 1000 + one.id) for one in taken], now)
    return [one.payload["text"] for one in taken]


async def states(tx: Transaction) -> list[str]:
    """List the letters' states in the order posted."""
    return list(await tx.connection.scalars(select(table.c.state).order_by(table.c.id)))


async def test_post_and_claim(database: Database, now: datetime) -> None:
    """A letter is claimed as it was posted, once, and has a trace id."""
    async with database.write() as tx:
        await outbox.post(tx, [], now)
        await outbox.post(tx, [letter(1, "Siti", slot="home", fresh=True)], now)
        (posted,) = await outbox.claim(tx, 10, now)
        assert (posted.chat_id, posted.method, posted.payload) == (1, "sendMessage", {"text": "Siti"})
        assert (posted.priority, posted.slot, posted.fresh) == (Priority.REPLY, "home", True)
        assert (posted.attempts, posted.screen, len(posted.ticket)) == (0, None, 16)
        assert await outbox.claim(tx, 10, now) == []


async def test_order_within_a_chat(database: Database, now: datetime) -> None:
    """A chat's letters go one at a time in the order posted; the next one goes when the last has ended."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a"), letter(1, "b"), letter(2, "c")], now)
        taken = await outbox.claim(tx, 10, now)
        assert [one.payload["text"] for one in taken] == ["a", "c"]
        assert await outbox.claim(tx, 10, now) == []
        await outbox.settle(tx, [Outcome(taken[0].id, "failed", reason="blocked")], now)
        assert await round_of(tx, now) == ["b"]


async def test_what_stands_aside(database: Database, now: datetime) -> None:
    """The answer to a press and a deletion keep their own place, and no message waits for them, however they end."""
    async with database.write() as tx:
        press, gone = letter(1, "answer", method="answerCallbackQuery"), letter(1, "gone", method="deleteMessage")
        await outbox.post(
            tx, [press, gone, letter(1, "a"), letter(1, "b"), letter(1, "gone", method="deleteMessage")], now
        )
        taken = await outbox.claim(tx, 10, now)
        assert [one.payload["text"] for one in taken] == ["answer", "gone", "a"]
        await outbox.postpone(tx, taken[0].id, now + SECOND, "network")
        assert await outbox.claim(tx, 10, now) == []
        await outbox.settle(tx, [Outcome(taken[2].id, "sent", 1)], now)
        assert await round_of(tx, now) == ["b"]
        assert sorted(await round_of(tx, now + SECOND)) == ["answer", "gone"]


async def test_priorities(database: Database, now: datetime) -> None:
    """Replies go before notices, across chats and within one."""
    async with database.write() as tx:
        await outbox.post(
            tx,
            [
                letter(1, "notice", priority=Priority.NOTICE),
                letter(2, "another notice", priority=Priority.NOTICE),
                letter(3, "reply"),
                letter(1, "answer"),
            ],
            now,
        )
        assert await round_of(tx, now, limit=2) == ["reply", "answer"]
        assert await round_of(tx, now) == ["notice", "another notice"]


async def test_not_before_it_is_due(database: Database, now: datetime) -> None:
    """A scheduled letter waits for its time and holds nobody up."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "later", due_at=now + SECOND), letter(1, "at once")], now)
        assert await outbox.next_due(tx) == now
        assert await round_of(tx, now) == ["at once"]
        assert await outbox.next_due(tx) == now + SECOND
        assert await round_of(tx, now + SECOND) == ["later"]
        assert await outbox.next_due(tx) is None


async def test_postponed_keeps_its_place(database: Database, now: datetime) -> None:
    """A letter that failed for now is tried again first; what came later in that chat waits, another chat does not."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a"), letter(1, "b"), letter(2, "c")], now)
        first = (await outbox.claim(tx, 1, now))[0]
        await outbox.postpone(tx, first.id, now + 3 * SECOND, "NetworkError")
        assert await round_of(tx, now + SECOND) == ["c"]
        assert await outbox.next_due(tx) == now + 3 * SECOND
        again = (await outbox.claim(tx, 10, now + 3 * SECOND))[0]
        assert (again.payload["text"], again.attempts) == ("a", 1)


async def test_slot_is_replaced(database: Database, now: datetime) -> None:
    """The newest letter for a slot replaces the unsent ones and inherits due time, urgency and freshness."""
    async with database.write() as tx:
        await outbox.post(
            tx,
            [
                letter(1, "old", slot="s", fresh=True, priority=Priority.REPLY, due_at=now + SECOND),
                letter(1, "other slot", slot="t"),
                letter(2, "other chat", slot="s"),
            ],
            now,
        )
        new = letter(1, "new", slot="s", priority=Priority.NOTICE, due_at=now + 9 * SECOND)
        await outbox.post(tx, [letter(1, "never seen", slot="s", due_at=now + 9 * SECOND), new], now)
        assert await round_of(tx, now) == ["other slot", "other chat"]
        (posted,) = await outbox.claim(tx, 10, now + SECOND)
        assert (posted.payload["text"], posted.fresh, posted.priority) == ("new", True, Priority.REPLY)
        assert await tx.connection.scalar(select(func.count()).where(table.c.payload.is_not(None))) == 1


async def test_slot_being_sent_is_not_replaced(database: Database, now: datetime) -> None:
    """A letter whose sending has begun is left alone; the newer one follows it."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "old", slot="s")], now)
        taken = await outbox.claim(tx, 1, now)
        await outbox.post(tx, [letter(1, "new", slot="s")], now)
        await outbox.settle(tx, [Outcome(taken[0].id, "sent", 500)], now)
        (second,) = await outbox.claim(tx, 1, now)
        assert (second.payload["text"], second.screen) == ("new", 500)


async def test_screens(database: Database, now: datetime) -> None:
    """A slot knows the message that shows it and when that was sent; editing does not make it younger."""
    async with database.write() as tx:
        assert await outbox.shown_at(tx, 1, "s") is None
        for message, moment, shown in (
            (500, now, now),
            (500, now + SECOND, now),
            (501, now + 2 * SECOND, now + 2 * SECOND),
        ):
            await outbox.post(tx, [letter(1, "text", slot="s")], moment)
            (posted,) = await outbox.claim(tx, 1, moment)
            await outbox.settle(tx, [Outcome(posted.id, "sent", message)], moment)
            assert await outbox.shown_at(tx, 1, "s") == shown
        await outbox.post(tx, [letter(1, "text", slot="s"), letter(2, "text", slot="s")], now)
        screens = {posted.chat_id: posted.screen for posted in await outbox.claim(tx, 5, now)}
        assert screens == {1: 501, 2: None}


async def test_lost_sender(database: Database, now: datetime) -> None:
    """When a lease ends, its letters are sent again."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(chat, "x", priority=priority) for chat, priority in enumerate(Priority)], now)
        assert len(await outbox.claim(tx, 10, now, lease=5 * SECOND)) == 2
        assert await outbox.next_due(tx) == now + 5 * SECOND
        assert await outbox.claim(tx, 10, now + 4 * SECOND) == []
        again = await outbox.claim(tx, 10, now + 5 * SECOND)
        assert [(one.chat_id, one.attempts) for one in again] == [(0, 1), (1, 1)]
        assert await outbox.depth(tx, now) == Depth(count=2, oldest_seconds=0, dead=0)


async def test_recover_at_start(database: Database, now: datetime) -> None:
    """A process that starts alone takes up at once what the one before it had in flight."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a"), letter(2, "b", priority=Priority.NOTICE), letter(1, "c")], now)
        await outbox.claim(tx, 10, now)
        assert await outbox.recover(tx) == 2
        assert await states(tx) == ["waiting", "waiting", "waiting"]
        assert await round_of(tx, now) == ["a", "b"]
        assert await outbox.recover(tx) == 0


async def test_release(database: Database, now: datetime) -> None:
    """Letters given back on shutdown go out again as if never claimed."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a"), letter(2, "b")], now)
        await outbox.release(tx, [one.id for one in await outbox.claim(tx, 10, now)])
        assert [one.attempts for one in await outbox.claim(tx, 10, now)] == [0, 0]


async def test_a_claim_of_which_nobody_knows(database: Database, now: datetime) -> None:
    """Whoever does not know whether a claim was committed gives back that claim, and nothing that another has made since."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a")], now)
        (one,) = await outbox.claim(tx, 10, now, lease=SECOND)
        await outbox.release(tx, [one.id], now + 2 * SECOND)
        assert await outbox.claim(tx, 10, now) == []
        await outbox.release(tx, [one.id], now + SECOND)
        assert [again.id for again in await outbox.claim(tx, 10, now)] == [one.id]


async def test_late_outcomes(database: Database, now: datetime) -> None:
    """An outcome that arrives late changes nothing of a letter that ended or waits again."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a"), letter(2, "b", due_at=now + SECOND)], now)
        (first,) = await outbox.claim(tx, 10, now)
        await outbox.settle(tx, [Outcome(first.id, "sent", 5)], now)
        (second,) = await outbox.claim(tx, 10, now + SECOND)
        await outbox.recover(tx)
        await outbox.settle(tx, [Outcome(first.id, "failed"), Outcome(second.id, "sent", 6)], now)
        assert await states(tx) == ["sent", "waiting"]


async def test_withdraw(database: Database, now: datetime) -> None:
    """An undo takes back what has not begun to go out, once."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a", ref="K7M"), letter(2, "b", ref="K7M"), letter(3, "c", ref="X")], now)
        await outbox.claim(tx, 1, now)
        assert await outbox.withdraw(tx, "K7M", now) == 1
        assert await outbox.withdraw(tx, "K7M", now) == 0
        assert await states(tx) == ["sending", "withdrawn", "waiting"]


async def test_endings_blank_the_payload(database: Database, now: datetime) -> None:
    """However a letter ends, its text is gone and its reason stays, but for what was refused: it can be sent once more.

    Sweeping removes the rest in time.
    """
    async with database.write() as tx:
        await outbox.post(tx, [letter(chat, "x", ref=str(chat)) for chat in range(4)], now)
        ids = [one.id for one in await outbox.claim(tx, 3, now)]
        endings = [Outcome(ids[0], "sent", 9), Outcome(ids[1], "failed", None, "blocked"), Outcome(ids[2], "failed")]
        await outbox.settle(tx, endings, now)
        await outbox.withdraw(tx, "3", now)
        await outbox.settle(tx, [], now)
        rows = (await tx.connection.execute(select(table).order_by(table.c.id))).all()
        assert [row.payload is None for row in rows] == [True, True, False, True]
        assert [(row.message_id, row.reason) for row in rows] == [
            (9, None),
            (None, "blocked"),
            (None, None),
            (None, None),
        ]
        assert await outbox.sweep(tx, now) == 0
        assert [await outbox.sweep(tx, now + SECOND, limit=3) for _ in range(3)] == [3, 1, 0]


async def test_depth(database: Database, now: datetime) -> None:
    """The age is that of the oldest due letter; what is scheduled counts but does not age."""
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a", due_at=now + 10 * SECOND)], now)
        assert await outbox.depth(tx, now + 5 * SECOND) == Depth(1, 0, 0)
        assert await outbox.depth(tx, now + 15 * SECOND) == Depth(1, 5, 0)


async def test_two_senders(kind: str, database: Database, now: datetime) -> None:
    """On PostgreSQL two senders never hold the same letter, nor two of one chat."""
    if kind == "sqlite":
        return  # one writer: there is no second transaction
    async with database.write() as tx:
        await outbox.post(tx, [letter(1, "a"), letter(1, "b"), letter(2, "c")], now)
    async with database.write() as one, database.write() as two:
        assert [posted.payload["text"] for posted in await outbox.claim(one, 1, now)] == ["a"]
        assert [posted.payload["text"] for posted in await outbox.claim(two, 9, now)] == ["c"]


FATES = st.sampled_from(["sent", "failed", "postpone", "release", "lost"])


@given(
    posts=st.lists(st.tuples(st.integers(1, 3), st.sampled_from(Priority), st.integers(0, 2)), min_size=1, max_size=12),
    fates=st.lists(st.lists(FATES, min_size=1, max_size=4), max_size=10),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_letter_ends_once(
    database: Database, now: datetime, posts: list[tuple[int, Priority, int]], fates: list[list[str]]
) -> None:
    """Whatever becomes of the sendings, one letter a chat is in flight, and in the end each has one known state."""
    async with database.write() as tx:
        await tx.connection.execute(delete(table))
        letters = [
            letter(chat, str(place), priority=priority, due_at=now + delay * SECOND)
            for place, (chat, priority, delay) in enumerate(posts)
        ]
        await outbox.post(tx, letters, now)
        for round_fates in [*fates, *([["sent"] * 4] * len(posts) * 2)]:
            now += 5 * SECOND
            taken = await outbox.claim(tx, len(round_fates), now, lease=5 * SECOND)
            assert len({one.chat_id for one in taken}) == len(taken)
            for one, fate in zip(taken, round_fates, strict=False):
                if fate == "postpone":
                    await outbox.postpone(tx, one.id, now + 5 * SECOND, "later")
                elif fate == "release":
                    await outbox.release(tx, [one.id])
                elif fate != "lost":
                    await outbox.settle(tx, [Outcome(one.id, fate)], now)  # type: ignore[arg-type]
        assert set(await states(tx)) <= {"sent", "failed"}
        assert len(await states(tx)) == len(posts)


async def test_claiming_reads_only_what_waits(database: Database, now: datetime) -> None:
    """The claim goes through the partial indexes, so a million sent letters cost it nothing."""
    statement = rounds._due(Priority.REPLY).params(most=10, now=now)
    async with database.write() as tx:
        dialect = tx.connection.dialect
        if dialect.name == "postgresql":
            await tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN "
        plan = str((await tx.connection.exec_driver_sql(explain + sql)).all())
    assert "outbox_due" in plan
    assert "outbox_chat" in plan
    assert "SCAN" not in plan.replace("Scan", "")


def test_repr_hides_the_payload() -> None:
    """A letter in a traceback does not show its text."""
    assert "Slamet" not in repr(letter(1, "Slamet Contoh"))
