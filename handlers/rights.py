"""Who may do what, and where. Asked at every action: a menu or an old button is no permission."""

from __future__ import annotations

from handlers.visit import Visit
from storage import roles


async def areas_of(visit: Visit, person: int) -> list[str]:
    """Return the areas whose registrations a person decides on; empty for those who decide nowhere."""
    granted = [role.area for role in await roles.of(visit.tx, person) if role.role in {"sponsor", "admin"}]
    return [*granted, visit.office.area] if person in visit.office.admins else granted


async def is_admin(visit: Visit) -> bool:
    """Tell whether this person is an admin, by the settings or by a role."""
    held = await roles.of(visit.tx, visit.id)
    return visit.id in visit.office.admins or any(role.role == "admin" for role in held)


async def reviewers(visit: Visit, area: str) -> list[int]:
    """Return who is told of a registration in an area: its sponsors, or the admins where it has none."""
    sponsors = [one for one in await roles.holders(visit.tx, "sponsor", area) if one != visit.id]
    return sponsors or sorted(visit.office.admins - {visit.id})
