"""Who may do what, and where: roles are rows scoped to an area code's prefix, given by one-use invitations."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, false, insert, or_, select, true, update

from storage.tables import invitations, roles
from storage.transaction import Transaction

RoleName = Literal["sponsor", "facilitator", "verifier", "admin"]


@dataclass(frozen=True, slots=True)
class Role:
    """A role a person holds in an area (a code prefix such as 33.19; empty means everywhere).

    `department` is whose registrations a verifier looks at, by its name; empty for every other role.
    """

    id: int
    person: int
    role: RoleName
    area: str
    department: str
    granted_by: int | None
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that was made once, still good or not."""

    role: RoleName
    area: str
    created_by: int


def covers(prefix: str, code: str) -> bool:
    """Tell whether an area code lies within a prefix, on dot boundaries: 33.1 does not cover 33.19."""
    return not prefix or code == prefix or code.startswith(f"{prefix}.")


async def invite(
    tx: Transaction,
    role: str,
    area: str,
    by: int,
    now: datetime,
    *,
    department: str = "",
    lifetime: timedelta = timedelta(days=7),
) -> str:
    """Make an invitation and return its token, 32 url-safe characters stored nowhere."""
    token = secrets.token_urlsafe(24)
    await tx.connection.execute(
        insert(invitations).values(
            token_index=tx.vault.blind("token", token),
            role=role,
            area=area,
            department=department,
            created_by=by,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    return token


async def invitation(tx: Transaction, token: str) -> Invitation | None:
    """Return the invitation of a token, good or not; None for one that was never made."""
    query = select(invitations).where(invitations.c.token_index.in_(tx.vault.blinds("token", token)))
    row = (await tx.connection.execute(query)).one_or_none()
    return None if row is None else Invitation(row.role, row.area, row.created_by)


async def accept(tx: Transaction, token: str, person: int, now: datetime) -> Role | None:
    """Use an invitation up and grant its role; None when it is wrong, used or expired alike."""
    used = await tx.connection.execute(
        update(invitations)
        .where(
            invitations.c.token_index.in_(tx.vault.blinds("token", token)),
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > now,
        )
        .values(used_by=person, used_at=now)
        .returning(invitations.c.role, invitations.c.area, invitations.c.department, invitations.c.created_by)
    )
    invitation = used.one_or_none()
    if invitation is None:
        return None
    role, area, department = invitation.role, invitation.area, invitation.department
    return await grant(tx, person, role, area, department=department, by=invitation.created_by, now=now)


async def of(tx: Transaction, person: int) -> list[Role]:
    """List the roles a person holds now."""
    rows = await tx.connection.execute(
        select(roles).where(roles.c.person == person, roles.c.revoked_at.is_(None)).order_by(roles.c.id)
    )
    return [_role(row) for row in rows]


async def get(tx: Transaction, role_id: int) -> Role | None:
    """Return a role that is held now."""
    query = select(roles).where(roles.c.id == role_id, roles.c.revoked_at.is_(None))
    row = (await tx.connection.execute(query)).one_or_none()
    return None if row is None else _role(row)


async def within(
    tx: Transaction, areas: Sequence[str], names: Sequence[RoleName], *, limit: int, offset: int = 0
) -> list[Role]:
    """List the roles of these names that are held in these areas or in parts of them, by area."""
    inside = [or_(roles.c.area == area, roles.c.area.startswith(f"{area}.")) if area else true() for area in areas]
    rows = await tx.connection.execute(
        select(roles)
        .where(or_(false(), *inside), roles.c.role.in_(names), roles.c.revoked_at.is_(None))
        .order_by(roles.c.area, roles.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_role(row) for row in rows]


async def holders(tx: Transaction, role: RoleName, area: str, *, department: str | None = None) -> list[int]:
    """List everyone who holds this role where the area lies; of verifiers, those of a department."""
    parts = area.split(".")
    above = ["", *(".".join(parts[:length]) for length in range(1, len(parts) + 1))]
    query = select(roles.c.person).where(roles.c.role == role, roles.c.area.in_(above), roles.c.revoked_at.is_(None))
    if department is not None:
        query = query.where(roles.c.department == department)
    return list(await tx.connection.scalars(query.distinct().order_by(roles.c.person)))


async def everyone(tx: Transaction, *names: RoleName) -> list[int]:
    """List everyone who holds one of these roles anywhere."""
    held = (roles.c.role.in_(names), roles.c.revoked_at.is_(None))
    return list(await tx.connection.scalars(select(roles.c.person).where(*held).distinct().order_by(roles.c.person)))


async def grant(
    tx: Transaction, person: int, role: RoleName, area: str, *, department: str = "", by: int | None, now: datetime
) -> Role:
    """Give a role; one already held is returned as it is."""
    held = roles.c.revoked_at.is_(None)
    await tx.connection.execute(
        tx.insert(roles)
        .values(person=person, role=role, area=area, department=department, granted_by=by, granted_at=now)
        .on_conflict_do_nothing(index_elements=["person", "role", "area", "department"], index_where=held)
    )
    same = (roles.c.person == person, roles.c.role == role, roles.c.area == area, roles.c.department == department)
    mine = select(roles).where(*same, held)
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
        department=row.department,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
    )
