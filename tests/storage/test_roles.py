"""Roles: scoped to areas, given by invitations that work once and not for ever."""

import asyncio
import re
from datetime import datetime, timedelta

import pytest

from storage import roles
from storage.database import Database
from storage.roles import RoleName, covers

VILLAGE = "33.19.02.2003"


@pytest.mark.parametrize(
    ("prefix", "code", "expected"),
    [
        ("33.19", VILLAGE, True),
        ("33.19", "33.19", True),
        ("", VILLAGE, True),
        (VILLAGE, VILLAGE, True),
        ("33.1", VILLAGE, False),
        ("33.19.02.200", VILLAGE, False),
        (VILLAGE, "33.19", False),
        ("33.10", VILLAGE, False),
    ],
)
def test_covers(prefix: str, code: str, expected: bool) -> None:
    """A prefix covers what lies within it, on dot boundaries."""
    assert covers(prefix, code) is expected


async def test_invitation(database: Database, now: datetime) -> None:
    """An invitation fits a deep link and gives its role once, to whoever comes first."""
    async with database.write() as tx:
        token = await roles.invite(tx, "sponsor", VILLAGE, 1, now)
        assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
        role = await roles.accept(tx, token, 2, now + timedelta(days=6))
        assert role is not None
        assert (role.person, role.role, role.area, role.granted_by) == (2, "sponsor", VILLAGE, 1)
        assert await roles.accept(tx, token, 3, now) is None
        assert await roles.accept(tx, token, 2, now) is None
        assert await roles.of(tx, 2) == [role]


async def test_useless_invitations(database: Database, now: datetime) -> None:
    """A wrong and an expired invitation are refused alike."""
    async with database.write() as tx:
        token = await roles.invite(tx, "sponsor", VILLAGE, 1, now, lifetime=timedelta(hours=1))
        assert await roles.accept(tx, token, 2, now + timedelta(hours=1)) is None
        assert await roles.accept(tx, token[:-1] + "!", 2, now) is None
        assert await roles.accept(tx, "", 2, now) is None
        assert await roles.of(tx, 2) == []


async def test_two_accept_one_invitation(database: Database, now: datetime) -> None:
    """Of two who open the link at the same moment, one gets the role."""
    async with database.write() as tx:
        token = await roles.invite(tx, "sponsor", VILLAGE, 1, now)

    async def accept(person: int) -> bool:
        async with database.write() as tx:
            return await roles.accept(tx, token, person, now) is not None

    assert sorted(await asyncio.gather(accept(2), accept(3))) == [False, True]


async def test_grant_and_revoke(database: Database, now: datetime) -> None:
    """A role granted twice is one role; once revoked it is gone, and can be given anew."""
    async with database.write() as tx:
        role = await roles.grant(tx, 1, "admin", "33.19", by=None, now=now)
        assert await roles.grant(tx, 1, "admin", "33.19", by=5, now=now) == role
        assert await roles.revoke(tx, role.id, now)
        assert not await roles.revoke(tx, role.id, now)
        assert await roles.of(tx, 1) == []
        assert (await roles.grant(tx, 1, "admin", "33.19", by=5, now=now)).id != role.id


async def test_holders(database: Database, now: datetime) -> None:
    """Everyone whose prefix covers the area is found once; other roles, other areas and ended roles are not."""
    async with database.write() as tx:
        held: list[tuple[int, RoleName, str]] = [
            (1, "sponsor", VILLAGE),
            (2, "sponsor", "33.19.02"),
            (2, "sponsor", "33.19"),
            (3, "sponsor", ""),
            (4, "sponsor", "33.19.02.2004"),
            (5, "facilitator", VILLAGE),
            (6, "sponsor", "33.1"),
        ]
        for person, role, area in held:
            await roles.grant(tx, person, role, area, by=None, now=now)
        gone = await roles.grant(tx, 7, "sponsor", VILLAGE, by=None, now=now)
        await roles.revoke(tx, gone.id, now)
        assert await roles.holders(tx, "sponsor", VILLAGE) == [1, 2, 3]
        assert await roles.holders(tx, "sponsor", "33.19") == [2, 3]
