"""Everyone the bot has met: language, whether messages arrive, what they want to be sent, and today's tries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, case, func, or_, select, update
from sqlalchemy.sql.dml import Insert

from storage.tables import people
from storage.transaction import Inserting, Transaction

DEFAULT_LANGUAGE = "id"
_known = select(people).where(people.c.telegram_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Person:
    """A person by Telegram id; `language` is None until chosen.

    `tries` counts NIKs typed on the day `tries_on`, `link_tries` wrong links and proofs on the day `link_tries_on`.
    `news_at` is when they agreed to news, to the text `news_version`; `news_asked_at` when they were asked;
    `stopped_at` since when they want neither reminders nor news.
    """

    telegram_id: int
    language: str | None
    met_at: datetime
    unreachable_at: datetime | None
    tries: int
    tries_on: date | None
    link_tries: int = 0
    link_tries_on: date | None = None
    news_at: datetime | None = None
    news_version: str | None = None
    news_asked_at: datetime | None = None
    stopped_at: datetime | None = None


async def meet(tx: Transaction, telegram_id: int, now: datetime) -> Person:
    """Return the person, entered now when new."""
    return (await meet_all(tx, [telegram_id], now))[telegram_id]


async def meet_all(tx: Transaction, ids: Collection[int], now: datetime) -> dict[int, Person]:
    """Return people by their ids; who is new is entered now."""
    met = await _met(tx, ids)
    if new := sorted({*ids} - met.keys()):
        rows = [{"telegram_id": one, "met_at": now, "nik_tries": 0} for one in new]
        await tx.connection.execute(_entering(tx.insert), rows)
        met |= await _met(tx, new)
    return met


async def _met(tx: Transaction, ids: Collection[int]) -> dict[int, Person]:
    rows = (await tx.connection.execute(_known, {"ids": [*ids]})).all()
    return {row.telegram_id: _person(row) for row in rows}


@cache
def _entering(insert: Inserting) -> Insert:
    return insert(people).on_conflict_do_nothing()


def _person(row: Row[Any]) -> Person:
    return Person(
        telegram_id=row.telegram_id,
        language=row.language,
        met_at=row.met_at,
        unreachable_at=row.unreachable_at,
        tries=row.nik_tries,
        tries_on=row.nik_tries_on,
        link_tries=row.link_tries,
        link_tries_on=row.link_tries_on,
        news_at=row.news_at,
        news_version=row.news_version,
        news_asked_at=row.news_asked_at,
        stopped_at=row.stopped_at,
    )


async def speaks(tx: Transaction, telegram_id: int, language: str) -> None:
    """Remember the language a person chose."""
    await tx.connection.execute(update(people).where(people.c.telegram_id == telegram_id).values(language=language))


async def languages(tx: Transaction, ids: Collection[int]) -> dict[int, str]:
    """Return the languages these people read; who never chose one reads the usual one."""
    found = select(people.c.telegram_id, people.c.language).where(people.c.telegram_id.in_(ids))
    chosen = {row.telegram_id: row.language for row in await tx.connection.execute(found)}
    return {one: chosen.get(one) or DEFAULT_LANGUAGE for one in ids}


async def named(tx: Transaction, telegram_id: int, name: str) -> None:
    """Keep the name of somebody who acts for others, sealed."""
    sealed = tx.vault.seal(name.encode(), place(telegram_id))
    await tx.connection.execute(update(people).where(people.c.telegram_id == telegram_id).values(name=sealed))


async def name(tx: Transaction, telegram_id: int) -> str | None:
    """Return the name kept for a person, None when there is none."""
    sealed = await tx.connection.scalar(select(people.c.name).where(people.c.telegram_id == telegram_id))
    return None if sealed is None else tx.vault.open(sealed, place(telegram_id)).decode()


async def names(tx: Transaction, ids: Collection[int]) -> dict[int, str]:
    """Return the names kept for these people, of those for whom there is one."""
    found = select(people.c.telegram_id, people.c.name).where(people.c.telegram_id.in_(ids), people.c.name.is_not(None))
    rows = await tx.connection.execute(found)
    return {row.telegram_id: tx.vault.open(row.name, place(row.telegram_id)).decode() for row in rows}


async def count_try(tx: Transaction, telegram_id: int, day: date) -> int:
    """Count one more NIK typed on this day and return how many there are (0 for someone never met)."""
    tries = case((people.c.nik_tries_on == day, people.c.nik_tries + 1), else_=1)
    counted = await tx.connection.execute(
        update(people)
        .where(people.c.telegram_id == telegram_id)
        .values(nik_tries=tries, nik_tries_on=day)
        .returning(people.c.nik_tries)
    )
    return counted.scalar_one_or_none() or 0


async def count_link_try(tx: Transaction, telegram_id: int, day: date) -> None:
    """Count one more wrong link, or wrong proof behind one, on this day."""
    tries = case((people.c.link_tries_on == day, people.c.link_tries + 1), else_=1)
    await tx.connection.execute(
        update(people).where(people.c.telegram_id == telegram_id).values(link_tries=tries, link_tries_on=day)
    )


async def reachable(tx: Transaction, telegram_id: int, *, yes: bool, now: datetime) -> None:
    """Remember that messages arrive, or since when they do not."""
    since = None if yes else func.coalesce(people.c.unreachable_at, bindparam("now", now, people.c.unreachable_at.type))
    await tx.connection.execute(update(people).where(people.c.telegram_id == telegram_id).values(unreachable_at=since))


async def agree_to_news(tx: Transaction, telegram_id: int, version: str, now: datetime) -> None:
    """Keep the proof that somebody agreed to news: the text's version and when. It takes back an earlier stop."""
    await _set(tx, telegram_id, news_at=now, news_version=version, news_asked_at=now, stopped_at=None)


async def no_news(tx: Transaction, telegram_id: int, now: datetime) -> None:
    """Remember that somebody was asked and has not said yes, or takes a yes back. Reminders are another matter."""
    await _set(tx, telegram_id, news_at=None, news_version=None, news_asked_at=now)


async def forget_news(tx: Transaction, telegram_id: int) -> None:
    """Forget whether somebody wanted news, and that they were asked. A stop stays: it is a wish to be left alone."""
    await _set(tx, telegram_id, news_at=None, news_version=None, news_asked_at=None)


async def stop(tx: Transaction, telegram_id: int, now: datetime) -> None:
    """Send somebody neither reminders nor news from now on; what they agreed to is kept for when they take it back."""
    goes_on = (people.c.telegram_id == telegram_id, people.c.stopped_at.is_(None))
    await tx.connection.execute(update(people).where(*goes_on).values(stopped_at=now))


async def resume(tx: Transaction, telegram_id: int) -> None:
    """Take a stop back: reminders come again, and news to those who had agreed to them."""
    await _set(tx, telegram_id, stopped_at=None)


async def outdate_news(tx: Transaction, version: str, limit: int) -> list[int]:
    """Let every yes to another text than `version` count no longer, and return some of those to be asked anew.

    Each is returned to one caller at a time. Who has stopped, or cannot be reached, is asked when that is over.
    """
    # Two ranges and no inequality, since only those are looked up in the index.
    outdated = or_(people.c.news_version < version, people.c.news_version > version)
    await tx.connection.execute(update(people).where(outdated, people.c.news_at.is_not(None)).values(news_at=None))
    asks = (outdated, people.c.stopped_at.is_(None), people.c.unreachable_at.is_(None))
    asked = select(people.c.telegram_id).where(*asks).limit(limit).with_for_update(skip_locked=True)
    return list(await tx.connection.scalars(asked))


async def _set(tx: Transaction, telegram_id: int, **values: object) -> None:
    await tx.connection.execute(update(people).where(people.c.telegram_id == telegram_id).values(**values))


def place(telegram_id: int) -> str:
    """Name the place a name is sealed for."""
    return f"people.name:{telegram_id}"
