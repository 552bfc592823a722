"""Who belongs to an audience: how many they are, and page by page, each person once with the newest registration that fits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, Table, distinct, func, literal, null, select

from storage.broadcasts.records import Audience
from storage.people import DEFAULT_LANGUAGE
from storage.registrations.scope import within
from storage.tables import people, registrations, roles, sessions
from storage.transaction import Transaction

WIDEST = 10_000  # rows looked through at once
NOBODY = 0  # no id on Telegram; whom one person registered are found by the index of registrants, not of people
_language = func.coalesce(people.c.language, DEFAULT_LANGUAGE)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of an audience; `area` is empty where it is not known, `language` theirs or the usual one."""

    person: int
    registration: str | None
    area: str
    language: str


class _Search(NamedTuple):
    """What is read and what must hold; of several rows of one person the last in this order tells the rest.

    The rows are looked through in stretches of those that are `among`.
    """

    source: FromClause
    conditions: list[ColumnElement[bool]]
    person: ColumnElement[int]
    number: ColumnElement[Any]
    area: ColumnElement[str]
    order: tuple[ColumnElement[Any], ...]
    among: tuple[ColumnElement[bool], ...] = ()


async def count(tx: Transaction, audience: Audience, today: date) -> int:
    """Count the people of an audience as it is now."""
    what = _search(audience, today)
    query = select(func.count(distinct(what.person))).select_from(what.source).where(*what.conditions)
    return await tx.connection.scalar(query) or 0


async def page(tx: Transaction, audience: Audience, today: date, *, after: int, limit: int) -> list[Member]:
    """List the next people of an audience by Telegram id, beginning after this one.

    They are looked for in one stretch of ids after another, each wider than the one before: what a page costs does
    not depend on how many people there are, nor on what the database's planner guesses.
    """
    what, width = _search(audience, today), limit
    found: dict[int, Member] = {}
    while len(found) < limit:
        end = await tx.connection.scalar(_end(what, after, width))
        rows = await tx.connection.execute(_between(what, after, end))
        found |= {row[0]: Member(*row) for row in rows}
        if end is None:
            break
        after, width = end, min(2 * width, WIDEST)
    return [found[one] for one in sorted(found)[:limit]]


def _end(what: _Search, after: int, width: int) -> Select[Any]:
    """Ask for the last id of a stretch of so many rows; there is none where fewer are left."""
    return select(what.person).where(*what.among, what.person > after).order_by(what.person).offset(width - 1).limit(1)


def _between(what: _Search, after: int, end: int | None) -> Select[Any]:
    """Ask for whoever fits in a stretch of ids, of each person the row that tells the rest last."""
    stretch = (what.person > after, *(() if end is None else (what.person <= end,)))
    rows = select(what.person, what.number, what.area, _language).select_from(what.source)
    return rows.where(*what.conditions, *stretch).order_by(*what.order)


async def still(tx: Transaction, audience: Audience, today: date, ids: Collection[int]) -> set[int]:
    """Return which of these people belong to an audience now."""
    what = _search(audience, today)
    query = select(what.person).select_from(what.source).where(*what.conditions, what.person.in_(ids))
    return set(await tx.connection.scalars(query))


def _search(audience: Audience, today: date) -> _Search:
    spoken = [_language.in_(audience.languages)] if audience.languages else []
    if audience.whom == "unfinished":
        begun = [*spoken, sessions.c.flow == "registration"]
        return _Search(_met(sessions), begun, sessions.c.person, null(), literal(""), ())
    if audience.whom == "facilitators":
        held = [roles.c.role == "facilitator", roles.c.revoked_at.is_(None), within([audience.area], roles.c.area)]
        by_area = (roles.c.area.desc(), roles.c.id)
        return _Search(_met(roles), [*spoken, *held], roles.c.person, null(), roles.c.area, by_area)
    row = registrations.c
    conditions = [*spoken, *_registered(audience, today)]
    newest_last = (row.created_at, row.number)
    if audience.registrant is not None:
        theirs = row.registered_by == audience.registrant
        conditions += [theirs, row.person != audience.registrant]
        by_one = func.coalesce(row.person, NOBODY)
        return _Search(_met(registrations), conditions, by_one, row.number, row.area, newest_last, (theirs,))
    return _Search(_met(registrations), conditions, row.person, row.number, row.area, newest_last)


def _met(table: Table) -> FromClause:
    """Join those whom the bot knows: nobody else can be written to."""
    return table.join(people, people.c.telegram_id == table.c.person)


def _registered(audience: Audience, today: date) -> list[ColumnElement[bool]]:
    row = registrations.c
    conditions: list[ColumnElement[bool]] = [row.document.is_not(None), within([audience.area])]
    if audience.states:
        conditions.append(_walked(row.state).in_(audience.states))
    if audience.programmes:
        conditions.append(_walked(row.programme).in_(audience.programmes))
    if audience.occupations:
        conditions.append(row.occupation.in_(audience.occupations))
    if audience.entered:
        own = row.registered_by == row.person
        conditions.append(own if audience.entered == "self" else ~own)
    if audience.lapses_within is not None:
        last = today + timedelta(days=audience.lapses_within)
        conditions += [_walked(row.state) == "active", row.paid_until.between(today, last)]
    return conditions


def _walked(column: ColumnElement[str]) -> ColumnElement[str]:
    """Return a column, empty where it is null, by which no index can be used.

    An audience is read person by person, along their index; with one of states every stretch would read them all.
    """
    return func.coalesce(column, "")
