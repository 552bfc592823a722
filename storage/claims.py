"""Claims: one-use links by which somebody takes over, or denies, what another entered for them.

Only the blind index of a token is kept. A new link ends the earlier ones of the same registration.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update

from storage.registrations.records import ATTESTED
from storage.states import OPEN, State
from storage.tables import claims, is_in, registrations
from storage.transaction import Transaction

LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Claim:
    """A link that was made once: the registration it is about, and whether it was used."""

    id: int
    registration: str
    expires_at: datetime
    used_at: datetime | None

    def good(self, now: datetime) -> bool:
        """Tell whether the link may still be used."""
        return self.used_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Unused:
    """The links of one person that nobody has opened: how many registrations, the newest link, one of the places."""

    by: int
    registrations: int
    newest: int
    area: str


async def unused(tx: Transaction, first: datetime, last: datetime, *, by: int | None = None) -> list[Unused]:
    """List who has made links, the newest of a registration between two moments, that were not used; or only of one."""
    other = claims.alias()
    newer = select(other.c.id).where(other.c.registration == claims.c.registration, other.c.id > claims.c.id)
    # Said as what it is not, so that the planner begins with the few links and not with all registrations.
    waits = (registrations.c.claim == ATTESTED, ~is_in(registrations.c.state, *(set(State) - OPEN)))
    made = (claims.c.used_at.is_(None), claims.c.created_at > first, claims.c.created_at <= last, ~newer.exists())
    query = (
        select(
            claims.c.created_by,
            func.count().label("number"),
            func.max(claims.c.id).label("newest"),
            func.min(registrations.c.area).label("area"),
        )
        .join(registrations, registrations.c.number == claims.c.registration)
        .where(*made, *waits)
        .group_by(claims.c.created_by)
    )
    if by is not None:
        query = query.where(claims.c.created_by == by)
    return [Unused(row.created_by, row.number, row.newest, row.area) for row in await tx.connection.execute(query)]


async def offer(tx: Transaction, registration: str, by: int, now: datetime) -> str:
    """Make a link for a registration and return its token, 32 url-safe characters stored nowhere."""
    earlier = (claims.c.registration == registration, claims.c.used_at.is_(None), claims.c.expires_at > now)
    await tx.connection.execute(update(claims).where(*earlier).values(expires_at=now))
    token = secrets.token_urlsafe(24)
    await tx.connection.execute(
        insert(claims).values(
            token_index=tx.vault.blind("token", token),
            registration=registration,
            created_by=by,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    return token


async def find(tx: Transaction, token: str) -> Claim | None:
    """Return the claim of a token, good or not; None for one that was never made."""
    query = select(claims).where(claims.c.token_index.in_(tx.vault.blinds("token", token)))
    row = (await tx.connection.execute(query)).one_or_none()
    return None if row is None else Claim(row.id, row.registration, row.expires_at, row.used_at)


async def use(tx: Transaction, claim: int, person: int, answer: str, now: datetime) -> bool:
    """Use a claim up; False when it is no longer good, so that of two who answer only the first is heard."""
    good = (claims.c.id == claim, claims.c.used_at.is_(None), claims.c.expires_at > now)
    used = await tx.connection.execute(update(claims).where(*good).values(used_by=person, used_at=now, answer=answer))
    return used.rowcount == 1
