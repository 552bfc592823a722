"""The pace: how close together messages may go out, as a pure rule over a few moments.

Telegram allows about 30 messages a second overall and one a second in a chat, where a short burst is forgiven. After a
429 nothing goes out before its deadline has passed.

1. A turn is booked: its moment is written down, and whoever has it waits for that moment.
2. Any WINDOW holds at most `overall` moments, whoever booked them.
3. A reply books the first free moment, however far ahead. A notice books at most a little ahead, so that a later reply
   does not wait long, and a broadcast hardly at all. Each comes after all that are booked: so a broadcast never goes
   before a reply that waits, in whatever process.
4. Both letters and broadcasts are evenly spaced, since a burst arrives at another pace than it was sent. Broadcasts are
   slower while people chat, so that there is room for an answer at any moment.
5. What was longer on its way than usual counts from when it may have arrived.
6. In a halt nobody gets a turn: whoever asks or waits is told for how long.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from dataclasses import dataclass, field
from enum import IntEnum

WINDOW = 1.04  # seconds: a second, and what the way to Telegram may push two messages together
CATCHING_UP = 4  # messages that a broadcast which was held up may be behind, and make up for
STEEP = 4  # times the overall rate: how close a reply may come to a broadcast
CHATTING = 10.0  # seconds after a reply in which people are thought to be still chatting
FAR = 60.0  # seconds: nothing is booked so far ahead, unless the clock was set back


class Lane(IntEnum):
    """Who goes first when the limits bite."""

    REPLY = 0
    NOTICE = 1
    BROADCAST = 2


AHEAD = {Lane.REPLY: math.inf, Lane.NOTICE: 0.1, Lane.BROADCAST: 0.015}  # seconds that a lane may book ahead


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages a second overall, broadcasts a second while people chat, and a chat's messages a second and burst."""

    overall: int = 28
    while_chatting: int = 20
    per_chat: float = 1.0
    burst: int = 3


UNHURRIED = Pace()
UNLIMITED = Pace(overall=10**9, while_chatting=10**9, per_chat=1e9)  # for a server without limits, such as a test's


@dataclass(frozen=True, slots=True)
class Booked:
    """A turn in so many seconds, `at` a moment of the book's clock."""

    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class Later:
    """No turn yet: ask again in so many seconds, `aside` when only this chat has to wait."""

    seconds: float
    aside: bool = False


@dataclass(slots=True)
class Times:
    """What there is to know about the pace: moments in seconds of one clock, as JSON by `asdict`."""

    booked: list[float] = field(default_factory=list)  # ascending, some of them still to come
    next_letter: float = 0.0  # the first moment for another reply or notice
    next_broadcast: float = 0.0
    chat_until: float = 0.0  # until when people are thought to chat
    halted_until: float = 0.0
    full: dict[str, float] = field(default_factory=dict)  # when each chat's burst will be full again

    def book(self, pace: Pace, now: float, chat: int, lane: Lane) -> Booked | Later:
        """Book a turn, or say when to ask again; halts are the caller's to mind."""
        self._forget(now)
        whose = str(chat)
        free = self.full.get(whose, 0.0) - (pace.burst - 1) / pace.per_chat
        if free > now:
            return Later(free - now, aside=True)
        at = self._free(pace, now, lane)
        if at > now + AHEAD[lane]:
            return Later(at - now - AHEAD[lane])
        self.booked.append(at)
        self.full[whose] = max(self.full.get(whose, 0.0), at) + 1 / pace.per_chat
        self._space(pace, at, lane)
        if lane is Lane.REPLY:
            self.chat_until = at + CHATTING
        return Booked(at - now, at)

    def late(self, at: float, seconds: float) -> float:
        """Note that a turn was taken so much later than it was booked for, and return the moment it has now.

        It counts from then, also when its own moment was so long ago that it is forgotten.
        """
        if at in self.booked:
            self.booked.remove(at)
        insort(self.booked, at + seconds)
        return at + seconds

    def halt(self, now: float, seconds: float) -> None:
        """Let nothing go out for so long."""
        self.halted_until = max(self.halted_until, now + seconds)

    def _free(self, pace: Pace, now: float, lane: Lane) -> float:
        """Return the first moment that a lane may have."""
        at = max(now, self.next_broadcast if lane is Lane.BROADCAST else self.next_letter)
        if self.booked:
            at = max(at, self.booked[-1] + 1 / (STEEP * pace.overall))
        if len(self.booked) >= pace.overall:
            at = max(at, self.booked[-pace.overall] + WINDOW)
        return at

    def _space(self, pace: Pace, at: float, lane: Lane) -> None:
        """Keep the next one its distance; of a broadcast's delay half a distance is made up for, never so much that windows touch."""
        if lane is not Lane.BROADCAST:
            self.next_letter = at + WINDOW / pace.overall
        else:
            slowly = at < self.chat_until
            gap = WINDOW / (pace.while_chatting if slowly else pace.overall)
            behind = gap * (0.5 if slowly else CATCHING_UP)
            self.next_broadcast = max(self.next_broadcast, at - behind) + gap

    def _forget(self, now: float) -> None:
        """Drop what is over, and what a clock that was set back has left in a far future."""
        del self.booked[: bisect_right(self.booked, now - WINDOW)]
        if self.booked and self.booked[-1] > now + FAR:
            self.booked, self.next_letter, self.next_broadcast = [], now, now
        self.chat_until = min(self.chat_until, now + FAR + CHATTING)
        self.full = {chat: full for chat, full in self.full.items() if now < full < now + FAR}
