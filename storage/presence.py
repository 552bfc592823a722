"""Presence: what a process that works on a PostgreSQL database has of its own there: one connection, for as long as it runs.

On it stand the locks that say who is at work and who leads, and over it a process hears what others have committed. One
that is killed is gone at once, as its connection is; one whose machine vanishes, within twenty seconds. A connection
that is lost is made anew, and whatever may have been said meanwhile counts as heard.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.standing import AT_WORK

LOOK = 1.0  # seconds between two looks at the connection: so long there may be no leader, or two, when one is cut off
PATIENCE = 5.0  # seconds that a look may take
CHANNEL = "sertakan_"

Ring = Callable[[], None]
Work = Callable[[], Awaitable[None]]


def _key(name: str) -> int:
    """Return the advisory lock of this name."""
    return int.from_bytes(sha256(f"sertakan: {name}".encode()).digest()[:8], signed=True)


def _role(role: str) -> int:
    """Return the lock of those at work in a role."""
    return _key(f"at work, {role}")


_lock = bindparam("key", type_=BigInteger)
_TRY = select(func.pg_try_advisory_lock(_lock))
_FREE = select(func.pg_advisory_unlock(_lock))
_JOIN = select(func.pg_advisory_lock_shared(_lock))
_LEAD = {"key": _key("leads")}
_LOOK = select(1)
# A machine that lost its power says nothing: the server asks after five seconds, and thrice more.
_ASK_AFTER_ME = select(
    *(
        func.set_config(f"tcp_{name}", value, False)
        for name, value in (("keepalives_idle", "5"), ("keepalives_interval", "3"), ("keepalives_count", "3"))
    )
)
_NOTIFY = select(
    func.pg_notify(
        func.unnest(bindparam("channels", type_=ARRAY(Text))).column_valued("channel"), bindparam("name", type_=Text)
    )
)


async def say(connection: AsyncConnection, bells: Collection[str], name: str) -> None:
    """Let the other processes hear these bells once this transaction commits; `name` is who says so."""
    await connection.execute(_NOTIFY, {"channels": [CHANNEL + bell for bell in sorted(bells)], "name": name})


class Presence:
    """A process at work in some roles; `locks` tell more of it. On SQLite, which has one, it always leads and hears nobody."""

    def __init__(
        self,
        engine: AsyncEngine | None,
        name: str,
        *,
        roles: Collection[str],
        locks: Sequence[int],
        heard: Mapping[str, Ring],
        inherit: Mapping[str, Work],
    ) -> None:
        self._engine, self._name, self._roles, self._locks, self._heard = engine, name, roles, locks, heard
        self._inherit, self._accompanied = inherit, set[str]()
        self._connection: AsyncConnection | None = None
        self._in_use = asyncio.Lock()
        self._wishes_to_lead = False
        self._look_now = asyncio.Event()
        self._leads, self._follows = asyncio.Event(), asyncio.Event()
        (self._leads if engine is None else self._follows).set()

    @property
    def leads(self) -> bool:
        """Whether what only one process may do is this one's to do."""
        return self._leads.is_set()

    async def lead(self, work: Work) -> None:
        """Do this work while this process leads, anew whenever it comes to lead, until cancelled; raises what it raises."""
        self._wishes_to_lead = True
        self._look_now.set()
        try:
            while True:
                await self._leads.wait()
                working, over = asyncio.ensure_future(work()), asyncio.create_task(self._follows.wait())
                try:
                    await asyncio.wait({working, over}, return_when=asyncio.FIRST_COMPLETED)
                    if not over.done():
                        return await working
                finally:
                    working.cancel()
                    over.cancel()
                    await asyncio.gather(working, over, return_exceptions=True)
        finally:
            self._wishes_to_lead = False
            await self._resign()

    @contextlib.asynccontextmanager
    async def kept(self, first: Mapping[str, Work]) -> AsyncIterator[None]:
        """Be at work while the block runs; `first` is done before it in each role in which nobody else is at work."""
        if self._engine is None:
            for work in first.values():
                await work()
            yield
            return
        await self._connect(first)
        keeping = asyncio.create_task(self._keep(), name="presence")
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await self._lose()

    async def _keep(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._look_now.wait()
            self._look_now.clear()
            try:
                async with self._in_use, asyncio.timeout(PATIENCE):
                    await self._look()
            except Exception:  # noqa: BLE001  # whatever it was, this connection is no good any more
                await self._lose()

    async def _look(self) -> None:
        """See that the connection is there, and whether there is a lead to take."""
        if self._connection is None:
            await self._connect({})
            for ring in self._heard.values():
                ring()
        elif self._wishes_to_lead and not self.leads:
            self._lead_from_now_on(yes=bool(await self._connection.scalar(_TRY, _LEAD)))
        else:
            await self._connection.execute(_LOOK)
        for role, inherit in self._inherit.items():
            await self._look_around(role, inherit)

    async def _look_around(self, role: str, inherit: Work) -> None:
        """See whether others are at work in a role. When all of them are gone, nobody comes before `inherit` is done."""
        assert self._connection is not None  # noqa: S101  # it was looked at just now
        key = {"key": _role(role)}
        alone = bool(await self._connection.scalar(_TRY, key))
        if alone:
            if role in self._accompanied:
                with contextlib.suppress(TimeoutError):  # then it is left to the end of leases
                    async with asyncio.timeout(PATIENCE / 2):
                        await inherit()
            await self._connection.execute(_FREE, key)
        (self._accompanied.discard if alone else self._accompanied.add)(role)

    async def _connect(self, first: Mapping[str, Work]) -> None:
        assert self._engine is not None  # noqa: S101  # nobody else comes here
        connection = await self._engine.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(_ASK_AFTER_ME)
            wire: Any = (await connection.get_raw_connection()).driver_connection
            for bell in self._heard:
                await wire.add_listener(CHANNEL + bell, self._hear)
            for lock in self._locks:
                await connection.execute(_JOIN, {"key": lock})
            for role in self._roles:
                await _join(connection, role, first.get(role))
        except BaseException:
            await connection.invalidate()
            raise
        self._connection = connection

    async def _lose(self) -> None:
        """Let the connection go, and with it all that it held."""
        self._lead_from_now_on(yes=False)
        lost, self._connection = self._connection, None
        if lost is not None:
            with contextlib.suppress(Exception):  # then it is gone already
                await lost.invalidate()

    async def _resign(self) -> None:
        """Leave the lead to others at once."""
        if self._engine is None or not self.leads:
            return
        self._lead_from_now_on(yes=False)
        with contextlib.suppress(Exception):  # then the lock is gone with its connection
            async with self._in_use, asyncio.timeout(PATIENCE):
                if self._connection is not None:
                    await self._connection.execute(_FREE, _LEAD)

    def _lead_from_now_on(self, *, yes: bool) -> None:
        if self._engine is not None:
            (self._leads, self._follows)[not yes].set()
            (self._leads, self._follows)[yes].clear()

    def _hear(self, _connection: object, _pid: int, channel: object, said_by: object) -> None:
        if said_by != self._name:
            self._heard[str(channel).removeprefix(CHANNEL)]()


@contextlib.asynccontextmanager
async def kept_away(engine: AsyncEngine) -> AsyncIterator[bool]:
    """Let nobody be at work while the block runs, and give True; give False where somebody is."""
    key = {"key": AT_WORK}
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        free = bool(await connection.scalar(_TRY, key))
        try:
            yield free
        finally:
            if free:
                with contextlib.suppress(DBAPIError):
                    await connection.execute(_FREE, key)


async def _join(connection: AsyncConnection, role: str, first: Work | None) -> None:
    """Be at work in a role. Whoever is alone in it does `first`, and whoever comes meanwhile waits."""
    key = {"key": _role(role)}
    alone = first is not None and await connection.scalar(_TRY, key)
    if alone and first is not None:
        await first()
    await connection.execute(_JOIN, key)
    if alone:
        await connection.execute(_FREE, key)
