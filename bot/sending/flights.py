"""Flights: messages of broadcasts on their way, and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.sending.broadcast_bot import Blocked, Delivered, Halted, Lost, NotSent, Refused, Result
from storage.broadcasts import Ended, Recipient

TROUBLE = 5  # so many calls in a row that did not get through, and only one at a time is tried
PATIENCE = (1, 2, 5, 15, 60)  # seconds between those


@dataclass(slots=True)
class Flight:
    """A recipient's message on its way; it has `begun` when its call may have reached Telegram."""

    recipient: Recipient
    payload: dict[str, Any] = field(repr=False)
    begun: bool = False

    def ended(self, task: asyncio.Task[Result]) -> Ended | None:
        """Return what is written down of a flight that is over, None when it was surely not sent and waits again."""
        number = self.recipient.id
        if task.cancelled():
            return Ended(number, "unknown", "cut off") if self.begun else None
        match task.result():
            case Delivered(message_id):
                return Ended(number, "sent", message_id=message_id)
            case Blocked(reason) | Refused(reason):
                return Ended(number, "failed", reason)
            case Lost(reason):
                return Ended(number, "unknown", reason)
            case Halted() | NotSent():
                return None


class Way:
    """Whether calls get through to Telegram, and when to try again while they do not."""

    def __init__(self) -> None:
        self._failures = self._rests = 0  # in a row
        self._until = 0.0

    def note(self, results: Iterable[Result], now: float) -> None:
        """Take in the results of calls, in the order in which they ended; `now` in seconds of the loop's clock."""
        before = self._failures
        for result in results:
            match result:
                case Lost() | NotSent():
                    self._failures += 1
                case Delivered() | Blocked() | Refused():
                    self._failures = self._rests = before = 0
                case Halted():
                    pass
        if self.blocked and self._failures > before:
            self._until = now + PATIENCE[min(self._rests, len(PATIENCE) - 1)]
            self._rests += 1

    @property
    def blocked(self) -> bool:
        """Whether nothing has got through lately, so that one call at a time has to find out."""
        return self._failures >= TROUBLE

    def rests(self, now: float) -> bool:
        """Tell whether even that one has to wait."""
        return self.blocked and now < self._until
