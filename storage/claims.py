"""Claims: one-use links by which somebody takes over, or denies, what another entered for them.

Only the blind index of a token is kept. A new link ends the earlier ones of the same registration.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from storage.tables import claims
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
    query = select(claims).where(claims.c.token_index == tx.vault.blind("token", token))
    row = (await tx.connection.execute(query)).one_or_none()
    return None if row is None else Claim(row.id, row.registration, row.expires_at, row.used_at)


async def use(tx: Transaction, claim: int, person: int, answer: str, now: datetime) -> bool:
    """Use a claim up; False when it is no longer good, so that of two who answer only the first is heard."""
    good = (claims.c.id == claim, claims.c.used_at.is_(None), claims.c.expires_at > now)
    used = await tx.connection.execute(update(claims).where(*good).values(used_by=person, used_at=now, answer=answer))
    return used.rowcount == 1
