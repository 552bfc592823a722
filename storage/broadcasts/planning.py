"""Writing recipients down: page by page for a broadcast, one by one for a campaign; nobody twice for one occasion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select, update

from storage.broadcasts import audience as audiences
from storage.broadcasts.audience import Member
from storage.broadcasts.ledger import sent_lately
from storage.broadcasts.records import CANARY, REST, Broadcast, Ended, Recipient, recipient
from storage.tables import broadcasts, is_in, people, recipients
from storage.transaction import Transaction

WEEK = timedelta(days=7)
Barred = Literal["opted_out", "skipped"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Whom the frequency cap leaves out: who got `most` messages that were not necessary since `since`."""

    most: int
    since: datetime

    @classmethod
    def a_week(cls, most: int, until: datetime) -> Limits:
        """Allow so many in the seven days up to a moment."""
        return cls(most, until - WEEK)


@dataclass(frozen=True, slots=True)
class Planned:
    """One page of recipients, also those who are left out; `done` says that it was the last."""

    rows: list[Recipient]
    done: bool


@dataclass(frozen=True, slots=True)
class Awaiting:
    """One message of a campaign that is due at a moment."""

    person: int
    registration: str | None
    occasion: str
    language: str
    zone: str
    due_at: datetime


async def plan_next(
    tx: Transaction,
    broadcast: Broadcast,
    *,
    today: date,
    now: datetime,
    limits: Limits,
    zone_of: Callable[[str], str],
    limit: int = 1000,
) -> Planned:
    """Write down the next people of a broadcast's audience, with the reason of whoever is left out.

    `zone_of` gives the time zone of an area's code; an empty code is where it is not known.
    """
    members = await audiences.page(tx, broadcast.audience, today, after=broadcast.cursor, limit=limit)
    if len(members) < limit:
        await tx.grown(recipients)  # what is claimed next is looked up among all that the pages before wrote
    if not members:
        return Planned([], done=True)
    left_out = await barred(tx, broadcast, [one.person for one in members], limits)
    texts = set(broadcast.body["texts"])
    rows = [_row(broadcast, one, zone_of(one.area), now) for one in members]
    for row in rows:
        ended = left_out.get(row["person"]) or (None if row["language"] in texts else ("skipped", "no text"))
        if ended is not None:
            row |= {"state": ended[0], "reason": ended[1], "finished_at": now}
    written = await tx.connection.execute(tx.insert(recipients).on_conflict_do_nothing().returning(recipients), rows)
    made = sorted((recipient(row) for row in written), key=lambda one: one.id)
    mine = broadcasts.c.id == broadcast.id
    await tx.connection.execute(update(broadcasts).where(mine).values(cursor=members[-1].person, changed_at=now))
    return Planned(made, done=len(members) < limit)


async def plan_one(
    tx: Transaction,
    broadcast: int,
    person: int,
    *,
    registration: str | None,
    occasion: str,
    language: str,
    zone: str,
    due_at: datetime,
) -> bool:
    """Write down one message of a campaign, due at this moment; False when it was before, whatever became of it."""
    one = Awaiting(person, registration, occasion, language, zone, due_at)
    return await plan_many(tx, broadcast, [one]) == 1


async def plan_many(tx: Transaction, broadcast: int, awaiting: Sequence[Awaiting]) -> int:
    """Write down messages of a campaign, and return how many were not written down before."""
    fixed = {"broadcast": broadcast, "wave": REST, "state": "waiting"}
    # In one order, so that two processes that write the same ones down never wait for each other.
    rows = [{**fixed, **asdict(one)} for one in sorted(awaiting, key=lambda one: (one.person, one.occasion))]
    written = tx.insert(recipients).on_conflict_do_nothing().returning(recipients.c.id)
    return len((await tx.connection.execute(written, rows)).all()) if rows else 0


async def leave_out(tx: Transaction, ended: Sequence[Ended], now: datetime) -> None:
    """Note of people who have been written down that they get nothing after all, and why."""
    for one in ended:
        waiting = (recipients.c.id == one.id, is_in(recipients.c.state, "waiting"))
        values = {"state": one.state, "reason": one.reason, "finished_at": now}
        await tx.connection.execute(update(recipients).where(*waiting).values(values))


async def barred(
    tx: Transaction, broadcast: Broadcast, ids: Sequence[int], limits: Limits, *, but: Collection[int] = ()
) -> dict[int, tuple[Barred, str]]:
    """Return which of these people get nothing: they cannot be reached, stopped, never agreed, or had enough this week.

    It is asked when they are planned and again when their turn comes; then the recipients in hand (`but`) do not count.
    """
    row = people.c
    known = await tx.connection.execute(
        select(row.telegram_id, row.unreachable_at, row.stopped_at, row.news_at).where(row.telegram_id.in_(ids))
    )
    lately = {} if broadcast.necessary else await sent_lately(tx, ids, limits.since, but=but)
    out: dict[int, tuple[Barred, str]] = {}
    for one in known:
        if one.unreachable_at is not None:
            out[one.telegram_id] = ("skipped", "blocked")
        elif broadcast.necessary:
            continue
        elif one.stopped_at is not None:
            out[one.telegram_id] = ("opted_out", "stopped")
        elif one.news_at is None and broadcast.news:
            out[one.telegram_id] = ("opted_out", "no consent")
        elif lately.get(one.telegram_id, 0) >= limits.most:
            out[one.telegram_id] = ("skipped", "capped")
    return out


async def draw_canary(tx: Transaction, broadcast: int, size: int, awake: Collection[str] = ()) -> None:
    """Put so many of those who wait, drawn by lot, into the first wave, beginning with the zones that are awake.

    Whoever was drawn before goes back.
    """
    row = recipients.c
    waiting = (row.broadcast == broadcast, is_in(row.state, "waiting"))
    await tx.connection.execute(update(recipients).where(*waiting, row.wave == CANARY).values(wave=REST))
    drawn = select(row.id).where(*waiting).order_by(row.zone.not_in(awake), func.random()).limit(size)
    await tx.connection.execute(update(recipients).where(row.id.in_(drawn)).values(wave=CANARY))


async def canary_sleeps(tx: Transaction, broadcast: int, awake: Collection[str]) -> bool:
    """Tell whether somebody of the first wave would have to wait for the morning."""
    row = recipients.c
    first = (row.broadcast == broadcast, row.wave == CANARY, is_in(row.state, "waiting"), row.zone.not_in(awake))
    return bool(await tx.connection.scalar(select(select(row.id).where(*first).exists())))


def _row(broadcast: Broadcast, member: Member, zone: str, now: datetime) -> dict[str, Any]:
    return {
        "broadcast": broadcast.id,
        "person": member.person,
        "registration": member.registration,
        "occasion": "",
        "language": member.language,
        "zone": zone,
        "wave": REST,
        "state": "waiting",
        "reason": None,
        "due_at": broadcast.due_at or now,
        "finished_at": None,
    }
