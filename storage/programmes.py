"""Programmes: who pays for whom, and how many people, months and rupiah there are.

What a programme promises is counted in its row, and only `storage.registrations.places` changes the counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update

from storage.tables import places, programmes, shares
from storage.transaction import Transaction
from storage.vault import SealBrokenError

OPEN, CLOSED = "open", "closed"


class QuotaTooSmallError(Exception):
    """A quota, or the share of the village `area`, would fall below the `promised` people, person-months or rupiah."""

    def __init__(self, what: str, promised: int, area: str | None = None) -> None:
        where = "" if area is None else f" in {area}"
        super().__init__(f"{promised} {what} are promised{where} already; the quota cannot be smaller.")
        self.what, self.promised, self.area = what, promised, area


@dataclass(frozen=True, slots=True)
class Taken:
    """What a programme has promised: people, person-months, rupiah."""

    people: int = 0
    months: int = 0
    budget: int = 0


@dataclass(frozen=True, slots=True)
class Programme:
    """One programme.

    `payer` is "self", "sponsor", "company" or "apbd"; `owner` the Telegram id of a private sponsor. `months` are
    reserved for each person, from `first_month` to `last_month` (first days of contribution months). `people`,
    `person_months` and `budget` (rupiah) are its quota, None where there is no limit. `terms` are the rules, in the
    words of `conversations.rules.programmes`; `shares` people by village code, empty where villages have no share of
    their own.
    """

    code: str
    name: str
    payer: str
    area: str
    tier: str
    months: int
    first_month: date
    last_month: date
    people: int | None = None
    person_months: int | None = None
    budget: int | None = None
    owner: int | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    state: str = OPEN
    shares: Mapping[str, int] = field(default_factory=dict)
    taken: Taken = field(default_factory=Taken)


_DECIDED = [one.name for one in fields(Programme) if one.name not in {"shares", "taken"}]
_PROGRAMME = b"programme"
_PLAIN = [name for name in _DECIDED if name != "name"]


async def save(tx: Transaction, programme: Programme, *, by: int | None, now: datetime) -> Programme:
    """Enter a programme, or change the one with its code; what is promised stays, whatever `taken` says.

    Raises QuotaTooSmallError when a quota or a village's share would fall below what is promised.
    """
    values = {name: getattr(programme, name) for name in _PLAIN} | {"terms": dict(programme.terms), "changed_at": now}
    values["name"] = tx.vault.seal(programme.name.encode(), name_place(programme.code))
    none_taken = {"taken_people": 0, "taken_months": 0, "taken_budget": 0}
    # Of two who enter the same code at once, the second changes what the first has entered.
    entered = tx.insert(programmes).values(**values, **none_taken, created_by=by, created_at=now)
    await tx.connection.execute(entered.on_conflict_do_nothing())
    await lock(tx, programme.code)
    if (before := await get(tx, programme.code)) is not None:
        _check(programme, before.taken)
    values["digest"] = tx.vault.link(_PROGRAMME, _decided(programme))
    await tx.connection.execute(update(programmes).where(programmes.c.code == programme.code).values(values))
    await _save_shares(tx, programme)
    return await get(tx, programme.code) or programme


async def lock(tx: Transaction, code: str) -> None:
    """Keep others from changing a programme and from taking or giving back its places until the transaction ends.

    Whoever locks a registration as well does so afterwards: promoting goes from a programme to those who wait for it.
    """
    mine = select(programmes.c.code).where(programmes.c.code == code)
    await tx.connection.execute(mine.with_for_update(key_share=True))


async def get(tx: Transaction, code: str) -> Programme | None:
    """Return the programme with this code."""
    row = (await tx.connection.execute(select(programmes).where(programmes.c.code == code))).one_or_none()
    if row is None:
        return None
    parts = await tx.connection.execute(select(shares).where(shares.c.programme == code).order_by(shares.c.area))
    return _programme(tx, row, {part.area: part.people for part in parts})


async def all_(tx: Transaction, *, state: str | None = None, owner: int | None = None) -> list[Programme]:
    """List programmes by name: all, those in a state, those of a private sponsor."""
    query = select(programmes)
    if state is not None:
        query = query.where(programmes.c.state == state)
    if owner is not None:
        query = query.where(programmes.c.owner == owner)
    parts: dict[str, dict[str, int]] = {}
    for part in await tx.connection.execute(select(shares).order_by(shares.c.area)):
        parts.setdefault(part.programme, {})[part.area] = part.people
    found = [_programme(tx, row, parts.get(row.code, {})) for row in await tx.connection.execute(query)]
    return sorted(found, key=lambda one: (one.name, one.code))


async def payers(tx: Transaction) -> dict[str, str]:
    """Return who pays under each programme, by its code."""
    rows = await tx.connection.execute(select(programmes.c.code, programmes.c.payer))
    return {row.code: row.payer for row in rows}


async def over(tx: Transaction, month: date) -> list[str]:
    """List the codes of programmes that give no more places: closed, or with a last month before this one."""
    ended = or_(programmes.c.state == CLOSED, programmes.c.last_month < month)
    return list(await tx.connection.scalars(select(programmes.c.code).where(ended).order_by(programmes.c.code)))


@dataclass(frozen=True, slots=True)
class Share:
    """A village's part of a programme, and how much of it is taken."""

    area: str
    people: int
    taken: int


async def shares_of(tx: Transaction, code: str) -> list[Share]:
    """List the villages' shares of a programme, by village code."""
    query = select(shares.c.area, shares.c.people, shares.c.taken).where(shares.c.programme == code)
    return [Share(*row) for row in await tx.connection.execute(query.order_by(shares.c.area))]


async def altered(tx: Transaction) -> set[str]:
    """Find the programmes whose terms, quota or shares are not what was saved."""
    digests = {row.code: row.digest for row in await tx.connection.execute(select(programmes))}
    return {
        one.code
        for one in await all_(tx)
        if not tx.vault.linked(_PROGRAMME, _decided(one), digests.get(one.code) or b"")
    }


async def vouch(tx: Transaction, code: str) -> bool:
    """Digest an unaltered programme anew, under the first key; tell whether it was unaltered."""
    await lock(tx, code)
    programme = await get(tx, code)
    left = await tx.connection.scalar(select(programmes.c.digest).where(programmes.c.code == code))
    if programme is None or not tx.vault.linked(_PROGRAMME, _decided(programme), left or b""):
        return False
    digest = tx.vault.link(_PROGRAMME, _decided(programme))
    await tx.connection.execute(update(programmes).where(programmes.c.code == code).values(digest=digest))
    return True


def _decided(programme: Programme) -> bytes:
    """Return what an admin decided about a programme; its digest is made under the key of the history."""
    decided = {name: getattr(programme, name) for name in _DECIDED} | {"shares": dict(programme.shares)}
    return json.dumps(decided, default=_plain, sort_keys=True).encode()


def _plain(value: date | Mapping[str, Any]) -> object:
    return value.isoformat() if isinstance(value, date) else dict(value)


def _check(programme: Programme, taken: Taken) -> None:
    for what, quota, promised in (
        ("people", programme.people, taken.people),
        ("person-months", programme.person_months, taken.months),
        ("rupiah", programme.budget, taken.budget),
    ):
        if quota is not None and quota < promised:
            raise QuotaTooSmallError(what, promised)


async def _save_shares(tx: Transaction, programme: Programme) -> None:
    """Set the villages' shares; a village without one has a share of nobody, unless there are no shares at all."""
    held = (
        select(places.c.share, func.count().label("people"))
        .where(places.c.programme == programme.code, places.c.released_at.is_(None))
        .group_by(places.c.share)
    )
    taken = {part.share: part.people for part in await tx.connection.execute(held)}
    for area, promised in sorted(taken.items()) if programme.shares else ():
        if promised > programme.shares.get(area, 0):
            raise QuotaTooSmallError("people", promised, area)
    await tx.connection.execute(shares.delete().where(shares.c.programme == programme.code))
    if programme.shares:
        rows = [
            {"programme": programme.code, "area": area, "people": people, "taken": taken.get(area, 0)}
            for area, people in programme.shares.items()
        ]
        await tx.connection.execute(insert(shares), rows)


def _programme(tx: Transaction, row: Row[Any], parts: Mapping[str, int]) -> Programme:
    taken = Taken(row.taken_people, row.taken_months, row.taken_budget)
    values = {name: getattr(row, name) for name in _PLAIN}
    return Programme(**values, name=_name(tx, row), shares=parts, taken=taken)


def _name(tx: Transaction, row: Row[Any]) -> str:
    """Open the name, which may be a private sponsor's own. One that no key opens does not keep others from theirs."""
    try:
        return tx.vault.open(row.name, name_place(row.code)).decode()
    except SealBrokenError:
        return str(row.code)


def name_place(code: str) -> str:
    """Name the place a programme's name is sealed for."""
    return f"programmes.name:{code}"
