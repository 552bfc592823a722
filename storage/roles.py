"""Who may do what, and where: roles are rows scoped to an area code's prefix, given by one-use invitations."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update

from storage.tables import invitations, roles
from storage.transaction import Transaction

RoleName = Literal["sponsor", "facilitator", "verifier", "admin"]


@dataclass(frozen=True, slots=True)
class Role:
    """A role a person holds in an area (a code prefix such as 33.19; empty means everywhere)."""

    id: int
    person: int
    role: RoleName
    area: str
    granted_by: int | None
    granted_at: datetime


def covers(prefix: str, code: str) -> bool:
    """Tell whether an area code lies within a prefix, on dot boundaries: 33.1 does not cover 33.19."""
    return not prefix or code == prefix or code.startswith(f"{prefix}.")


async def invite(
    tx: Transaction, role: RoleName, area: str, by: int, now: datetime, *, lifetime: timedelta = timedelta(days=7)
) -> str:
    """Make an invitation and return its token, 32 url-safe characters stored nowhere."""
    token = secrets.token_urlsafe(24)
    await tx.connection.execute(
        insert(invitations).values(
            token_index=tx.vault.blind("token", token),
            role=role,
            area=area,
            created_by=by,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    return token


async def accept(tx: Transaction, token: str, person: int, now: datetime) -> Role | None:
    """Use an invitation up and grant its role; None when it is wrong, used or expired alike."""
    used = await tx.connection.execute(
        update(invitations)
        .where(
            invitations.c.token_index == tx.vault.blind("token", token),
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > now,
        )
        .values(used_by=person, used_at=now)
        .returning(invitations.c.role, invitations.c.area, invitations.c.created_by)
    )
    invitation = used.one_or_none()
    if invitation is None:
        return None
    return await grant(tx, person, invitation.role, invitation.area, by=invitation.created_by, now=now)


async def of(tx: Transaction, person: int) -> list[Role]:
    """List the roles a person holds now."""
    rows = await tx.connection.execute(
        select(roles).where(roles.c.person == person, roles.c.revoked_at.is_(None)).order_by(roles.c.id)
    )
    return [_role(row) for row in rows]


async def holders(tx: Transaction, role: RoleName, area: str) -> list[int]:
    """List everyone who holds this role where the area lies."""
    parts = area.split(".")
    above = ["", *(".".join(parts[:length]) for length in range(1, len(parts) + 1))]
    people = await tx.connection.scalars(
        select(roles.c.person)
        .where(roles.c.role == role, roles.c.area.in_(above), roles.c.revoked_at.is_(None))
        .distinct()
        .order_by(roles.c.person)
    )
    return list(people)


async def grant(tx: Transaction, person: int, role: RoleName, area: str, *, by: int | None, now: datetime) -> Role:
    """Give a role; one already held is returned as it is."""
    held = roles.c.revoked_at.is_(None)
    await tx.connection.execute(
        tx.insert(roles)
        .values(person=person, role=role, area=area, granted_by=by, granted_at=now)
        .on_conflict_do_nothing(index_elements=["person", "role", "area"], index_where=held)
    )
    mine = select(roles).where(roles.c.person == person, roles.c.role == role, roles.c.area == area, held)
    return _role((await tx.connection.execute(mine)).one())


async def revoke(tx: Transaction, role_id: int, now: datetime) -> bool:
    """End a role; False when it had ended or never was."""
    ended = await tx.connection.execute(
        update(roles).where(roles.c.id == role_id, roles.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return ended.rowcount == 1


def _role(row: Row[Any]) -> Role:
    return Role(
        id=row.id,
        person=row.person,
        role=row.role,
        area=row.area,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
    )
