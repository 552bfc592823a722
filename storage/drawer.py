"""The drawer: the conversations of those who are attended together, taken out with one statement and put back with one.

What is put into it is in the database only once it is put back; who reads the table meanwhile sees what was there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from storage import sessions
from storage.sessions import Stored
from storage.transaction import Transaction


class Drawer:
    """Holds conversations by person and flow. None is opened before it is wanted: one that no key opens fails alone."""

    def __init__(self, tx: Transaction, rows: Collection[Row[Any]]) -> None:
        self._tx = tx
        self._lying: dict[int, dict[str, Row[Any] | Stored]] = {}
        self._changed: dict[tuple[int, str], Stored | None] = {}
        for row in rows:
            self._lying.setdefault(row.person, {})[row.flow] = row

    @classmethod
    async def of(cls, tx: Transaction, persons: Collection[int]) -> Drawer:
        """Take out the conversations of these people."""
        return cls(tx, await sessions.rows_of(tx, persons))

    def latest(self, person: int) -> Stored | None:
        """Return the person's conversation touched last."""
        theirs = sorted(self._lying.get(person, {}).values(), key=lambda one: one.flow)
        newest = max(theirs, key=lambda one: one.touched_at, default=None)
        return None if newest is None else self._opened(newest)

    def load(self, person: int, flow: str) -> Stored | None:
        """Return the person's conversation of this flow."""
        found = self._lying.get(person, {}).get(flow)
        return None if found is None else self._opened(found)

    def save(self, person: int, flow: str, body: Mapping[str, object], now: datetime) -> None:
        """Put a conversation in place of what was there."""
        before = self._lying.setdefault(person, {}).get(flow)
        saved = Stored(person, flow, dict(body), 1 if before is None else before.version + 1, now)
        self._lying[person][flow] = self._changed[person, flow] = saved

    def drop(self, person: int, flow: str) -> None:
        """Throw a conversation away, if there is one."""
        if self._lying.get(person, {}).pop(flow, None) is not None:
            self._changed[person, flow] = None

    async def put_back(self) -> None:
        """Write down what was changed."""
        changed, self._changed = self._changed, {}
        await sessions.drop_all(self._tx, [key for key, stored in changed.items() if stored is None])
        await sessions.save_all(self._tx, [stored for stored in changed.values() if stored is not None])

    def _opened(self, found: Row[Any] | Stored) -> Stored:
        return found if isinstance(found, Stored) else sessions.opened(self._tx, found)
