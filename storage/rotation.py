"""Exchanging keys while bots go on working: all that older keys have written is written anew with the first.

The work is done a page in a transaction, each row under its lock, so that nobody's change is overwritten; a row that
somebody else has locked is passed over and found by the next pass. What is done bears the new key's mark: after a kill
the work goes on with what is left. All processes have to know the new key before anything is written with it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from storage import history, programmes, words
from storage.database import Database
from storage.proof import Kind
from storage.registrations.indexes import COLUMNS, Indexed
from storage.registrations.records import document_place
from storage.sealed import KEYED, SEALED, Sealed, made_with, sealed_with
from storage.tables import claims, invitations, listed, registrations, unmatched_words, wrote_words
from storage.tables import history as entries
from storage.tables import programmes as programme_rows
from storage.transaction import Transaction
from storage.vault import SealBrokenError

PASSES = 3  # over everything: the second finds what others had locked or have written meanwhile
_AT_ONCE = 50  # rows in a transaction

GIVEN_UP = {
    *map(str, COLUMNS.values()),
    str(listed.c.nik_index),
    str(claims.c.token_index),
    str(invitations.c.token_index),
}
"""Where `give_up` forgets."""

Progress = Callable[[str, int], None]
"""Is told how many values of a table were written anew."""


@dataclass
class Rewritten:
    """What a rotation did, by table and column, and what it left as it was because it is broken."""

    done: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    histories: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """How many values of a column a key has written."""

    key: str
    column: str
    count: int


async def held(tx: Transaction, kind: Kind) -> list[Held]:
    """Count by key and column what keys have written; nothing is opened."""
    names = tx.vault.names if kind == "data" else tx.vault.index_names
    columns = [one.column for one in SEALED] if kind == "data" else list(KEYED)
    return [
        Held(name, str(column), count)
        for name in names
        for column in columns
        if (count := await _count(tx, column, sealed_with(column, name) if kind == "data" else made_with(column, name)))
    ]


async def unknown(tx: Transaction, kind: Kind) -> int:
    """Count what none of the keys has written: it cannot be read, or found."""
    names = tx.vault.names if kind == "data" else tx.vault.index_names
    columns = [one.column for one in SEALED] if kind == "data" else list(KEYED)
    written = sealed_with if kind == "data" else made_with
    return sum([await _count(tx, one, ~or_(*(written(one, name) for name in names))) for one in columns])


async def reseal(database: Database, told: Progress) -> Rewritten:
    """Seal with the first key whatever is sealed with another."""
    done = Rewritten()
    for _pass in range(PASSES):
        before = done.done.total()
        done.broken.clear()
        for one in SEALED:
            async for table, count in _resealed(database, one, done):
                told(table, count)
        if done.done.total() == before:
            break
    return done


async def reindex(database: Database, now: datetime, told: Progress) -> Rewritten:
    """Index and chain with the first index key whatever can be: where the plain value is kept, or no longer matters."""
    done = Rewritten()
    for _pass in range(PASSES):
        before = done.done.total()
        done.broken.clear()
        done.histories.clear()
        for part in (_registrations, _histories, _programmes, _words):
            async for table, count in part(database, done):
                told(table, count)
        for links in (claims, invitations):
            async for table, count in _retired(database, done, links, now):
                told(table, count)
        if done.done.total() == before:
            break
    return done


async def give_up(database: Database, name: str) -> Counter[str]:
    """Forget what only this index key can find: entries of lists, indexes of erased registrations, open links."""
    done = Rewritten()
    for links in (claims, invitations):
        async for _table, _count in _retired(database, done, links, None):
            pass
    gone = done.done
    async with database.write() as tx:
        old = delete(listed).where(made_with(listed.c.nik_index, name))
        gone[str(listed.c.nik_index)] += (await tx.connection.execute(old)).rowcount
        for column in COLUMNS.values():
            alone = (registrations.c.erased_at.is_not(None), made_with(column, name))
            emptied = update(registrations).where(*alone).values({column.name: None})
            gone[str(column)] += (await tx.connection.execute(emptied)).rowcount
    return gone


async def forget_writers(tx: Transaction, name: str) -> int:
    """Forget who wrote which words for work, as far as only this index key knows: at worst somebody counts twice."""
    theirs = delete(wrote_words).where(made_with(wrote_words.c.who_index, name))
    return (await tx.connection.execute(theirs)).rowcount


async def _retired(
    database: Database, done: Rewritten, links: Table, now: datetime | None
) -> AsyncIterator[tuple[str, int]]:
    """Index links that are used or over, or all without a `now`, so that they need no key: no token fits them any more."""
    over = true() if now is None else or_(links.c.used_at.is_not(None), links.c.expires_at <= now)
    async for page in _pages(database, over, [links.c.id], links.c.token_index, _AT_ONCE):
        async with database.write() as tx:
            mine = select(links.c.id, links.c.token_index).where(_among([links.c.id], page), over)
            rows = (await tx.connection.execute(mine.with_for_update(skip_locked=True))).all()
            for row in rows:
                index = tx.vault.blind("token", row.token_index.hex())
                await tx.connection.execute(update(links).where(links.c.id == row.id).values(token_index=index))
        done.done[str(links.c.token_index)] += len(rows)
        yield links.name, len(rows)


async def _resealed(database: Database, one: Sealed, done: Rewritten) -> AsyncIterator[tuple[str, int]]:
    column, table = one.column, one.column.table
    keys = list(table.primary_key.columns)
    # What a place is made of is never sealed itself.
    plain = [each for each in table.c if each in keys or not isinstance(each.type, LargeBinary)]
    async for page in _pages(database, column.is_not(None), keys, column, one.at_once):
        count = 0
        async with database.write() as tx:
            mine = (_among(keys, page), column.is_not(None), ~sealed_with(column, tx.vault.names[0]))
            found: Select[Any] = select(*plain, column.label("sealed")).where(*mine).with_for_update(skip_locked=True)
            for row in (await tx.connection.execute(found)).all():
                try:
                    sealed = tx.vault.seal(tx.vault.open(row.sealed, one.place(row)), one.place(row))
                except SealBrokenError:
                    done.broken[str(column)] += 1
                    continue
                same = (*(key == row._asdict()[key.name] for key in keys), column == row.sealed)
                await tx.connection.execute(update(table).where(*same).values({column.name: sealed}))
                count += 1
        done.done[str(column)] += count
        yield table.name, count


async def _registrations(database: Database, done: Rewritten) -> AsyncIterator[tuple[str, int]]:
    """Index NIK and phone from the documents; of what is erased the index stays as it is."""
    number = registrations.c.number
    for of, column in COLUMNS.items():
        whole = and_(column.is_not(None), registrations.c.erased_at.is_(None))
        async for page in _pages(database, whole, [number], column, _AT_ONCE):
            async with database.write() as tx:
                mine = (_among([number], page), whole, ~made_with(column, tx.vault.index_names[0]))
                found: Select[Any] = select(number, registrations.c.document, column.label("index"))
                rows = (await tx.connection.execute(found.where(*mine).with_for_update(skip_locked=True))).all()
                count = await _indexed_anew(tx, rows, of)
                done.broken[str(column)] += len(rows) - count
            done.done[str(column)] += count
            yield registrations.name, count


async def _indexed_anew(tx: Transaction, rows: Sequence[Row[Any]], of: Indexed) -> int:
    """Put registrations under the first key, and return how many; left is whose index is not the document's."""
    anew = []
    for row in rows:
        try:
            plain = tx.vault.open_json(row.document, document_place(row.number)).get(of)
        except SealBrokenError:
            continue
        if isinstance(plain, str) and row._asdict()["index"] in tx.vault.blinds(of, plain):
            anew.append({"mine": row.number, "anew": tx.vault.blind(of, plain)})
    if not anew:
        return 0
    changed = update(registrations).where(registrations.c.number == bindparam("mine"))
    try:
        async with tx.savepoint():
            await tx.connection.execute(changed.values({COLUMNS[of].name: bindparam("anew")}), anew)
    except IntegrityError:  # another has it already: the others go one by one
        return sum([await _indexed_anew(tx, [row], of) for row in rows]) if len(rows) > 1 else 0
    return len(anew)


async def _histories(database: Database, done: Rewritten) -> AsyncIterator[tuple[str, int]]:
    """Chain histories anew, each with its registration locked; a broken one is not blessed."""
    row = registrations.c
    async for page in _pages(database, entries.c.link.is_not(None), [entries.c.registration], entries.c.link, _AT_ONCE):
        async with database.write() as tx:
            mine = select(row.number).where(_among([row.number], page)).order_by(row.number)
            numbers = (await tx.connection.scalars(mine.with_for_update(skip_locked=True))).all()
            broken = await history.relink(tx, numbers)
            done.histories += broken
            count = len(numbers) - len(broken)
        done.done[str(entries.c.link)] += count
        yield entries.name, count


async def _programmes(database: Database, done: Rewritten) -> AsyncIterator[tuple[str, int]]:
    digest = programme_rows.c.digest
    async for page in _pages(database, digest.is_not(None), [programme_rows.c.code], digest, 1):
        async with database.write() as tx:
            well = await programmes.vouch(tx, page[0][0])
        done.done[str(digest)] += well
        done.broken[str(digest)] += not well
        yield programme_rows.name, int(well)


async def _words(database: Database, done: Rewritten) -> AsyncIterator[tuple[str, int]]:
    index = unmatched_words.c.words_index
    async for page in _pages(database, index.is_not(None), [index], index, 1):
        try:
            async with database.write() as tx:
                await words.reindex(tx, page[0][0])
        except SealBrokenError:
            done.broken[str(index)] += 1
            continue
        done.done[str(index)] += 1
        yield unmatched_words.name, 1


async def _pages(
    database: Database, which: ColumnElement[bool], keys: list[Column[Any]], column: Column[Any], at_once: int
) -> AsyncIterator[list[tuple[Any, ...]]]:
    """Give the keys of the rows whose column another than the first key has written, a page at a time, in their order."""
    last: tuple[Any, ...] | None = None
    ours = made_with if column in KEYED else sealed_with
    while True:
        async with database.read() as tx:
            name = tx.vault.index_names[0] if column in KEYED else tx.vault.names[0]
            left = select(*keys).where(which, ~ours(column, name)).distinct().order_by(*keys).limit(at_once)
            if last is not None:
                left = left.where(tuple_(*keys) > last if len(keys) > 1 else keys[0] > last[0])
            page = [tuple(row) for row in await tx.connection.execute(left)]
        if not page:
            return
        began = monotonic()
        yield page
        last = page[-1]
        await asyncio.sleep(monotonic() - began)  # whoever waits to write comes first


def _among(keys: list[Column[Any]], page: list[tuple[Any, ...]]) -> ColumnElement[bool]:
    return tuple_(*keys).in_(page) if len(keys) > 1 else keys[0].in_([key for (key,) in page])


async def _count(tx: Transaction, column: Column[Any], which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(column.table).where(column.is_not(None), which)
    return await tx.connection.scalar(query) or 0
