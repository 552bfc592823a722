"""Faults on order or by chance: let calls of the bot fail in a chosen way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from bot.sandbox.bell import Bell

EVERY = "*"
SENDS = "sends"


class Fault(StrEnum):
    """What goes wrong. Only LOST does what was asked; the others leave everything as it was."""

    TOO_MANY = "429"  # halts every send for `retry_after`
    BLOCKED = "403"
    DEACTIVATED = "deactivated"  # a 403 for an account that is no more
    BROKEN = "500"
    TIMEOUT = "timeout"  # no answer, ever
    RESET = "reset"  # the connection breaks before anything is done
    LOST = "lost"  # it is done, but the connection breaks before the answer


@dataclass(slots=True)
class _Order:
    method: str
    left: int
    fault: Fault
    chat: int | None
    retry_after: int


class Faults:
    """Orders, used up first come, first served; `bell` rings when one happens, and `happened` counts them."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._chance, self._shares = Random(), dict[Fault, float]()  # noqa: S311  # moments of faults, not secrets
        self.happened: Counter[Fault] = Counter()
        self.bell = Bell()

    def fail_next(
        self, method: str, times: int, kind: Fault | str, *, chat: int | None = None, retry_after: int = 1
    ) -> None:
        """Let the next `times` calls of `method` fail, only those to `chat` if given.

        SENDS stands for every method that the limits count, EVERY for every method.
        """
        self._orders.append(_Order(method.lower(), times, Fault(kind), chat, retry_after))

    def by_chance(self, shares: Mapping[Fault, float], seed: int) -> None:
        """Let these shares of all sends fail from now on, those of one seed always at the same places."""
        self._chance, self._shares = Random(seed), dict(shares)  # noqa: S311  # likewise

    @property
    def left(self) -> int:
        """How many ordered faults have not happened yet."""
        return sum(order.left for order in self._orders)

    def clear(self) -> None:
        """Let nothing fail any more."""
        self._orders.clear()
        self._shares.clear()

    def take(self, method: str, chat: int | None, *, send: bool) -> tuple[Fault, int] | None:
        """The fault for this call and its retry_after; None when all is well."""
        taken = self._ordered(method, chat, send=send) or (self._drawn() if send and self._shares else None)
        if taken is not None:
            self.happened[taken[0]] += 1
            self.bell.ring()
        return taken

    def _ordered(self, method: str, chat: int | None, *, send: bool) -> tuple[Fault, int] | None:
        names = {EVERY, method.lower()} | ({SENDS} if send else set())
        for order in self._orders:
            if order.method in names and order.chat in {None, chat}:
                order.left -= 1
                if order.left <= 0:
                    self._orders.remove(order)
                return order.fault, order.retry_after
        return None

    def _drawn(self) -> tuple[Fault, int] | None:
        drawn = self._chance.random()
        for fault, share in self._shares.items():
            drawn -= share
            if drawn < 0:
                return fault, 1
        return None
