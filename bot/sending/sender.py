"""The sender: empties the outbox into the Bot API, within Telegram's limits, and settles what became of each letter.

Replies and notices are sent at least once: a letter whose outcome is lost is sent again. Outcomes are written down in
groups, together with the next claim.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
)

from bot.sending.calls import Calls, picture_key
from bot.sending.pace import Lane
from bot.sending.pacer import HaltedError, Pacer
from bot.watching.logs import where
from bot.watching.traces import calling
from handlers.office import Office
from storage import outbox, people, pictures
from storage.database import Database
from storage.outbox import Outcome, Posted, Priority
from storage.transaction import Transaction

log = structlog.get_logger("sender")

AT_ONCE = 30  # letters in flight
LEASE = timedelta(minutes=2)  # longer than any call, so that no letter is claimed twice
PATIENCE = (1, 2, 5, 15, 60, 300)  # seconds before a letter is tried again
TRIES = 30  # with the patience above, more than two hours
SOON = 0.5  # seconds after which it is looked at again when letters are on their way, for what has fallen due meanwhile
IDLE = 5.0  # seconds after which the outbox is looked at although nothing rang
UNPACED = {"answerCallbackQuery", "setMyCommands", "setMyDescription", "setMyShortDescription"}
LANES = {Priority.REPLY: Lane.REPLY, Priority.NOTICE: Lane.NOTICE}
DONE = ("message is not modified", "message to delete not found")  # it was sent before, and its outcome was lost


@dataclass(frozen=True, slots=True)
class Again:
    """A letter that is to be tried again in so many seconds."""

    letter: Posted
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A letter whose person cannot be written to any more."""

    letter: Posted


@dataclass(frozen=True, slots=True)
class Returned:
    """A letter that was not sent: it waits in the outbox again."""

    letter: Posted


Fate = Outcome | Again | Blocked | Returned


class Sender:
    """Sends until it is stopped."""

    def __init__(self, database: Database, bot: Bot, pacer: Pacer, office: Office) -> None:
        self._database, self._bot, self._pacer, self._clock = database, bot, pacer, office.clock
        self._flying: dict[asyncio.Task[Fate], Posted] = {}
        self._calling: set[int] = set()  # letters in flight that have had their turn
        self._unsure: list[
            tuple[list[int], datetime]
        ] = []  # claims of which it is not known whether they were committed
        self._bell = asyncio.Event()
        self._inheriting: asyncio.Event | None = None
        self._stopping = False
        self._until = IDLE
        self.calls = Calls(database, bot, pacer, office)
        self.idle = asyncio.Event()  # nothing is due and nothing is in flight

    def wake(self) -> None:
        """Say that letters were posted."""
        self.idle.clear()
        self._bell.set()

    async def inherit(self) -> None:
        """Return when what other senders had in hand waits to be sent again: all of them are gone."""
        self._inheriting = done = asyncio.Event()
        self.wake()
        await done.wait()

    def stop(self) -> None:
        """Let calls that have begun end, give back what waits for its turn, and claim nothing more."""
        self._stopping = True
        self._call_back()
        self._bell.set()

    async def run(self) -> None:
        """Send until stopped; a database that is away is waited for."""
        try:
            while not (self._stopping and not self._flying):
                self._bell.clear()
                try:
                    await self._round()
                except Exception as error:  # noqa: BLE001  # leases end by themselves, and letters are sent again
                    log.error("the outbox could not be read, trying again", error=where(error))  # noqa: TRY400  # the message may be personal
                    await asyncio.sleep(1)
                await self._wait()
        except asyncio.CancelledError:
            await self._cut_off()
            raise

    async def _cut_off(self) -> None:
        """Break off the calls in hand, and leave no letter that seems to be on its way."""
        self._stopping = True
        for task in self._flying:
            task.cancel()
        if self._flying:
            await asyncio.wait(self._flying)
            await self._round()

    def _call_back(self) -> None:
        """Give back the letters that still wait for their turn."""
        for task, letter in self._flying.items():
            if letter.id not in self._calling:
                task.cancel()

    async def _round(self) -> None:
        """Settle what has landed and let the next letters off, in one transaction."""
        landed = [task for task in self._flying if task.done()]
        inheriting = self._inheriting
        async with self._database.write(brief=True) as tx:
            now = self._clock()
            if inheriting is not None:
                await outbox.recover(tx, but=[letter.id for letter in self._flying.values()])
            for ids, until in self._unsure:
                await outbox.release(tx, ids, until)
            await self._settle(tx, [self._fate(task) for task in landed])
            halt = self._pacer.halted
            room = 0 if self._stopping or halt else AT_ONCE - len(self._flying) + len(landed)
            taken = await outbox.claim(tx, room, now, lease=LEASE) if room > 0 else []
            in_hand = {
                letter.id for letter in self._flying.values()
            }  # a clock set forward ends their lease, not their call
            letters = [letter for letter in taken if letter.id not in in_hand]
            known = {key: await pictures.known(tx, key) for letter in letters if (key := picture_key(letter))}
            due = await self._next(tx, now, room - len(letters), claimed=bool(letters))
            if letters:
                self._unsure.append(([letter.id for letter in letters], now + LEASE))
        self._unsure.clear()
        if inheriting is not None:
            self._inheriting = None
            inheriting.set()
        for task in landed:
            self._calling.discard(self._flying.pop(task).id)
        for letter in letters:
            self._flying[asyncio.create_task(self._watched(letter, known))] = letter
        self._until = halt or min(IDLE, max(0.0, (due - now).total_seconds()))
        if not self._flying and not letters and due > now and not self._bell.is_set():
            self.idle.set()
        else:
            self.idle.clear()

    async def _next(self, tx: Transaction, now: datetime, room: int, *, claimed: bool) -> datetime:
        """Say when to look again, if nothing lands and nothing is posted before.

        Without room there is nothing to look for. With room left, all that was due has been claimed, and in no time its
        landing makes a round: what falls due is asked for only when nothing was.
        """
        if room <= 0:
            return now + timedelta(seconds=IDLE)
        if claimed:
            return now + timedelta(seconds=SOON)
        return await outbox.next_due(tx) or now + timedelta(seconds=IDLE)

    async def _wait(self) -> None:
        """Wait until something lands, something is posted, or a letter falls due."""
        if any(task.done() for task in self._flying) or (self._stopping and not self._flying):
            return
        bell = asyncio.create_task(self._bell.wait())
        await asyncio.wait({bell, *self._flying}, timeout=self._until, return_when=asyncio.FIRST_COMPLETED)
        bell.cancel()

    async def _settle(self, tx: Transaction, fates: list[Fate]) -> None:
        now = self._clock()
        outcomes: list[Outcome] = []
        for fate in fates:
            match fate:
                case Outcome():
                    outcomes.append(fate)
                case Again(letter, seconds, reason):
                    await outbox.postpone(tx, letter.id, now + timedelta(seconds=seconds), reason)
                case Blocked(letter):
                    await people.reachable(tx, letter.chat_id, yes=False, now=now)
                    outcomes.append(Outcome(letter.id, "failed", reason=outbox.BLOCKED))
                case Returned(letter):
                    await outbox.release(tx, [letter.id])
        if outcomes:
            await outbox.settle(tx, outcomes, now)

    def _fate(self, task: asyncio.Task[Fate]) -> Fate:
        """Return what became of a letter; one whose call was broken off goes again."""
        return Returned(self._flying[task]) if task.cancelled() else task.result()

    async def _watched(self, letter: Posted, known: dict[str, str | None]) -> Fate:
        """Send a letter, and let what becomes of it be seen from outside."""
        with calling(letter.method, LANES[letter.priority], letter.ticket) as call:
            fate = await self._sent(letter, known)
            call.result = _result(fate)
        return fate

    async def _sent(self, letter: Posted, known: dict[str, str | None]) -> Fate:
        """Make the call and say what became of it. Raises nothing but the CancelledError of a letter called back."""

        async def turn() -> None:
            if letter.method not in UNPACED:
                await self._pacer.turn(letter.chat_id, LANES[letter.priority])
            self._calling.add(letter.id)

        try:
            return Outcome(letter.id, "sent", message_id=await self.calls.make(letter, known, turn))
        except HaltedError:
            return Returned(letter)
        except TelegramRetryAfter as halt:
            await self._pacer.halt(halt.retry_after)
            return Again(letter, halt.retry_after, "halted")
        except TelegramForbiddenError:
            return Blocked(letter)
        except (TelegramBadRequest, TelegramNotFound) as refused:
            return self._refused(letter, refused)
        except (TelegramNetworkError, TelegramServerError, RestartingTelegram, TimeoutError, OSError) as error:
            return self._later(letter, error)
        except Exception as error:  # noqa: BLE001  # a letter that cannot be made must not hold up the others
            log.error("a letter could not be made", ticket=letter.ticket, error=where(error))  # noqa: TRY400  # likewise
            return Outcome(letter.id, "failed", reason=type(error).__name__)

    def _refused(self, letter: Posted, refused: TelegramAPIError) -> Fate:
        if any(reason in refused.message.lower() for reason in DONE):
            return Outcome(letter.id, "sent")
        if letter.method not in {"deleteMessage", "answerCallbackQuery", "editMessageReplyMarkup"}:
            log.warning(
                "a letter was refused", ticket=letter.ticket, method=letter.method, error=type(refused).__name__
            )
        return Outcome(letter.id, "failed", reason="refused")

    def _later(self, letter: Posted, error: Exception) -> Fate:
        reason = type(error).__name__
        if letter.attempts >= TRIES:
            return Outcome(letter.id, "failed", reason=reason)
        wait = PATIENCE[min(letter.attempts, len(PATIENCE) - 1)]
        log.warning("a letter did not get through, trying again", ticket=letter.ticket, error=reason, seconds=wait)
        return Again(letter, wait, reason)


def _result(fate: Fate) -> str:
    """Name what became of a letter."""
    match fate:
        case Outcome(state=state):
            return state
        case Again():
            return "again"
        case Blocked():
            return "blocked"
        case Returned():
            return "returned"
