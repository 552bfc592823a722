"""Files that people send in, on their way through the desk: fetched, read, asked about, entered.

What is to be done with one (`wish`) and what stands in it (`body`) are sealed, and erased when it is finished or its
time is over. Every step is a change of this row, so a bot that was killed goes on where it stopped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from storage.tables import is_in, uploads
from storage.transaction import Transaction

KEPT = timedelta(hours=24)  # how long a person may take to send it, or to decide


class Stage(StrEnum):
    """Where an upload stands; the values are stored."""

    EXPECTED = "expected"  # the person said what a file will be for, and has not sent it
    READING = "reading"
    ASKING = "asking"  # read; the person says whether it is to be entered
    ENTERING = "entering"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    OVER = "over"  # nobody decided in time


WORK = (Stage.READING, Stage.ENTERING)  # what the desk does, as against the person


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload: who sent it, what for, how it stands; `result` holds counts and no personal data."""

    id: int
    person: int
    purpose: str
    stage: Stage
    attempts: int
    wish: dict[str, Any] = field(repr=False)
    body: bytes | None = field(repr=False)
    result: dict[str, Any]
    created_at: datetime

    @property
    def slot(self) -> str:
        """Return the place on the person's screen where it is shown."""
        return f"upload:{self.id}"


async def expect(tx: Transaction, person: int, purpose: str, wish: Mapping[str, object], now: datetime) -> int:
    """Remember what the person's next file will be for, in place of what was said before; returns its id."""
    await forget_expected(tx, person)
    return await _insert(tx, person, purpose, Stage.EXPECTED, wish, now)


async def expected(tx: Transaction, person: int, now: datetime) -> Upload | None:
    """Return what the person's next file is for; None when nothing is expected, or no longer."""
    query = select(uploads).where(
        uploads.c.person == person, is_in(uploads.c.state, Stage.EXPECTED), uploads.c.created_at > now - KEPT
    )
    row = (await tx.connection.execute(query.order_by(uploads.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else _upload(tx, row)


async def forget_expected(tx: Transaction, person: int) -> bool:
    """Expect nothing more of this person, and tell whether anything was."""
    mine = (uploads.c.person == person, is_in(uploads.c.state, Stage.EXPECTED))
    return (await tx.connection.execute(delete(uploads).where(*mine))).rowcount > 0


async def put(
    tx: Transaction,
    person: int,
    purpose: str,
    wish: Mapping[str, object],
    now: datetime,
    *,
    body: bytes | None = None,
) -> int:
    """Put a file on the desk, with its body where that is here already; returns its id."""
    upload = await _insert(tx, person, purpose, Stage.READING, wish, now)
    if body is not None:
        await keep_body(tx, upload, body)
    return upload


async def get(tx: Transaction, upload: int, *, locked: bool = False) -> Upload | None:
    """Return one upload; `locked` keeps others from changing it until the transaction ends."""
    query = select(uploads).where(uploads.c.id == upload)
    row = (await tx.connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return None if row is None else _upload(tx, row)


async def open_ones(tx: Transaction, person: int) -> int:
    """Count what a person has sent that is not finished."""
    sent = is_in(uploads.c.state, *WORK, Stage.ASKING)
    return await tx.connection.scalar(select(func.count()).where(uploads.c.person == person, sent)) or 0


async def claim(tx: Transaction, now: datetime, lease: timedelta) -> Upload | None:
    """Take the work that is due longest, for the length of the lease."""
    query = (
        select(uploads)
        .where(uploads.c.finished_at.is_(None), is_in(uploads.c.state, *WORK), uploads.c.due_at <= now)
        .order_by(uploads.c.due_at, uploads.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await tx.connection.execute(query)).one_or_none()
    if row is None:
        return None
    await tx.connection.execute(update(uploads).where(uploads.c.id == row.id).values(due_at=now + lease))
    return _upload(tx, row)


async def recover(tx: Transaction, now: datetime) -> None:
    """Let all work be due now, as at the start of the only bot: nobody has it in hand."""
    unfinished = (uploads.c.finished_at.is_(None), is_in(uploads.c.state, *WORK))
    await tx.connection.execute(update(uploads).where(*unfinished).values(due_at=now))


async def next_due(tx: Transaction) -> datetime | None:
    """Say when there is work next."""
    unfinished = (uploads.c.finished_at.is_(None), is_in(uploads.c.state, *WORK))
    due: datetime | None = await tx.connection.scalar(select(func.min(uploads.c.due_at)).where(*unfinished))
    return due


async def keep_body(tx: Transaction, upload: int, body: bytes) -> None:
    """Keep what stands in a file, sealed."""
    sealed = tx.vault.seal(body, place("body", upload))
    await tx.connection.execute(update(uploads).where(uploads.c.id == upload).values(body=sealed))


async def postpone(tx: Transaction, upload: int, due_at: datetime) -> None:
    """Try again at `due_at`."""
    changes = {"attempts": uploads.c.attempts + 1, "due_at": due_at}
    await tx.connection.execute(update(uploads).where(uploads.c.id == upload).values(changes))


async def note(tx: Transaction, upload: int, result: Mapping[str, object], due_at: datetime) -> None:
    """Write down how far it got, and hold it until `due_at`."""
    changes = {"result": dict(result), "due_at": due_at, "attempts": 0}
    await tx.connection.execute(update(uploads).where(uploads.c.id == upload).values(changes))


async def move(
    tx: Transaction, upload: int, frm: Stage, to: Stage, now: datetime, result: Mapping[str, object] | None = None
) -> bool:
    """Move an upload on from the stage the actor saw, and tell whether it was still there. At the end it is emptied."""
    changes: dict[str, Any] = {"state": to.value, "due_at": now, "attempts": 0}
    if result is not None:
        changes["result"] = dict(result)
    if to not in {*WORK, Stage.ASKING}:
        changes |= {"wish": None, "body": None, "finished_at": now}
    moved = update(uploads).where(uploads.c.id == upload, uploads.c.state == frm.value).values(changes)
    return (await tx.connection.execute(moved)).rowcount == 1


async def sweep(tx: Transaction, now: datetime) -> None:
    """Empty what nobody decided about in time, and delete what is finished as long."""
    late = (uploads.c.created_at <= now - KEPT, is_in(uploads.c.state, Stage.ASKING, Stage.EXPECTED))
    over = {"state": Stage.OVER.value, "wish": None, "body": None, "finished_at": now}
    await tx.connection.execute(update(uploads).where(*late).values(over))
    await tx.connection.execute(delete(uploads).where(uploads.c.finished_at <= now - KEPT))


async def _insert(
    tx: Transaction, person: int, purpose: str, stage: Stage, wish: Mapping[str, object], now: datetime
) -> int:
    row = {"person": person, "purpose": purpose, "state": stage.value, "attempts": 0, "due_at": now, "created_at": now}
    made = await tx.connection.execute(insert(uploads).values(**row).returning(uploads.c.id))
    upload = int(made.scalar_one())
    sealed = tx.vault.seal_json(wish, place("wish", upload))
    await tx.connection.execute(update(uploads).where(uploads.c.id == upload).values(wish=sealed))
    return upload


def _upload(tx: Transaction, row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        person=row.person,
        purpose=row.purpose,
        stage=Stage(row.state),
        attempts=row.attempts,
        wish={} if row.wish is None else tx.vault.open_json(row.wish, place("wish", row.id)),
        body=None if row.body is None else tx.vault.open(row.body, place("body", row.id)),
        result=dict(row.result or {}),
        created_at=row.created_at,
    )


def place(column: str, upload: int) -> str:
    """Name the place a column of an upload is sealed for."""
    return f"uploads.{column}:{upload}"
