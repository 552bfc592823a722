"""Stages: moves broadcasts on, holds one back in which too much goes wrong, and lets its author see how far it is.

A broadcast that was released waits for its time, then its first wave is sent, and the rest when few of those failed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.watching.logs import where
from conversations.rules.zones import awake
from handlers.broadcasts import progress
from handlers.visit import Visit
from storage import broadcasts
from storage.broadcasts import CANARY, SENDING, Broadcast, Ended, Recipient, Stage
from storage.transaction import Transaction

log = structlog.get_logger("stages")

CUT_SHORT = (Stage.STOPPED, Stage.DISCARDED)
TRIED = ("sent", "failed", "unknown")
WENT_WRONG = ("failed", "unknown")
TOLERATED = 0.1  # of those tried
LOOKED_AT = 200  # the last ones tried of a running broadcast
ENOUGH = 50  # so many have to be tried before a running broadcast is judged
SHOWN_EVERY = timedelta(seconds=5)


class Stages:
    """What one process knows of the broadcasts it sends; where they stand is in the database."""

    def __init__(self) -> None:
        self._last: defaultdict[int, deque[bool]] = defaultdict(lambda: deque(maxlen=LOOKED_AT))
        self._shown: dict[int, datetime] = {}
        self._changed: set[int] = set()  # broadcasts whose figures are not shown yet
        self.ending: set[int] = set()  # those that were stopped, and whose last recipients are being skipped

    def note(self, settled: Iterable[tuple[Recipient, Ended]]) -> None:
        """Take in what became of messages that were tried."""
        for recipient, ended in settled:
            self._changed.add(recipient.broadcast)
            if ended.state in TRIED:
                self._last[recipient.broadcast].append(ended.state in WENT_WRONG)

    async def move_on(self, visit: Visit, flying: Collection[int]) -> tuple[list[Broadcast], bool]:
        """Move every broadcast whose stage is over; return those that want work, as they are now, and whether any moved.

        Of those that were cut short, some more of who waited are skipped; that is a move, too.

        `flying` are those with calls in hand.
        """
        opened = await broadcasts.open_ones(visit.tx, Stage.PREPARING, Stage.DUE, *CUT_SHORT, *SENDING)
        for over in self._last.keys() - {one.id for one in opened if one.stage in SENDING}:
            del self._last[over]  # what comes after a rest is judged afresh
        before, self.ending = self.ending, {one.id for one in opened if one.stage is Stage.STOPPED}
        self._changed |= before - self.ending
        now = [await self._moved(visit, one, in_hand=one.id in flying) for one in opened]
        wound = [await broadcasts.wind_up(visit.tx, one.id, visit.now) for one in opened if one.stage in CUT_SHORT]
        return now, now != opened or any(wound)

    async def _moved(self, visit: Visit, one: Broadcast, *, in_hand: bool) -> Broadcast:
        to = None if one.campaign is not None else await self._next(visit, one, in_hand=in_hand)
        if to is None or not await broadcasts.move(visit.tx, one.id, one.stage, to, now=visit.now):
            return one
        log.info("a broadcast moved on", broadcast=one.id, stage=to.value)
        self._last.pop(one.id, None)
        self._shown.pop(one.id, None)
        self._changed.add(one.id)
        return replace(one, stage=to)

    async def _next(self, visit: Visit, one: Broadcast, *, in_hand: bool) -> Stage | None:
        """Return the stage that follows, None as long as this one lasts."""
        tx = visit.tx
        match one.stage:
            case Stage.DUE if one.due_at is None or one.due_at <= visit.now:
                return await _first(visit, one)
            case Stage.CANARY if not in_hand and not await broadcasts.unfinished(tx, one.id, CANARY):
                return Stage.HELD if await _canary_failed(tx, one) else Stage.RUNNING
            case Stage.RUNNING if self._too_much_fails(one.id):
                return Stage.HELD
            case Stage.RUNNING if not in_hand and not await broadcasts.unfinished(tx, one.id):
                return Stage.DONE
        return None

    def _too_much_fails(self, number: int) -> bool:
        last = self._last.get(number, ())
        return len(last) >= ENOUGH and sum(last) > TOLERATED * len(last)

    async def show(self, visit: Visit, flying: Collection[int]) -> None:
        """Show how far those are that changed: at once after a new stage or the last call, else every few seconds."""
        for number in sorted(self._changed):
            one = await broadcasts.get(visit.tx, number)
            if one is None or one.campaign is not None:
                self._changed.discard(number)
                continue
            resting = one.stage not in SENDING and number not in flying
            if not resting and self._shown.get(number, visit.now - SHOWN_EVERY) > visit.now - SHOWN_EVERY:
                continue
            self._changed.discard(number)
            if resting:
                self._shown.pop(number, None)
            else:
                self._shown[number] = visit.now
            await _shown(visit, one)


async def _first(visit: Visit, one: Broadcast) -> Stage:
    """Return the stage that begins the sending; a first wave that would sleep is drawn anew from who is awake."""
    if not await broadcasts.unfinished(visit.tx, one.id, CANARY):
        return Stage.RUNNING
    up = awake(visit.now)
    if one.quiet and up and await broadcasts.canary_sleeps(visit.tx, one.id, up):
        await broadcasts.draw_canary(visit.tx, one.id, one.canary, up)
    return Stage.CANARY


async def _canary_failed(tx: Transaction, one: Broadcast) -> bool:
    counts = await broadcasts.counts(tx, one.id, wave=CANARY)
    return counts.of(*WENT_WRONG) > TOLERATED * counts.of(*TRIED)


async def _shown(visit: Visit, one: Broadcast) -> None:
    """Show how far one is; a fault in the showing does not hold up the sending."""
    before: Sequence[object] = list(visit.letters)
    try:
        async with visit.tx.savepoint():
            await progress.show(visit, one)
    except Exception as error:  # noqa: BLE001  # whatever it was, the figures are still there
        del visit.letters[len(before) :]
        log.warning("the progress of a broadcast could not be shown", broadcast=one.id, error=where(error))
