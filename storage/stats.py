"""Figures for the operator, without personal data."""

from datetime import datetime
from typing import TypedDict

from storage import broadcasts, inbox, outbox, registrations, sessions
from storage.depth import Depth
from storage.transaction import Transaction


class BoxFigures(TypedDict):
    """A box: rows to do, age of the oldest due one in seconds, rows given up and for how long."""

    depth: int
    oldest_seconds: int
    dead: int
    dead_seconds: int


class Snapshot(TypedDict):
    """Everything `sertakan stats` prints."""

    registrations: dict[str, int]
    broadcasts: dict[str, int]
    inbox: BoxFigures
    outbox: BoxFigures
    sessions: int


async def snapshot(tx: Transaction, now: datetime) -> Snapshot:
    """Take the figures at one moment."""
    return {
        "registrations": await registrations.counts(tx),
        "broadcasts": await broadcasts.stages(tx),
        "inbox": _figures(await inbox.depth(tx, now)),
        "outbox": _figures(await outbox.depth(tx, now)),
        "sessions": await sessions.count(tx),
    }


def _figures(depth: Depth) -> BoxFigures:
    return {
        "depth": depth.count,
        "oldest_seconds": depth.oldest_seconds,
        "dead": depth.dead,
        "dead_seconds": depth.dead_seconds,
    }
