"""Telegram's sending limits: 30 messages a second in all, one a second in a chat, and silence after a 429.

Chosen, since Telegram publishes no more than that: a chat may burst by three messages; edits count like messages; a
window is 50 ms short, for the jitter of arrival; every 429 halts all sending until `retry_after` has passed, and where
`strict` a send inside a halt begins it anew.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.refusals import too_many_requests

_JITTER = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages `per_second` over all chats and `per_chat` after a `burst`; a refusal says `retry_after` seconds."""

    per_second: int = 30
    per_chat: float = 1.0
    burst: int = 3
    retry_after: int = 3
    strict: bool = False


TELEGRAM = Limits()


class Pace:
    """Admits sends or refuses them with 429; `limits` None admits everything outside a halt. `now` is in seconds.

    `exceeded` counts the sends that were one too many, `sent_inside_halt` those that came although they knew better.
    """

    def __init__(self, limits: Limits | None = TELEGRAM, now: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.exceeded = self.sent_inside_halt = 0
        self._now = now
        self._halted_until = -math.inf
        self._recent: deque[float] = deque()
        self._allowance: dict[int, tuple[float, float]] = {}  # chat → messages it may still send, as of when

    @property
    def halted(self) -> bool:
        """Whether a 429 still forbids every send."""
        return self._now() < self._halted_until

    def halt(self, seconds: float) -> None:
        """Refuse every send for `seconds`."""
        self._halted_until = max(self._halted_until, self._now() + seconds)

    def admit(self, chat: int) -> None:
        """Count one send to `chat`; raises Refusal (429) when it is one too many, or inside a halt."""
        now = self._now()
        if now < self._halted_until:
            self.sent_inside_halt += 1
            if self.limits is not None and self.limits.strict:
                self.halt(self.limits.retry_after)
            raise too_many_requests(math.ceil(self._halted_until - now))
        if self.limits is None:
            return
        if not (self._admitted_overall(now, self.limits) and self._admitted_in(chat, now, self.limits)):
            self.exceeded += 1
            self.halt(self.limits.retry_after)
            raise too_many_requests(self.limits.retry_after)

    def _admitted_overall(self, now: float, limits: Limits) -> bool:
        while self._recent and now - self._recent[0] >= 1 - _JITTER:
            self._recent.popleft()
        if len(self._recent) >= limits.per_second:
            return False
        self._recent.append(now)
        return True

    def _admitted_in(self, chat: int, now: float, limits: Limits) -> bool:
        left, since = self._allowance.get(chat, (limits.burst, now))
        left = min(limits.burst, left + (now - since) * limits.per_chat)
        if left < 1 - _JITTER:
            return False
        self._allowance[chat] = (left - 1, now)
        return True
