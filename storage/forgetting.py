"""Forgetting somebody: everything that is kept about a person is erased, on their demand (UU 27/2022, articles 8 and 43).

What has to stay says nothing about anybody who does not know the person already: the number and state of each
registration, its history as the proof that it was erased, and of what BPJS has, what cover needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, Text, and_, case, cast, delete, func, or_, select, update

from storage import history, registrations
from storage.inbox import place as update_place
from storage.outbox.letters import place as letter_place
from storage.registrations.indexes import indexes
from storage.registrations.records import document_place
from storage.registrations.retention import HANDED
from storage.sessions import place as session_place
from storage.states import TRANSITIONS, State
from storage.tables import claims, inbox, is_in, offers, outbox, people, programmes, recipients, roles, screens, uploads
from storage.tables import registrations as rows
from storage.tables import sessions as conversations
from storage.transaction import Transaction
from storage.vault import SealBrokenError

NOBODY = 0  # who registered somebody that was forgotten
Source = tuple[Table, Select[Any], Callable[[Row[Any]], str], int]


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody: the registrations that are theirs, their Telegram ids, and the texts by which others' notes name them.

    `staff` are those of the ids that act for others: their names and roles are another matter, and stay.
    """

    numbers: tuple[str, ...]
    persons: tuple[int, ...]
    staff: tuple[int, ...]
    names: tuple[str, ...] = field(repr=False)


async def find(
    tx: Transaction, *, nik: str | None = None, number: str | None = None, person: int | None = None
) -> Subject:
    """Find somebody by NIK, by a registration's number, or by Telegram id.

    By NIK there may be several people, of whom all but one entered somebody else's: a number tells who is meant.
    """
    row = rows.c
    if nik is not None:
        which: ColumnElement[bool] = row.nik_index.in_(tx.vault.blinds("nik", nik))
    elif number is not None:
        same = (await indexes(tx, [number], "nik")).get(number, [])
        owner = select(row.person).where(row.number == number).scalar_subquery()
        # Somebody else may have entered the same NIK, by mistake or not: they are not who is forgotten.
        which = or_(row.number == number, and_(row.nik_index.in_(same), row.person == owner))
    else:
        which = row.person == person
    found = (await tx.connection.execute(select(row.number, row.person, row.document).where(which))).all()
    persons = {one.person for one in found if one.person is not None} | ({person} if person is not None else set())
    names = {one.number for one in found} | ({nik} if nik is not None else set())
    for one in found:
        form = {} if one.document is None else tx.vault.open_json(one.document, document_place(one.number))
        names |= {str(form[name]) for name in ("nik", "phone") if form.get(name)}
    numbers = tuple(sorted(one.number for one in found))
    return Subject(numbers, tuple(sorted(persons)), await _staff(tx, persons), tuple(sorted(names)))


async def count(tx: Transaction, subject: Subject) -> Counter[str]:
    """Count what is kept about somebody, by table."""
    found = Counter({"registrations": len(subject.numbers)})
    for table, which in _theirs(subject).items():
        query = select(func.count()).select_from(table).where(which)
        found[table.name] = await tx.connection.scalar(query) or 0
    for table, keys in (await _mentioning(tx, subject)).items():
        found[f"{table.name} of others"] = len(keys)
    return +found


async def forget(tx: Transaction, subject: Subject, reason: str, now: datetime) -> dict[str, State]:
    """Erase somebody, and return where each registration stands now; it may be repeated.

    What is being sent at this very moment is left, and found by the next time.
    """
    for table, keys in (await _mentioning(tx, subject)).items():
        await _blank(tx, table, keys, now)
    for number in subject.numbers:
        await _erase(tx, number, reason, now)
    gone = _theirs(subject)
    await _blank(tx, inbox, list(await tx.connection.scalars(select(inbox.c.id).where(gone.pop(inbox)))), now)
    await _blank(tx, outbox, list(await tx.connection.scalars(select(outbox.c.id).where(gone.pop(outbox)))), now)
    await _unname(tx, gone.pop(recipients), now)
    for table, which in gone.items():
        await tx.connection.execute(delete(table).where(which))
    # What is done is swept in two days, and until then tells that somebody wrote or was written to.
    done = ((inbox.c.lane, inbox.c.finished_at), (outbox.c.chat_id, outbox.c.finished_at))
    for column, finished in done:
        over = (column.in_(_plain(subject)), finished.is_not(None))
        await tx.connection.execute(update(column.table).where(*over).values({column.name: NOBODY}))
    for column in (claims.c.used_by, offers.c.answered_by):
        theirs = column.in_(_plain(subject))
        await tx.connection.execute(update(column.table).where(theirs).values({column.name: None}))
    open_links = (claims.c.registration.in_(subject.numbers), claims.c.used_at.is_(None), claims.c.expires_at > now)
    await tx.connection.execute(update(claims).where(*open_links).values(expires_at=now))
    states = select(rows.c.number, rows.c.state).where(rows.c.number.in_(subject.numbers))
    return {one.number: State(one.state) for one in await tx.connection.execute(states)}


async def _erase(tx: Transaction, number: str, reason: str, now: datetime) -> None:
    """Withdraw and erase a registration; of one that BPJS has goes the form, as far as cover does not need it."""
    before = await registrations.get(tx, number)
    if before is None:
        return
    state, needed = before.state, before.state in HANDED - {State.LAPSED}
    if needed:
        await registrations.let_go(tx, number, now, reason=reason, states=HANDED)
    elif before.document is not None:
        if State.WITHDRAWN in TRANSITIONS[state]:
            moved = await registrations.move(tx, number, State.WITHDRAWN, actor=None, reason=reason, now=now, frm=state)
            state = moved.state
        await registrations.erase(tx, number, now)
    if before.person is None and (needed or before.kpj is None):
        return
    unnamed: dict[str, object] = {"person": None, "changed_at": now}
    unnamed |= {"registered_by": NOBODY} if before.registered_by == before.person else {}
    unnamed |= {} if needed else {"kpj": None}
    await tx.connection.execute(update(rows).where(rows.c.number == number).values(unnamed))
    await history.append(tx, history.Entry(number, now, None, state.value, state.value, reason))


def _plain(subject: Subject) -> list[int]:
    return [one for one in subject.persons if one not in subject.staff]


def _theirs(subject: Subject) -> dict[Table, ColumnElement[bool]]:
    """Return by table what belongs to somebody; of who acts for others, what they do for others is not theirs."""
    mine = _plain(subject)
    return {
        conversations: conversations.c.person.in_(mine),
        inbox: inbox.c.lane.in_(mine) & inbox.c.body.is_not(None),
        outbox: outbox.c.chat_id.in_(mine) & outbox.c.payload.is_not(None) & ~is_in(outbox.c.state, "sending"),
        recipients: recipients.c.person.in_(mine) & ~is_in(recipients.c.state, "sending"),
        screens: screens.c.chat_id.in_(mine),
        uploads: uploads.c.person.in_(mine),
        people: people.c.telegram_id.in_(mine),
    }


async def _mentioning(tx: Transaction, subject: Subject) -> dict[Table, list[tuple[object, ...]]]:
    """Find what others have under way that names somebody: open conversations, dead updates, letters not sent."""
    sources: tuple[Source, ...] = (
        (
            conversations,
            select(conversations.c.person, conversations.c.flow, conversations.c.body),
            lambda row: session_place(row.person, row.flow),
            2,
        ),
        (
            inbox,
            select(inbox.c.id, inbox.c.bot_id, inbox.c.update_id, inbox.c.body).where(is_in(inbox.c.state, "dead")),
            lambda row: update_place(row.bot_id, row.update_id),
            1,
        ),
        (
            outbox,
            select(outbox.c.id, outbox.c.ticket, outbox.c.payload.label("body")).where(
                is_in(outbox.c.state, "waiting", "failed"), outbox.c.payload.is_not(None)
            ),
            lambda row: letter_place(row.ticket),
            1,
        ),
    )
    wanted = [name.encode() for name in subject.names]
    found: dict[Table, list[tuple[object, ...]]] = {}
    for table, query, place, keys in sources:
        mine = []
        for row in await tx.connection.execute(query):
            try:
                text = tx.vault.open(row.body, place(row)) if row.body is not None else b""
            except SealBrokenError:
                continue
            if any(name in text for name in wanted):
                mine.append(tuple(row)[:keys])
        found[table] = mine
    return found


async def _blank(tx: Transaction, table: Table, keys: Sequence[object], now: datetime) -> None:
    """Take rows out of the work, and their bodies away."""
    ids = [key[0] if isinstance(key, tuple) else key for key in keys]
    if table is inbox:
        done = {"state": "done", "reason": "forgotten", "body": None, "finished_at": now}
        await tx.connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(done))
    elif table is outbox:
        taken = {"state": "withdrawn", "reason": "forgotten", "payload": None, "finished_at": now}
        await tx.connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(taken))
    else:
        for person, flow in [key for key in keys if isinstance(key, tuple)]:
            one = (conversations.c.person == person, conversations.c.flow == flow)
            await tx.connection.execute(delete(conversations).where(*one))


async def _unname(tx: Transaction, which: ColumnElement[bool], now: datetime) -> None:
    """Take somebody out of the ledgers of broadcasts, whose sums stay; who waits is not written to any more."""
    waits = is_in(recipients.c.state, "waiting")
    await tx.connection.execute(
        update(recipients).where(which, waits).values(state="skipped", reason="changed", finished_at=now)
    )
    occasion = case((recipients.c.occasion == "", ""), else_=cast(recipients.c.id, Text))
    nobody = {"person": -recipients.c.id, "registration": None, "occasion": occasion}
    await tx.connection.execute(update(recipients).where(which).values(nobody))


async def _staff(tx: Transaction, persons: set[int]) -> tuple[int, ...]:
    """Return those who act for others: by a role, by what they pay, or by having registered somebody else."""
    acts = (
        select(roles.c.person).where(roles.c.revoked_at.is_(None), roles.c.person.in_(persons)),
        select(programmes.c.owner).where(programmes.c.owner.in_(persons)),
        select(rows.c.registered_by).where(
            rows.c.registered_by.in_(persons), rows.c.claim != "own", rows.c.document.is_not(None)
        ),
    )
    return tuple(sorted({one for query in acts for one in await tx.connection.scalars(query)}))
