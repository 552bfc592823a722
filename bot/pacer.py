"""The pacer: when the next call may go out. One budget for everybody who sends.

Telegram allows about 30 messages a second overall and one a second in a chat, where a short burst is forgiven. After a
429 nothing goes out before its deadline has passed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

CHATS_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages a second overall, a second in one chat, and how many a chat may burst by."""

    overall: float = 28.0
    per_chat: float = 1.0
    burst: int = 3


UNHURRIED = Pace()
UNLIMITED = Pace(overall=1e9, per_chat=1e9)  # for a Bot API server without limits, such as a test's


class Pacer:
    """Gives out turns to send, first come first served."""

    def __init__(self, pace: Pace = UNHURRIED) -> None:
        self.pace = pace
        self._line = asyncio.Lock()
        self._next = 0.0
        self._halted_until = 0.0
        self._chats: dict[int, float] = {}  # when each chat's burst will be full again

    async def turn(self, chat: int) -> None:
        """Return when a message to this chat may be sent now."""
        while True:
            while (wait := self._chat_wait(chat)) > 0:  # noqa: ASYNC110  # a deadline may move while it is waited for
                await asyncio.sleep(wait)
            async with self._line:
                while (wait := max(self._next, self._halted_until) - _now()) > 0:  # noqa: ASYNC110  # likewise
                    await asyncio.sleep(wait)
                if self._chat_wait(chat) <= 0:  # nobody else wrote to this chat meanwhile
                    self._take(chat, _now())
                    return

    @property
    def halted(self) -> float:
        """How many seconds nothing may go out; 0 when no halt is on."""
        return max(0.0, self._halted_until - _now())

    def _take(self, chat: int, now: float) -> None:
        self._next = now + 1 / self.pace.overall
        self._chats[chat] = max(self._chats.pop(chat, 0.0), now) + 1 / self.pace.per_chat
        if len(self._chats) > CHATS_REMEMBERED:
            self._forget(now)

    def halt(self, seconds: float) -> None:
        """Let nothing go out for so long: Telegram said so."""
        self._halted_until = max(self._halted_until, _now() + seconds)

    def _chat_wait(self, chat: int) -> float:
        full = self._chats.get(chat, 0.0)
        return full - _now() - (self.pace.burst - 1) / self.pace.per_chat

    def _forget(self, now: float) -> None:
        self._chats = {chat: full for chat, full in self._chats.items() if full > now}


def _now() -> float:
    return asyncio.get_running_loop().time()
