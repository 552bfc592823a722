"""What waits for the bot: updates in order, confirmed by offset (polling) or one by one (web hook)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from bot.sandbox.bell import Bell
from bot.sandbox.refusals import Refusal

BATCH = 100
MOST_PENDING = 100_000
PRESS_LIVES = 150  # seconds a button press waits on the server
UPDATE_LIVES = 24 * 3600
_REMEMBERED = 1_000  # updates that can be delivered a second time
_FIRST_ID = 318_000_001


Queue = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Update:
    """One update: `kind` is its field's name in the Bot API, `at` the world's time in seconds."""

    id: int
    kind: str
    body: dict[str, Any] = field(repr=False)
    at: float

    def as_telegram(self) -> dict[str, Any]:
        """The JSON the bot receives."""
        return {"update_id": self.id, self.kind: self.body}

    @property
    def queue(self) -> Queue:
        """Whose order it keeps at a web hook: what a chat says comes in order, and what a person presses, not both together."""
        spoken = self.kind in {"message", "edited_message"}
        return "message" if spoken else self.kind, self.body.get("chat" if spoken else "from", {}).get("id", 0)

    def expired(self, now: float) -> bool:
        """Whether Telegram would have dropped it by `now`."""
        return now - self.at > (PRESS_LIVES if self.kind == "callback_query" else UPDATE_LIVES)


class Updates:
    """The queue of one bot. `bell` rings for everything that may let a waiting poll or the web hook go on."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.bell = Bell()
        self.allowed: frozenset[str] = frozenset()  # empty: every kind
        self._clock = clock
        self._pending: deque[Update] = deque()
        self._again: deque[Update] = deque()
        self._recent: deque[Update] = deque(maxlen=_REMEMBERED)
        self._last_id = _FIRST_ID - 1
        self._poller: object = None

    @property
    def count(self) -> int:
        """How many updates there have been, delivered or not."""
        return self._last_id - _FIRST_ID + 1

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, kind: str, body: dict[str, Any]) -> int:
        """Queue an update and return its id; one of an unwanted kind is dropped, as is any above 100.000."""
        self._last_id += 1
        update = Update(self._last_id, kind, body, self._clock())
        if (not self.allowed or kind in self.allowed) and len(self._pending) < MOST_PENDING:
            self._pending.append(update)
            self._recent.append(update)
            self.bell.ring()
        return update.id

    def redeliver(self, update_id: int | None = None) -> int:
        """Deliver an update once more under its old id, whatever was confirmed; the last one unless named."""
        for update in reversed(self._recent):
            if update_id in {None, update.id}:
                self._again.append(update)
                self.bell.ring()
                return update.id
        raise LookupError("There is no such update to deliver again.")

    def drop(self) -> None:
        """Forget everything that waits (drop_pending_updates)."""
        self._pending.clear()
        self._again.clear()

    def first(self, limit: int) -> list[Update]:
        """The updates that the web hook has to deliver now, in order; each stays until it is confirmed."""
        self._expire()
        return list(islice(chain(self._again, self._pending), limit))

    def confirm(self, update: Update) -> None:
        """The web hook took `update`."""
        for queue in (self._again, self._pending):
            if update in queue:
                queue.remove(update)
                return

    async def poll(self, offset: int, limit: int, timeout: float) -> Sequence[dict[str, Any]]:  # noqa: ASYNC109 - Telegram's parameter
        """getUpdates: confirm what lies below `offset`, then wait up to `timeout` seconds for something.

        A negative offset keeps only the last ones. Raises Refusal (409) when another poll takes over.
        """
        self._poller = me = object()
        self.bell.ring()
        self._confirm_below(offset)
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not (self._pending or self._again) and self._poller is me:
                    await self.bell.rung()
        if self._poller is not me:
            raise Refusal(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        self._expire()
        again = list(self._again)
        self._again.clear()
        batch = again + [update for update, _ in zip(self._pending, range(limit), strict=False)]
        return [update.as_telegram() for update in batch[:limit]]

    def _confirm_below(self, offset: int) -> None:
        while self._pending and offset > 0 and self._pending[0].id < offset:
            self._pending.popleft()
        while offset < 0 and len(self._pending) > -offset:
            self._pending.popleft()

    def _expire(self) -> None:
        now = self._clock()
        if any(update.expired(now) for update in self._pending):
            self._pending = deque(update for update in self._pending if not update.expired(now))
