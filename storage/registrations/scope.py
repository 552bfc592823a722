"""A scope: whose registrations somebody decides on, by village and, after the village, by department."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, true

from storage.registrations.records import Registration
from storage.roles import covers
from storage.states import State
from storage.tables import is_in, registrations

_VILLAGE_DOTS = 3  # as in 33.19.03.2007
ANY = "*"  # in a scope's `departments`: whichever department it is


@dataclass(frozen=True, slots=True)
class Scope:
    """What the villages of `areas` have queued, and what waits for a department: pairs of an area and its name.

    Areas are code prefixes; an empty one is everywhere. An empty scope is that of somebody who decides nothing.
    """

    areas: tuple[str, ...] = ()
    departments: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.areas or self.departments)

    def sees(self, registration: Registration) -> bool:
        """Tell whether this registration may be looked at: it is of one's villages, or came to one's department."""
        return any(covers(area, registration.area) for area in self.areas) or self._is_of_department(registration)

    def decides(self, registration: Registration) -> bool:
        """Tell whether what this registration waits for is said here; what waits for nothing is the villages'."""
        if registration.state == State.WITH_DEPARTMENT:
            return self._is_of_department(registration)
        return any(covers(area, registration.area) for area in self.areas)

    def waiting(self, reviewer: int) -> ColumnElement[bool]:
        """Match what waits here for this reviewer: nothing of their own, nor what waits for somebody else's yes."""
        row = registrations.c
        village = and_(
            is_in(row.state, State.QUEUED),
            within(self.areas),
            or_(row.first_yes_by.is_(None), row.first_yes_by != reviewer),
        )
        department = and_(
            is_in(row.state, State.WITH_DEPARTMENT),
            or_(false(), *(self._reaches(area, name) for area, name in self.departments)),
            or_(row.decided_by.is_(None), row.decided_by != reviewer),
        )
        theirs = and_(row.registered_by != reviewer, or_(row.person.is_(None), row.person != reviewer))
        return and_(or_(village, department) if self.departments else village, theirs)

    def _is_of_department(self, registration: Registration) -> bool:
        return registration.department is not None and any(
            covers(area, registration.area) and name in {ANY, registration.department}
            for area, name in self.departments
        )

    @staticmethod
    def _reaches(area: str, name: str) -> ColumnElement[bool]:
        return and_(within([area]), true() if name == ANY else registrations.c.department == name)


def within(areas: Sequence[str], column: ColumnElement[str] = registrations.c.area) -> ColumnElement[bool]:
    """Match area codes within any of the prefixes, on dot boundaries; an empty prefix is everywhere."""
    return true() if "" in areas else or_(false(), *(_lies_in(area, column) for area in areas))


def _lies_in(area: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    """Match an area or what lies in it; nothing lies in a village, and its index is used then."""
    same = column == area
    inside = column.startswith(f"{area}.", autoescape=True)
    return same if area.count(".") == _VILLAGE_DOTS else or_(same, inside)
