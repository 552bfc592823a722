"""The people of the benchmark: workers who register from consent to "send", and people who chat with the echo.

Each answers the newest question on the screen, as a person does, but at once. The NIKs belong to nobody: their serials
are from the range that tests own.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count

from peers.form import QUESTIONS

from bot.sandbox.client import Person, Sandbox
from bot.sandbox.seen import Seen

VILLAGES = tuple(f"v-331903{number}" for number in range(2001, 2011))  # posters in the district of Jati, Kudus
SEED = 20261120
PATIENCE = 120.0  # seconds after which an answer counts as lost
CHATTED = 8  # rounds of one text and one press: about as many updates as a registration has
TYPED = {"name": "Slamet Riyadi", "address": "Jl. Mawar No. 12, RT 03 RW 02"}
PRESSED = {
    "consent": "agree",
    "nik_right": "yes",
    "employer": "no",
    "payer": "self",
    "tier": "basic",
    "months": "12",
    "summary": "send",
}

Test = Callable[[Seen], bool]


class Crowd:
    """Makes people who visit the bot, and notes how long each answer took (`replies`, in seconds).

    They read each answer for `pause` seconds on average, by chance more or less, and wait `patience` seconds for one.
    """

    def __init__(self, sandbox: Sandbox, pause: float = 0.0, patience: float = PATIENCE) -> None:
        self.sandbox, self.pause, self.patience = sandbox, pause, patience
        self._chance = random.Random(SEED)  # noqa: S311  # patience, not secrets
        self.replies: list[float] = []
        self._numbers = count()

    async def registers(self, answers: int | None = None) -> None:
        """Let one new worker register; raises AssertionError with the chat when the bot falls silent.

        With a number of `answers`, the worker gives no more and leaves the conversation open.
        """
        number = next(self._numbers)
        worker = self.sandbox.person(f"Worker {number}")
        shown = await self._answered(worker, worker.start(VILLAGES[number % len(VILLAGES)]))
        given = 0
        while not _is_done(shown) and given != answers:
            given += 1
            shown = await self._answered(worker, _answer(worker, shown, nik(number)))

    async def chats(self) -> None:
        """Let somebody new send the echo a few texts and press what it answers with."""
        person = self.sandbox.person(f"Person {next(self._numbers)}")
        await self._answered(person, person.start())
        await self._answered(person, person.presses("Again"))
        for _ in range(CHATTED - 1):
            await self._answered(person, person.says("Good morning"))
            await self._answered(person, person.presses("Again"))

    async def fills(self) -> None:
        """Let somebody new fill in the form that the peers ask."""
        number = next(self._numbers)
        person = self.sandbox.person(f"Person {number}")
        await self._answered(person, person.start(), _is_said)
        for name, _question, options in QUESTIONS:
            typed = nik(number) if name == "nik" else "Slamet Riyadi"
            act = person.presses(options[0]) if options else person.says(typed)
            await self._answered(person, act, _is_said)

    async def _answered(self, person: Person, act: Awaitable[object], is_answer: Test | None = None) -> Seen:
        """Act, and return the message by which the bot answers, noting how long that took."""
        begun = time.perf_counter()
        await act
        since = self.sandbox.world.tick
        heard: list[Seen] = []
        fits = is_answer or _is_answer

        def answers() -> bool:
            heard[:] = [each for each in person.chat.messages if each.tick > since and fits(each)]
            return bool(heard)

        await person.waits(lambda _chat: answers(), self.patience)
        self.replies.append(time.perf_counter() - begun)
        if self.pause:
            await asyncio.sleep(self.pause * self._chance.uniform(0.5, 1.5))
        return heard[-1]


def nik(number: int) -> str:
    """Return a NIK of Jati, Kudus, for a grown-up; another one for each number below two million."""
    born = date(1970, 1, 1) + timedelta(days=number // 1000 % 10_000)
    return f"331903{born:%d%m%y}{9000 + number % 1000}"


def _is_answer(message: Seen) -> bool:
    """Tell whether this is what somebody waits for: the next question, the end, or the echo. A tidied message is not."""
    return message.sender == "bot" and (bool(message.labels or message.keyboard) or message.plain == "You pressed.")


def _is_said(message: Seen) -> bool:
    """Tell the same of a peer that says nothing else."""
    return message.sender == "bot"


def _is_done(message: Seen) -> bool:
    return any((button.data or "").startswith("s|") for row in message.buttons for button in row)


def _answer(worker: Person, question: Seen, own_nik: str) -> Awaitable[object]:
    """Answer a question; its buttons say which one it is (flow, step, option and version)."""
    if question.keyboard:
        return worker.shares_contact()
    buttons = [(button, (button.data or "").split("|")) for row in question.buttons for button in row]
    step = buttons[0][1][2]
    offered = {data[3]: button for button, data in buttons}
    if step == "nik":
        return worker.says(own_nik)
    if step in TYPED:
        return worker.says(TYPED[step])
    if step == "occupation" and "page-0" not in offered:  # the whole list; a search leads back to it
        return worker.says("ngojek")
    button = offered[PRESSED[step]] if step in PRESSED else next(iter(offered.values()))
    return worker.presses_on(question, button.label)
