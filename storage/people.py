"""Everyone the bot has met: language, whether messages arrive, and how often a NIK or a link was tried today."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, case, func, select, update

from storage.tables import people
from storage.transaction import Transaction

_known = select(people).where(people.c.telegram_id == bindparam("telegram_id"))


@dataclass(frozen=True, slots=True)
class Person:
    """A person by Telegram id; `language` is None until chosen.

    `tries` counts NIKs typed on the day `tries_on`, `link_tries` wrong links and proofs on the day `link_tries_on`.
    """

    telegram_id: int
    language: str | None
    met_at: datetime
    unreachable_at: datetime | None
    tries: int
    tries_on: date | None
    link_tries: int = 0
    link_tries_on: date | None = None


async def meet(tx: Transaction, telegram_id: int, now: datetime) -> Person:
    """Return the person, entered now when new."""
    who = {"telegram_id": telegram_id}
    row = (await tx.connection.execute(_known, who)).one_or_none()
    if row is None:
        newcomer = tx.insert(people).values(telegram_id=telegram_id, met_at=now, nik_tries=0).on_conflict_do_nothing()
        await tx.connection.execute(newcomer)
        row = (await tx.connection.execute(_known, who)).one()
    return Person(
        telegram_id=row.telegram_id,
        language=row.language,
        met_at=row.met_at,
        unreachable_at=row.unreachable_at,
        tries=row.nik_tries,
        tries_on=row.nik_tries_on,
        link_tries=row.link_tries,
        link_tries_on=row.link_tries_on,
    )


async def speaks(tx: Transaction, telegram_id: int, language: str) -> None:
    """Remember the language a person chose."""
    await tx.connection.execute(update(people).where(people.c.telegram_id == telegram_id).values(language=language))


async def named(tx: Transaction, telegram_id: int, name: str) -> None:
    """Keep the name of somebody who acts for others, sealed."""
    sealed = tx.vault.seal(name.encode(), _place(telegram_id))
    await tx.connection.execute(update(people).where(people.c.telegram_id == telegram_id).values(name=sealed))


async def name(tx: Transaction, telegram_id: int) -> str | None:
    """Return the name kept for a person, None when there is none."""
    sealed = await tx.connection.scalar(select(people.c.name).where(people.c.telegram_id == telegram_id))
    return None if sealed is None else tx.vault.open(sealed, _place(telegram_id)).decode()


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


def _place(telegram_id: int) -> str:
    return f"people.name:{telegram_id}"
