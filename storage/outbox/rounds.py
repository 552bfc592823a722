"""The sender's round: claim letters for a while, make the calls, settle what became of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.dml import Insert, Update

from storage.moment import Moment
from storage.outbox.letters import Priority, place
from storage.tables import is_in, outbox, screens
from storage.transaction import Inserting, Transaction
from storage.vault import SealBrokenError

other = outbox.alias("other")
_sending = is_in(outbox.c.state, "sending")
# Calls that show nothing new in the chat: whether they come before or after what stands beside them is not seen.
_ASIDE = [literal_column(f"'{method}'", Text) for method in ("answerCallbackQuery", "deleteMessage")]

Ending = Literal["sent", "failed"]
BLOCKED = "blocked"  # the reason when somebody wants nothing from the bot


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter to send now; `screen` is the message that shows its slot, `ticket` its trace id."""

    id: int
    ticket: str
    chat_id: int
    method: str
    payload: dict[str, Any] = field(repr=False)
    priority: Priority
    slot: str | None
    fresh: bool
    attempts: int
    screen: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter; `message_id` when a message now shows it, `reason` a code without personal data."""

    id: int
    state: Ending
    message_id: int | None = None
    reason: str | None = None


async def claim(
    tx: Transaction, limit: int, now: datetime, *, lease: timedelta = timedelta(seconds=60)
) -> list[Posted]:
    """Take due letters for the length of the lease: replies, then notices; one per chat, and what stands aside.

    A chat's letters go one at a time, the more urgent first, else in the order posted. A letter tried before keeps
    its place: what was posted after it waits for it.
    """
    await tx.connection.execute(_EXPIRE, {"now": now})
    taken: list[Posted] = []
    for priority in Priority:
        if len(taken) < limit:
            rows = await tx.connection.execute(_DUE[priority], {"most": limit - len(taken), "now": now})
            taken += [letter for row in rows.all() if (letter := await _opened(tx, row, now)) is not None]
    if taken:
        await tx.connection.execute(_TAKE, {"ids": [letter.id for letter in taken], "until": now + lease})
    return taken


async def settle(tx: Transaction, results: Sequence[Outcome], now: datetime) -> None:
    """Record outcomes, blank the payloads of what went out, remember which message shows which slot.

    An outcome that comes after the lease has ended changes nothing of a letter that waits again.
    """
    shown = [{"letter": one.id, "message": one.message_id, "now": now} for one in results if one.message_id is not None]
    if shown:
        await tx.connection.execute(_show(tx.insert), shown)
    ended = [
        {"letter": one.id, "ending": one.state, "message": one.message_id, "why": one.reason, "now": now}
        for one in results
    ]
    if ended:
        await tx.connection.execute(_SETTLE, ended)


async def postpone(tx: Transaction, letter_id: int, due_at: datetime, reason: str) -> None:
    """Try a claimed letter again at `due_at`."""
    await tx.connection.execute(
        update(outbox)
        .where(outbox.c.id == letter_id, _sending)
        .values(state="waiting", attempts=outbox.c.attempts + 1, due_at=due_at, reason=reason, leased_until=None)
    )


async def release(tx: Transaction, ids: Sequence[int], until: datetime | None = None) -> None:
    """Give claimed letters back untried, as on shutdown; with `until` only those of the lease that ends then."""
    whose = () if until is None else (outbox.c.leased_until == until,)
    await tx.connection.execute(
        update(outbox).where(outbox.c.id.in_(ids), _sending, *whose).values(state="waiting", leased_until=None)
    )


async def recover(tx: Transaction, but: Collection[int] = ()) -> int:
    """Treat every lease as expired, as for the only sender, but those of its own letters; return how many there were."""
    return (await tx.connection.execute(_expire(outbox.c.id.not_in(but) if but else true()))).rowcount


def held_back(*blocking: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that another letter of the same chat goes first: one being sent, or an earlier one that `blocking` matches.

    What stands aside holds nothing back. The conditions are about `other`, the outbox under its second name.
    """
    earlier = or_(
        other.c.priority < outbox.c.priority, and_(other.c.priority == outbox.c.priority, other.c.id < outbox.c.id)
    )
    return exists().where(
        other.c.chat_id == outbox.c.chat_id,
        other.c.finished_at.is_(None),
        other.c.method.not_in(_ASIDE),
        or_(is_in(other.c.state, "sending"), and_(earlier, *blocking)),
    )


def _due(priority: Priority) -> Select[Any]:
    now = bindparam("now", type_=Moment)
    first = held_back(or_(other.c.due_at <= now, other.c.attempts > 0))
    return (
        select(outbox, screens.c.message_id.label("screen"))
        .outerjoin(screens, and_(screens.c.chat_id == outbox.c.chat_id, screens.c.slot == outbox.c.slot))
        .where(is_in(outbox.c.state, "waiting"), outbox.c.priority == priority.value, outbox.c.due_at <= now, ~first)
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=outbox)
    )


def _posted(tx: Transaction, row: Row[Any]) -> Posted:
    return Posted(
        id=row.id,
        ticket=row.ticket,
        chat_id=row.chat_id,
        method=row.method,
        payload=tx.vault.open_json(row.payload, place(row.ticket)),
        priority=Priority(row.priority),
        slot=row.slot,
        fresh=row.fresh,
        attempts=row.attempts,
        screen=row.screen,
    )


async def _opened(tx: Transaction, row: Row[Any], now: datetime) -> Posted | None:
    """Open a letter; one that none of the keys opens has failed, so that it holds nobody up."""
    try:
        return _posted(tx, row)
    except SealBrokenError:
        failed = {"state": "failed", "reason": "seal broken", "payload": None, "finished_at": now}
        await tx.connection.execute(update(outbox).where(outbox.c.id == row.id).values(failed))
        return None


def _expire(which: ColumnElement[bool]) -> Update:
    """Put letters whose sender is gone back to wait: nobody knows whether they went out, so they go again."""
    return (
        update(outbox)
        .where(_sending, which)
        .values(
            state="waiting",
            attempts=outbox.c.attempts + 1,
            reason="lease ended",
            leased_until=None,
        )
    )


@cache
def _show(insert: Inserting) -> Insert:
    new = insert(screens)
    shown = select(
        outbox.c.chat_id, outbox.c.slot, bindparam("message", type_=BigInteger), bindparam("now", type_=Moment)
    ).where(outbox.c.id == bindparam("letter"), outbox.c.slot.is_not(None), _sending)
    same = screens.c.message_id == new.excluded.message_id
    return new.from_select(["chat_id", "slot", "message_id", "shown_at"], shown).on_conflict_do_update(
        index_elements=["chat_id", "slot"],
        set_={
            "message_id": new.excluded.message_id,
            # Editing a message does not make it younger.
            "shown_at": case((same, screens.c.shown_at), else_=new.excluded.shown_at),
        },
    )


# What Telegram refused stays sealed until it is swept, so that it can be replayed; nobody replays to who has blocked us.
_may_go_again = and_(
    bindparam("ending", type_=Text) == "failed",
    func.coalesce(bindparam("why", type_=Text), "") != BLOCKED,
)

# The statements of each round, built once: building one takes longer than running it.
_EXPIRE = _expire(outbox.c.leased_until <= bindparam("now", type_=Moment))
_DUE = {priority: _due(priority) for priority in Priority}
_TAKE = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(state="sending", leased_until=bindparam("until"))
)
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("letter"), _sending)
    .values(
        state=bindparam("ending"),
        message_id=bindparam("message"),
        reason=bindparam("why"),
        finished_at=bindparam("now"),
        payload=case((_may_go_again, outbox.c.payload), else_=null()),
        leased_until=None,
    )
)
