"""The broadcaster: writes to the recipients of broadcasts and campaigns, each at most once.

A few recipients at a time are taken in a transaction, in which their messages are made from what is known of them at
that moment. Only when it is committed are the calls made; what became of them is written down together with the next
few. A process that is killed leaves a few rows of which nobody knows: they count as unknown and are never tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.sending import turns
from bot.sending.broadcast_bot import Blocked, BroadcastBot, Delivered, Halted, Lost, NotSent, Refused, Result
from bot.sending.flights import Flight, Way
from bot.sending.pace import Lane
from bot.sending.pacer import Pacer
from bot.sending.stages import Stages
from bot.watching.logs import where
from bot.watching.traces import calling
from conversations.rules.zones import awake
from handlers.broadcasts.preparing import prepare
from handlers.broadcasts.rendering import LeftOut, Ready
from handlers.errands import errand
from handlers.office import Office
from handlers.visit import Visit
from storage import broadcasts, people
from storage.broadcasts import SENDING, Broadcast, Ended, Recipient, Stage
from storage.database import Database

log = structlog.get_logger("broadcaster")

AHEAD = 16  # recipients taken who wait for their turn
LOW = 10  # when so few are left, others are taken: at the full pace a third of a second's work
AT_ONCE = 40  # recipients taken in all: so many at most are unknown after a kill
LEASE = timedelta(minutes=2)  # longer than any call
GATHER = 0.25  # seconds in which outcomes are gathered, to be written down together
PAUSE = 5.0  # seconds before a broadcast that could not be prepared is taken up again
RESULTS = {  # as they are counted
    Delivered: "sent",
    Blocked: "blocked",
    Refused: "failed",
    Halted: "returned",
    NotSent: "returned",
    Lost: "unknown",
}

Settled = list[tuple[Recipient, Ended]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of those whose turn had come: messages that are off, who gets nothing, and who another day."""

    off: list[Flight] = field(default_factory=list)
    left_out: Settled = field(default_factory=list)
    put_off: list[Recipient] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.off) + len(self.left_out) + len(self.put_off)


class Broadcaster:
    """Sends until it is stopped; `wrote` is called after each commit that may have filled the outbox."""

    def __init__(
        self, database: Database, office: Office, bot: BroadcastBot, pacer: Pacer, wrote: Callable[[], None]
    ) -> None:
        self._database, self._office, self._bot, self._pacer, self._wrote = database, office, bot, pacer, wrote
        self._flying: dict[asyncio.Task[Result], Flight] = {}
        self._preparing: dict[int, asyncio.Task[None]] = {}
        self._stages, self._way = Stages(), Way()
        self._bell = asyncio.Event()
        self._stopping = False
        self._more = False  # somebody else is due
        self.idle = asyncio.Event()  # nothing is due and nothing is in flight

    def wake(self) -> None:
        """Look whether something is due; the clock says so every second."""
        self.idle.clear()
        self._bell.set()

    def stop(self) -> None:
        """Let calls that have begun end, give back what waits for its turn, and take nothing more."""
        self._stopping = True
        for task in self._preparing.values():
            task.cancel()
        self._call_back(self._waiting())
        self._bell.set()

    async def run(self) -> None:
        """Send until stopped; a database that is away is waited for."""
        try:
            while not (self._stopping and not self._flying):
                self._bell.clear()
                try:
                    await self._round()
                except Exception as error:  # noqa: BLE001  # what has landed is settled when the database is back
                    log.error("the recipients could not be read, trying again", error=where(error))  # noqa: TRY400  # the message may be personal
                    await asyncio.sleep(1)
                await self._wait()
        except asyncio.CancelledError:
            await self._cut_off()
            raise
        finally:
            await asyncio.gather(*self._preparing.values(), return_exceptions=True)

    async def _wait(self) -> None:
        """Wait until the bell rings, or until something has landed and others have had a moment to join it."""
        if self._bell.is_set() or (self._stopping and not self._flying):
            return
        bell = asyncio.create_task(self._bell.wait())
        await asyncio.wait({bell, *self._flying}, return_when=asyncio.FIRST_COMPLETED)
        if not bell.done() and not all(task.done() for task in self._flying):
            await asyncio.wait({bell}, timeout=GATHER)
        bell.cancel()

    async def _cut_off(self) -> None:
        """Break off the calls in hand: nobody knows what became of them."""
        self.stop()
        self._call_back(self._flying)
        if self._flying:
            await asyncio.wait(self._flying)
            await self._round()

    def _waiting(self) -> list[asyncio.Task[Result]]:
        """Return the flights that still wait for their turn."""
        return [task for task, flight in self._flying.items() if not flight.begun and not task.done()]

    def _call_back(self, tasks: Collection[asyncio.Task[Result]]) -> None:
        for task in tasks:
            task.cancel()

    def _room(self, landed: int) -> int:
        """Return how many recipients may be taken now."""
        flying = len(self._flying) - landed
        if self._stopping or self._pacer.halted:
            return 0
        if self._way.blocked:
            return 0 if flying or self._way.rests(_now()) else 1
        return max(0, min(AHEAD - len(self._waiting()), AT_ONCE - flying))

    async def _round(self) -> None:
        """Settle what has landed, move broadcasts on, and let the next messages off, in one transaction."""
        landed = {task: flight for task, flight in self._flying.items() if task.done()}
        flying = [flight.recipient for task, flight in self._flying.items() if task not in landed]
        in_hand = {one.broadcast for one in flying}
        async with self._database.write() as tx, errand(tx, self._office) as visit:
            settled = await self._settle(visit, landed)
            opened, moved = await self._stages.move_on(visit, in_hand)
            room = self._room(len(landed))
            taken = await self._take(visit, room, {one.person for one in flying}) if room else Taken()
            await self._stages.show(visit, in_hand | {one.recipient.broadcast for one in taken.off})
        if visit.letters:
            self._wrote()
        self._way.note([task.result() for task in landed if not task.cancelled()], _now())
        self._stages.note([*settled, *taken.left_out])
        for task in landed:
            del self._flying[task]
        for flight in taken.off:
            self._flying[asyncio.create_task(self._watched(flight))] = flight
        self._prepare([one for one in opened if one.stage is Stage.PREPARING])
        self._rein(opened)
        self._more = taken.count == room if room else self._more
        resting = bool(room) and not (self._flying or self._preparing or self._stages.ending)
        self._go_on(resting=resting, worked=bool(landed or moved or taken.count))

    def _go_on(self, *, resting: bool, worked: bool) -> None:
        """See whether another round is to follow at once, or whether there is nothing to do."""
        starved = self._more and len(self._waiting()) <= LOW and self._room(0) > 0
        if starved or (worked and not self._flying):
            self._bell.set()
        elif resting and not self._bell.is_set():
            self.idle.set()

    def _rein(self, opened: Collection[Broadcast]) -> None:
        """Call back what waits for its turn in a broadcast that is no longer being sent, or when the program stops."""
        sending = {one.id for one in opened if one.stage in SENDING and not self._stopping}
        self._call_back([one for one in self._waiting() if self._flying[one].recipient.broadcast not in sending])

    async def _settle(self, visit: Visit, landed: dict[asyncio.Task[Result], Flight]) -> Settled:
        """Write down what became of messages; who was surely not written to waits again."""
        ended = [(flight.recipient, flight.ended(task)) for task, flight in landed.items()]
        await broadcasts.release(visit.tx, [recipient for recipient, end in ended if end is None])
        settled = [(recipient, end) for recipient, end in ended if end is not None]
        await broadcasts.settle(visit.tx, [end for _recipient, end in settled], visit.now)
        gone = [
            flight.recipient.person
            for task, flight in landed.items()
            if not task.cancelled() and isinstance(task.result(), Blocked)
        ]
        for person in sorted(gone):
            await people.reachable(visit.tx, person, yes=False, now=visit.now)
        return settled

    async def _take(self, visit: Visit, room: int, busy: set[int]) -> Taken:
        """Take the next recipients and make their messages.

        Whoever is being written to just now (`busy`) waits: what they get counts for the cap.
        """
        taken, later = Taken(), []
        claimed = await broadcasts.claim(visit.tx, room, visit.now, awake(visit.now), lease=LEASE)
        barred = await turns.barred(visit, claimed)
        for one, recipient in claimed:
            if recipient.person in busy:
                later.append(recipient)
                continue
            match await turns.made(visit, one, recipient, barred.get(recipient.id)):
                case Ready(payload):
                    taken.off.append(Flight(recipient, payload))
                    busy.add(recipient.person)
                case LeftOut(state, reason):
                    taken.left_out.append((recipient, Ended(recipient.id, state, reason)))
                case None:
                    taken.put_off.append(recipient)
        await broadcasts.release(visit.tx, later)
        await broadcasts.put_off(visit.tx, taken.put_off, visit.now + turns.PAUSE)
        await broadcasts.settle(visit.tx, [ended for _recipient, ended in taken.left_out], visit.now)
        return taken

    async def _watched(self, flight: Flight) -> Result:
        """Send a message, and let what becomes of it be seen from outside."""
        with calling(flight.payload["method"], Lane.BROADCAST) as call:
            try:
                result = await self._send(flight)
            except asyncio.CancelledError:
                call.result = "unknown" if flight.begun else call.result
                raise
            call.result = RESULTS[type(result)]
        return result

    async def _send(self, flight: Flight) -> Result:
        """Make the call and say what became of it. Raises nothing but the CancelledError of one called back."""

        def begun() -> None:
            flight.begun = True
            if self._more and len(self._waiting()) <= LOW:
                self._bell.set()

        try:
            return await self._bot.send(flight.payload, begun)
        except Exception as error:  # noqa: BLE001  # a message that cannot be sent must not hold up the others
            log.error("a message could not be sent", recipient=flight.recipient.id, error=where(error))  # noqa: TRY400  # the message may be personal
            return (Lost if flight.begun else Refused)(type(error).__name__)

    def _prepare(self, preparing: Collection[Broadcast]) -> None:
        """Begin to prepare what is not being prepared yet."""
        for one in preparing:
            if one.id not in self._preparing and not self._stopping:
                self._preparing[one.id] = asyncio.create_task(self._prepared(one), name=f"preparing {one.id}")

    async def _prepared(self, one: Broadcast) -> None:
        try:
            await prepare(self._database, self._office, one)
        except Exception as error:  # noqa: BLE001  # what is written down is kept, and it goes on from there
            log.warning("a broadcast could not be prepared, trying again", broadcast=one.id, error=where(error))
            await asyncio.sleep(PAUSE)
        finally:
            del self._preparing[one.id]
            self._wrote()
            self.wake()


def _now() -> float:
    return asyncio.get_running_loop().time()
