"""Workers who register by what is on their screen: each looks at the newest question and answers it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.client import Person, Sandbox
from bot.sandbox.seen import Button, Seen

POSTER = "v-3319032007"  # the village 33.19.03.2007
PATIENCE = 90.0  # seconds; a guard, far beyond the usual
ANSWERS = 200

CHOICES = {
    "consent": "agree",
    "nik_right": "yes",
    "employer": "no",
    "payer": "self",
    "tier": "basic",
    "months": "1",
    "summary": "send",
}


@dataclass
class Applicant:
    """A made-up worker at a phone."""

    person: Person
    nik: str = field(repr=False)
    name: str
    address: str = "Jl. Mawar No. 12, RT 03 RW 02"

    @property
    def numbers(self) -> set[str]:
        """The numbers of the registrations on the screen."""
        data = [button.data or "" for message in self.person.chat.messages for button in _buttons(message)]
        return {each.rpartition("|")[2] for each in data if each.startswith("s|own|refresh|")}

    @property
    def question(self) -> tuple[Seen, str] | None:
        """The newest message that asks something, and the step it asks for."""
        for message in reversed(self.person.chat.messages):
            if message.sender == "bot" and message.keyboard and self.person.chat.keyboard:
                return message, "phone"
            data = [button.data or "" for button in _buttons(message)]
            steps = [each.split("|")[2] for each in data if each.startswith("t|")]
            if steps:
                return message, steps[0]
        return None

    async def registers(self) -> None:
        """Scan the poster, and answer until a registration is on the screen."""
        await self.person.start(POSTER)
        await self.finishes()

    async def finishes(self) -> None:
        """Answer what is asked until a registration is on the screen. Nothing is pressed or typed twice."""
        for _answer in range(ANSWERS):
            await self.person.waits(lambda _chat: self.numbers or self._asked_anew(), within=PATIENCE)
            if self.numbers:
                return
            await self.answers()
        raise AssertionError(f"No end of questions. {self.person.name} sees:\n{self.person.chat.transcript()}")

    async def reaches(self, step: str) -> None:
        """Scan the poster, and answer until this step is asked for."""
        await self.person.start(POSTER)
        await self.person.waits(lambda _chat: self._asked_anew())
        while self.question is not None and self.question[1] != step:
            await self.answers()
            await self.person.waits(lambda _chat: self._asked_anew())

    async def answers(self) -> None:
        """Answer the newest question, also once more; where there is none, do nothing."""
        if self.question is None:
            return
        message, step = self.question
        typed = {"nik": self.nik, "name": self.name, "address": self.address}
        if step in typed:
            await self.person.says(typed[step])
        elif step == "phone":
            await self.person.shares_contact()
        else:
            await self.person.presses_on(message, _option(message, step).label)

    def _asked_anew(self) -> bool:
        asked = self.question
        return asked is not None and asked[0].tick > self.person._acted


def applicants(sandbox: Sandbox, count: int) -> list[Applicant]:
    """Make workers, each with a NIK nobody has: the serials are from the range tests use."""
    return [
        Applicant(
            sandbox.person(f"Pekerja {number}"), f"331903{1 + number % 28:02}0590{9000 + number}", "Slamet Contoh"
        )
        for number in range(count)
    ]


def _buttons(message: Seen) -> list[Button]:
    return [button for row in message.buttons for button in row]


def _option(message: Seen, step: str) -> Button:
    """Return the button to press: the chosen option, or the first that is one."""
    options = {(button.data or "").split("|")[3]: button for button in _buttons(message)}
    chosen = CHOICES.get(step) or next(name for name in options if not name.startswith(("!", "page")))
    return options[chosen]
