"""Rounds: what the office does by itself, once a day at an hour, or again and again.

A round stands beside the screens it belongs to, and says here when it is made. `bot.rounds` makes them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time

from handlers.office import Office
from handlers.visit import Visit
from storage.database import Database

Work = Callable[[Visit], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Round:
    """One round: its name, which is stored, its work, and the local time it is due; None: at every look at the clock.

    `everywhere`: it renews what each process keeps in memory, so it is made in every one, not by one for all.
    """

    name: str
    work: Work
    at: time | None
    everywhere: bool = False


Long = Callable[[Database, Office], Awaitable[None]]

ROUNDS: dict[str, Round] = {}
APART: dict[str, Long] = {}


def daily(name: str, at: time) -> Callable[[Work], Work]:
    """Say that this work is done once a day, from this time on; late is possible, skipped is not."""

    def register(work: Work) -> Work:
        ROUNDS[name] = Round(name, work, at)
        return work

    return register


def always(name: str, *, everywhere: bool = False) -> Callable[[Work], Work]:
    """Say that this work is done at every look at the clock; it finds out itself whether there is any."""

    def register(work: Work) -> Work:
        ROUNDS[name] = Round(name, work, None, everywhere)
        return work

    return register


def apart(name: str) -> Callable[[Long], Long]:
    """Say that this work is done at every look at the clock and takes longer than a transaction may.

    It makes its transactions itself, each one leaving what another look can go on from.
    """

    def register(work: Long) -> Long:
        APART[name] = work
        return work

    return register
