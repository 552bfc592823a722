"""Words for work that found nothing in the list of occupations: of how many people, and what an admin made of them.

What people write may say who they are. So words are sealed, and only those of more than one person are shown. Who wrote
them is kept as an index of words and NIK together, by which nobody is found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select, update

from storage.tables import unmatched_words, wrote_words
from storage.transaction import Transaction
from storage.vault import INDEX_BYTES

SEVERAL = 2  # people from whom on words are nobody's own
HIDDEN = ""  # what is stored in place of an occupation for words that are not to be shown any more


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Words, how many people they stand for, and the first eight bytes of their index in hex, which name them in a button."""

    mark: str
    words: str = field(repr=False)
    count: int


async def count(tx: Transaction, words: str, nik: str, now: datetime) -> None:
    """Count words that found nothing, already brought into one form: once for each person they stand for."""
    who, *older = tx.vault.blinds("words", f"{words}\n{nik}")
    wrote = tx.insert(wrote_words).values(who_index=who).on_conflict_do_nothing()
    known = select(wrote_words.c.who_index).where(wrote_words.c.who_index.in_(older))
    if (await tx.connection.execute(wrote)).rowcount == 0 or (older and await tx.connection.scalar(known)):
        return
    index = await _index(tx, words)
    await tx.connection.execute(
        tx.insert(unmatched_words)
        .values(words_index=index, words=tx.vault.seal(words.encode(), place(index)), count=1, last_at=now)
        .on_conflict_do_update(
            index_elements=["words_index"], set_={"count": unmatched_words.c.count + 1, "last_at": now}
        )
    )


async def unsolved(tx: Transaction, *, limit: int = 8, offset: int = 0) -> list[Unmatched]:
    """List the words of several people that are neither mapped nor hidden, the most frequent first."""
    rows = await tx.connection.execute(
        select(unmatched_words.c.words_index, unmatched_words.c.words, unmatched_words.c.count.label("times"))
        .where(unmatched_words.c.solved_at.is_(None), unmatched_words.c.count >= SEVERAL)
        .order_by(unmatched_words.c.count.desc(), unmatched_words.c.last_at.desc(), unmatched_words.c.words_index)
        .limit(limit)
        .offset(offset)
    )
    return [Unmatched(_mark(row.words_index), _words(tx, row.words_index, row.words), row.times) for row in rows]


async def unsolved_count(tx: Transaction) -> int:
    """Count the words that `unsolved` lists."""
    query = select(func.count()).where(unmatched_words.c.solved_at.is_(None), unmatched_words.c.count >= SEVERAL)
    return await tx.connection.scalar(query) or 0


async def find(tx: Transaction, mark: str) -> Unmatched | None:
    """Return the unsolved words with this mark; None for a mark that nothing has."""
    return next((one for one in await unsolved(tx, limit=_ALL) if one.mark == mark), None)


async def solve(tx: Transaction, words: str, occupation: str, now: datetime) -> None:
    """Say which occupation words mean from now on, or `HIDDEN`."""
    await tx.connection.execute(
        update(unmatched_words)
        .where(unmatched_words.c.words_index.in_(tx.vault.blinds("words", words)))
        .values(solved_as=occupation, solved_at=now)
    )


async def solved(tx: Transaction) -> dict[str, str]:
    """Return the occupation codes that admins gave to words."""
    rows = await tx.connection.execute(
        select(unmatched_words).where(unmatched_words.c.solved_at.is_not(None), unmatched_words.c.solved_as != HIDDEN)
    )
    return {_words(tx, row.words_index, row.words): row.solved_as for row in rows}


async def reindex(tx: Transaction, index: bytes) -> None:
    """Put words under the first key, together with what was counted there already; raises SealBrokenError."""
    found = select(unmatched_words).where(unmatched_words.c.words_index == index).with_for_update()
    row = (await tx.connection.execute(found)).one_or_none()
    if row is None:
        return
    words, times = _words(tx, index, row.words), row._asdict()["count"]
    new = tx.vault.blind("words", words)
    values = {**row._asdict(), "words_index": new, "words": tx.vault.seal(words.encode(), place(new))}
    await tx.connection.execute(delete(unmatched_words).where(unmatched_words.c.words_index == index))
    await tx.connection.execute(
        tx.insert(unmatched_words)
        .values(values)
        .on_conflict_do_update(index_elements=["words_index"], set_={"count": unmatched_words.c.count + times})
    )


_ALL = 1000


def _mark(index: bytes) -> str:
    return index[-INDEX_BYTES:][:8].hex()


async def _index(tx: Transaction, words: str) -> bytes:
    """Return the index under which words stand, or will."""
    first, *older = tx.vault.blinds("words", words)
    same = select(unmatched_words.c.words_index).where(unmatched_words.c.words_index.in_(older))
    return (await tx.connection.scalar(same) if older else None) or first


def _words(tx: Transaction, index: bytes, sealed: bytes) -> str:
    return tx.vault.open(sealed, place(index)).decode()


def place(index: bytes) -> str:
    """Name the place words are sealed for."""
    return f"unmatched_words.words:{index.hex()}"
