"""How fast a bot sends, as seen from Telegram: what arrived when, however much it was, in the memory of a second."""

from __future__ import annotations

from collections import Counter, deque

SECOND = 1.0


class Traffic:
    """The sends since it was made: `statuses` counts how they were answered (0 not at all), `densest` is the most in a second."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.densest = 0
        self._first = self._last = 0.0
        self._recent: deque[float] = deque()

    def note(self, at: float, status: int) -> None:
        """Take in one send that arrived `at`, in seconds of one clock."""
        self._first = self._first or at
        self._last = at
        self.statuses[status] += 1
        self._recent.append(at)
        while self._recent[0] <= at - SECOND:
            self._recent.popleft()
        self.densest = max(self.densest, len(self._recent))

    @property
    def sends(self) -> int:
        """How many there were."""
        return self.statuses.total()

    @property
    def seconds(self) -> float:
        """The time from the first to the last."""
        return self._last - self._first

    @property
    def per_second(self) -> float:
        """The rate over that time."""
        return (self.sends - 1) / self.seconds if self.seconds else 0.0
