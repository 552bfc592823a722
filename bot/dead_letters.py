"""Dead letters: updates that could not be handled, and letters that Telegram refused. Their bodies are never shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.settings import Settings
from bot.upkeep import opened
from handlers.office import utc_now
from storage import inbox, outbox
from storage.database import Transaction

NOT_AGAIN = {
    "none": "there is no such dead letter",
    "blanked": "its text is gone; whoever has blocked the bot is not written to",
    "overtaken": "a later message shows the same place on the screen: drop it",
}


@dataclass(frozen=True, slots=True)
class Dead:
    """A dead letter: `mark` is in-NUMBER for an update and out-NUMBER for a letter; `reason` is a code."""

    mark: str
    what: str
    reason: str
    attempts: int
    made_at: datetime
    died_at: datetime
    whole: bool


async def all_(settings: Settings) -> list[Dead]:
    """List dead updates and letters, oldest first."""
    async with opened(settings) as database, database.read() as tx:
        return await _all(tx)


async def replay(settings: Settings, marks: Sequence[str] | None, reason: str | None) -> dict[str, str | None]:
    """Put dead letters back to work, all with this reason where none are named; say of each why not, where that is so.

    Each goes to its old place: before what waits in the same chat.
    """
    async with opened(settings) as database:
        async with database.read() as tx:
            named = await _named(tx, marks, reason)
        done: dict[str, str | None] = {}
        for mark in named:
            async with database.write() as tx:
                done[mark] = await _replayed(tx, mark, utc_now())
        return done


async def drop(settings: Settings, marks: Sequence[str]) -> list[str]:
    """Blank dead letters for good, and return those that there were."""
    async with opened(settings) as database:
        gone = []
        for mark in marks:
            box, number = _read(mark)
            async with database.write() as tx:
                if await (inbox if box == "in" else outbox).drop(tx, number, utc_now()):
                    gone.append(mark)
        return gone


async def _replayed(tx: Transaction, mark: str, now: datetime) -> str | None:
    box, number = _read(mark)
    if box == "in":
        return None if await inbox.revive(tx, number, now) else NOT_AGAIN["none"]
    why = await outbox.revive(tx, number, now)
    return None if why is None else NOT_AGAIN[why]


async def _named(tx: Transaction, marks: Sequence[str] | None, reason: str | None) -> list[str]:
    if marks is not None:
        return list(marks)
    return [one.mark for one in await _all(tx) if one.whole and reason in {None, one.reason}]


async def _all(tx: Transaction) -> list[Dead]:
    updates = [
        Dead(f"in-{one.id}", "update", one.reason or "", one.attempts, one.received_at, one.buried_at, whole=True)
        for one in await inbox.dead(tx)
    ]
    letters = [
        Dead(f"out-{one.id}", one.method, one.reason or "", one.attempts, one.created_at, one.failed_at, one.whole)
        for one in await outbox.dead(tx)
    ]
    # In the order in which they came, so that a chat's are replayed in that order.
    return sorted([*updates, *letters], key=lambda one: (one.made_at, one.mark.partition("-")[0], _read(one.mark)[1]))


def _read(mark: str) -> tuple[str, int]:
    box, _dash, number = mark.partition("-")
    return box, int(number)
