"""Who belongs to an audience: how many they are, and page by page, each person once with the newest registration that fits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, FromClause, distinct, func, or_, select

from storage.broadcasts.records import Audience
from storage.registrations.scope import within
from storage.tables import is_in, people, registrations, roles, sessions
from storage.transaction import Transaction

DEFAULT_LANGUAGE = "id"
_language = func.coalesce(people.c.language, DEFAULT_LANGUAGE)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of an audience; `area` is empty where it is not known."""

    person: int
    registration: str | None
    area: str


async def count(tx: Transaction, audience: Audience, today: date) -> int:
    """Count the people of an audience as it is now."""
    source, person, conditions = _source(audience, today)
    found = await tx.connection.scalar(select(func.count(distinct(person))).select_from(source).where(*conditions))
    return found or 0


async def page(tx: Transaction, audience: Audience, today: date, *, after: int, limit: int) -> list[Member]:
    """List the next people of an audience by Telegram id, beginning after this one."""
    source, person, conditions = _source(audience, today)
    ids = list(
        await tx.connection.scalars(
            select(person)
            .select_from(source)
            .where(*conditions, person > after)
            .distinct()
            .order_by(person)
            .limit(limit)
        )
    )
    found = await _details(tx, audience, source, [*conditions, person.in_(ids)]) if ids else {}
    return [found[one] for one in ids]


async def still(tx: Transaction, audience: Audience, today: date, ids: Collection[int]) -> set[int]:
    """Return which of these people belong to an audience now."""
    source, person, conditions = _source(audience, today)
    return set(await tx.connection.scalars(select(person).select_from(source).where(*conditions, person.in_(ids))))


async def _details(
    tx: Transaction, audience: Audience, source: FromClause, conditions: list[ColumnElement[bool]]
) -> dict[int, Member]:
    if audience.whom == "unfinished":
        rows = await tx.connection.execute(select(sessions.c.person).select_from(source).where(*conditions))
        return {row.person: Member(row.person, None, "") for row in rows}
    if audience.whom == "facilitators":
        held = select(roles.c.person, func.min(roles.c.area).label("area")).select_from(source).where(*conditions)
        rows = await tx.connection.execute(held.group_by(roles.c.person))
        return {row.person: Member(row.person, None, row.area) for row in rows}
    row = registrations.c
    newest_last = (row.created_at, row.number)
    query = select(row.person, row.number, row.area).select_from(source).where(*conditions).order_by(*newest_last)
    return {one.person: Member(one.person, one.number, one.area) for one in await tx.connection.execute(query)}


def _source(audience: Audience, today: date) -> tuple[FromClause, ColumnElement[int], list[ColumnElement[bool]]]:
    """Return what is read, the column that names the person, and what must hold."""
    table = {"unfinished": sessions, "facilitators": roles}.get(audience.whom, registrations)
    person: ColumnElement[int] = table.c.person
    conditions: list[ColumnElement[bool]] = [_language.in_(audience.languages)] if audience.languages else []
    if table is sessions:
        conditions.append(sessions.c.flow == "registration")
    elif table is roles:
        conditions += [
            roles.c.role == "facilitator",
            roles.c.revoked_at.is_(None),
            within([audience.area], roles.c.area),
        ]
    else:
        conditions += _registered(audience, today)
    return table.join(people, people.c.telegram_id == person), person, conditions


def _registered(audience: Audience, today: date) -> list[ColumnElement[bool]]:
    row = registrations.c
    conditions: list[ColumnElement[bool]] = [row.document.is_not(None), within([audience.area])]
    if audience.states:
        conditions.append(is_in(row.state, *audience.states))
    if audience.programmes:
        named = [code for code in audience.programmes if code]
        none = [row.programme.is_(None)] if "" in audience.programmes else []
        conditions.append(or_(row.programme.in_(named), *none))
    if audience.occupations:
        conditions.append(row.occupation.in_(audience.occupations))
    if audience.entered:
        own = row.registered_by == row.person
        conditions.append(own if audience.entered == "self" else ~own)
    if audience.lapses_within is not None:
        last = today + timedelta(days=audience.lapses_within)
        conditions += [is_in(row.state, "active"), row.paid_until.between(today, last)]
    return conditions
