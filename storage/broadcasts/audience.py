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

_language = func.coalesce(people.c.language, DEFAULT_LANGUAGE)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of an audience; `area` is empty where it is not known, `language` theirs or the usual one."""

    person: int
    registration: str | None
    area: str
    language: str


class _Search(NamedTuple):
    """What is read and what must hold; of several rows of one person the last in this order tells the rest."""

    source: FromClause
    conditions: list[ColumnElement[bool]]
    person: ColumnElement[int]
    number: ColumnElement[Any]
    area: ColumnElement[str]
    order: tuple[ColumnElement[Any], ...]


async def count(tx: Transaction, audience: Audience, today: date) -> int:
    """Count the people of an audience as it is now."""
    what = _search(audience, today)
    query = select(func.count(distinct(what.person))).select_from(what.source).where(*what.conditions)
    return await tx.connection.scalar(query) or 0


async def page(tx: Transaction, audience: Audience, today: date, *, after: int, limit: int) -> list[Member]:
    """List the next people of an audience by Telegram id, beginning after this one."""
    what = _search(audience, today)
    ids = list(await tx.connection.scalars(_listed(what, after, limit)))
    if not ids:
        return []
    # Asked for as a range: in it is nobody but those, and a list of hundreds of ids misleads PostgreSQL's planner.
    details = select(what.person, what.number, what.area, _language).select_from(what.source)
    these = (*what.conditions, what.person > after, what.person <= ids[-1])
    found = {row[0]: Member(*row) for row in await tx.connection.execute(details.where(*these).order_by(*what.order))}
    return [found[one] for one in ids]


def _listed(what: _Search, after: int, limit: int) -> Select[int]:
    listed = select(what.person).select_from(what.source).where(*what.conditions, what.person > after).distinct()
    return listed.order_by(what.person).limit(limit)


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

    An audience is read person by person, along their index, page after page; with an index of states every page would
    read and sort all that follow.
    """
    return func.coalesce(column, "")
