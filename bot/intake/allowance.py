"""The allowance: how much one person may send. A pure rule, in the memory of one process, asked before the database is.

What comes from a chat faster than answers may go out to it (one a second, see `bot/sending/pace.py`) only piles up.

1. A chat may be HASTE seconds ahead of its answers: thirty updates at once, then one a second. Whoever answers questions,
   presses through a queue or pastes a long list, which Telegram cuts into messages, stays far below that.
2. Words go by the time that Telegram wrote on them: what piled up while the bot was away is judged as it was sent. A
   press has no such time, and is dropped by Telegram after 150 seconds, so it goes by when it comes.
3. Whoever has used it up is told so once, and then has to leave it alone for REST seconds before anything is taken
   again: so whoever goes on and on is told once in REST seconds, and nobody else's message is passed over in silence.
4. MOST chats are remembered. Whoever was heard longest ago is forgotten first; they had their whole allowance again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

HASTE = 30.0  # seconds
REST = 10.0  # seconds
MOST = 20_000  # a few megabytes


class Verdict(Enum):
    """What becomes of what somebody sent."""

    TAKEN = "taken"
    TOLD = "told"  # not taken, and they have to be told
    PASSED_OVER = "passed over"  # not taken, and they know


@dataclass(frozen=True, slots=True)
class Sender:
    """A chat, and whether it presses or writes: the two go by different clocks."""

    chat: int
    presses: bool


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody had `left` of the allowance `at` a moment in seconds, and whether they have to rest."""

    left: float
    at: float
    rests: bool = False


class Allowance:
    """What everybody has left. Answers go out to a chat `per_second`."""

    def __init__(self, per_second: float = 1.0, most: int = MOST) -> None:
        self._per_second, self._most = per_second, most
        self._left: OrderedDict[Sender, Left] = OrderedDict()

    def judge(self, sender: Sender, at: float) -> Verdict:
        """Say what becomes of something sent at this moment, and take it from the allowance if it is taken."""
        whole = max(1.0, HASTE * self._per_second)
        had = self._left.pop(sender, None) or Left(whole, at)
        left = min(whole, had.left + max(0.0, at - had.at) * self._per_second)
        taken = left >= (min(whole, REST * self._per_second) if had.rests else 1)
        self._left[sender] = Left(left - taken, max(at, had.at), rests=not taken)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        if taken:
            return Verdict.TAKEN
        return Verdict.PASSED_OVER if had.rests else Verdict.TOLD

    def of(self, senders: Iterable[Sender]) -> dict[Sender, Left | None]:
        """Return what these have left, None for who is not remembered."""
        return {sender: self._left.get(sender) for sender in senders}

    def give_back(self, had: Mapping[Sender, Left | None]) -> None:
        """Let these have what they had: what they sent could not be kept, and comes again."""
        for sender, left in had.items():
            if left is None:
                self._left.pop(sender, None)
            else:
                self._left[sender] = left

    def untold(self, sender: Sender) -> None:
        """Note that somebody could not be told: their next one tries again."""
        if (had := self._left.get(sender)) is not None:
            self._left[sender] = Left(had.left, had.at)

    def __len__(self) -> int:
        return len(self._left)
