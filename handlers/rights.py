"""Who may do what, and where. Asked at every action: a menu or an old button is no permission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.visit import Visit
from storage import programmes, roles
from storage.programmes import Programme
from storage.registrations import ANY, Registration, Scope, State
from storage.roles import Role, RoleName, covers


async def areas_of(visit: Visit, person: int) -> list[str]:
    """Return the areas whose registrations a person decides on; empty for those who decide nowhere."""
    return _areas(visit, person, await roles.of(visit.tx, person))


def _areas(visit: Visit, person: int, held: Sequence[Role]) -> list[str]:
    granted = [role.area for role in held if role.role in {"sponsor", "admin"}]
    return [*granted, visit.office.area] if person in visit.office.admins else granted


async def scope_of(visit: Visit, person: int) -> Scope:
    """Return what a person decides on. Admins stand in for every department of their area; see `reviewers`."""
    held = await roles.of(visit.tx, person)
    areas = _areas(visit, person, held)
    admin = [role.area for role in held if role.role == "admin"]
    admin += [visit.office.area] if person in visit.office.admins else []
    departments = [(role.area, role.department) for role in held if role.role == "verifier"]
    return Scope(tuple(areas), (*departments, *((area, ANY) for area in admin)))


async def helps_in(visit: Visit) -> list[str]:
    """Return the areas in which this person may register others."""
    granted = [role.area for role in await roles.of(visit.tx, visit.id) if role.role != "verifier"]
    return [*granted, visit.office.area] if visit.id in visit.office.admins else granted


async def places(visit: Visit) -> list[str]:
    """Return the areas in which this person may register others, by a role or with what they pay."""
    paid = await programmes.all_(visit.tx, state=programmes.OPEN, owner=visit.id)
    return list(dict.fromkeys([*await helps_in(visit), *(one.area for one in paid)]))


def entered(visit: Visit, registration: Registration) -> bool:
    """Tell whether this person registered somebody else with it."""
    return registration.registered_by == visit.id and registration.claim not in {"own", "denied"}


async def may_register(visit: Visit, area: str, programme: str | None = None) -> bool:
    """Tell whether this person may register others in a place: by a role there, or with a programme they pay themselves."""
    if any(covers(mine, area) for mine in await helps_in(visit)):
        return True
    found = None if programme is None else await programmes.get(visit.tx, programme)
    return found is not None and found.owner == visit.id and covers(found.area, area)


async def looks_after(visit: Visit, registration: Registration) -> bool:
    """Tell whether a registration is this person's own, or one they entered where they still may."""
    if registration.person == visit.id:
        return True
    return entered(visit, registration) and await may_register(visit, registration.area, registration.programme)


async def is_admin(visit: Visit) -> bool:
    """Tell whether this person is an admin, by the settings or by a role."""
    return bool(await administered(visit))


async def guardians(visit: Visit, area: str) -> list[int]:
    """Return who is told when something is wrong in an area: its sponsors and every admin, but not the visitor."""
    return sorted({*await roles.holders(visit.tx, "sponsor", area), *await admins(visit, area)} - {visit.id})


async def administered(visit: Visit) -> list[str]:
    """Return the areas for which this person is an admin: everywhere, an empty one, for those whom the settings name."""
    if visit.id in visit.office.admins:
        return [""]
    return [role.area for role in await roles.of(visit.tx, visit.id) if role.role == "admin"]


async def administers(visit: Visit, area: str) -> bool:
    """Tell whether this person is an admin for an area."""
    return any(covers(mine, area) for mine in await administered(visit))


async def may_write_to(visit: Visit, area: str, *, necessary: bool = False) -> bool:
    """Tell whether the visitor may write to all the people of an area; necessary notices are the admins'."""
    if necessary:
        return await administers(visit, area)
    return any(covers(mine, area) for mine in await areas_of(visit, visit.id))


async def pledged(visit: Visit, code: str) -> Programme | None:
    """Return a private sponsor's programme if it is this person's own."""
    found = await programmes.get(visit.tx, code)
    return found if found is not None and found.owner == visit.id else None


async def reviewers(visit: Visit, area: str) -> list[int]:
    """Return who is told of a registration in an area: its sponsors, or the admins where it has none."""
    sponsors = [one for one in await roles.holders(visit.tx, "sponsor", area) if one != visit.id]
    return sponsors or sorted(await admins(visit, area) - {visit.id})


async def next_reviewers(visit: Visit, registration: Registration) -> list[int]:
    """Return who is asked after somebody's yes: the department, or a second person; the admins where there is none."""
    area, done = registration.area, {visit.id, registration.person, registration.registered_by}
    if registration.state == State.WITH_DEPARTMENT:
        there = await roles.holders(visit.tx, "verifier", area, department=registration.department)
    else:
        there = await roles.holders(visit.tx, "sponsor", area)
    return [one for one in there if one not in done] or sorted(await admins(visit, area) - done)


async def all_reviewers(visit: Visit, area: str) -> set[int]:
    """Return everybody who decides on some registration of an area."""
    sponsors, verifiers = [await roles.holders(visit.tx, role, area) for role in ("sponsor", "verifier")]
    return {*sponsors, *verifiers, *await admins(visit, area)}


async def held(visit: Visit, person: int | None = None) -> list[str]:
    """Return the names of the roles that somebody holds, the visitor unless `person` says who."""
    who = visit.id if person is None else person
    granted = [role.role for role in await roles.of(visit.tx, who)]
    return sorted({*granted, "admin"} if who in visit.office.admins else {*granted})


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody may invite others to be, and in which places; no places means anywhere."""

    roles: tuple[RoleName, ...] = ()
    places: tuple[str, ...] = ()


async def offer(visit: Visit) -> Offer:
    """Return what the visitor may invite others to be."""
    mine = await roles.of(visit.tx, visit.id)
    if visit.id in visit.office.admins:
        return Offer(("facilitator", "sponsor", "verifier", "admin"))
    if any(role.role == "admin" for role in mine):
        return Offer(("facilitator", "sponsor", "verifier"))
    places = tuple(role.area for role in mine if role.role == "sponsor")
    return Offer(("facilitator",), places) if places else Offer()


async def may_invite(visit: Visit, person: int, role: str, area: str) -> bool:
    """Tell whether somebody may give this role there, and so also take it away.

    Whoever the settings name gives every role; other admins every role but their own; a sponsor makes facilitators.
    """
    if person in visit.office.admins:
        return covers(visit.office.area, area)
    reach = {"admin": {"facilitator", "sponsor", "verifier"}, "sponsor": {"facilitator"}}
    granted = await roles.of(visit.tx, person)
    return any(role in reach.get(one.role, ()) and covers(one.area, area) for one in granted)


async def may_revoke(visit: Visit, role: Role) -> bool:
    """Tell whether the visitor may take this role away: another's that the visitor could have given, or the own."""
    return role.person == visit.id or await may_invite(visit, visit.id, role.role, role.area)


async def admins(visit: Visit, area: str) -> set[int]:
    """Return the admins of an area, by the settings or by a role."""
    return {*visit.office.admins, *await roles.holders(visit.tx, "admin", area)}
