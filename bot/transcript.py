"""Transcripts: a chat as text. One that is played again and comes out the same is a test.

A line begins with who acts (`pekerja: …`); what the bot does in that person's chat follows as `bot: …` (a new message),
`bot*: …` (one edited in place), `bot-: …` (a deleted one) and `bot!: …` (a line over the chat). Buttons stand in
brackets. A person's line is words (a backslash and n begin a line), a `[button]`, or one of the acts in `<>`, such as `<contact>`;
`<file daftar.csv>` sends that file of the `folder`. A line that begins with `@` sets the scene:
`@sponsor petugas 33.19.03.2007`, `@facilitator pendamping 33.19.03.2007`, `@programme code=kudus people=2 breadwinner`,
`@clock 61` (seconds), `@english pekerja`, `@admin`, `@verifier dinas 33.19 Dinas Perhubungan`,
`@waits joko 33.19.03.2007 ojek under kudus` (has registered before; `as ani`: with the NIK of another; `by bu`: was entered by somebody else, and has taken it over),
`@import kudus.toml` (one of the examples), `@news joko` (wants news),
`@covered joko 33.19.03.2007 ojek until 2026-12-31 kudus` (under that programme; without one, who pays alone), `@crowd 60 33.19.03.2007` (so many others who have
registered there and want news), `@blocked 8` (the next eight messages are to people who have blocked the bot). `@at 33.17`, as the first line, says which area the office serves.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot import rounds, scenes
from bot.app import App
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import Fault
from bot.sandbox.seen import Seen

NUMBER = re.compile(r"\b[34679ACDEFGHJKMNPQRTWXY]{3}-[34679ACDEFGHJKMNPQRTWXY]{4}\b")
PASSWORD = re.compile(r"\b[34679ACDEFGHJKMNPQRTWXY]{4}(-[34679ACDEFGHJKMNPQRTWXY]{4}){3}\b")
CHECKSUM = re.compile(r"\b[0-9a-f]{16}\b")  # of a hand-over's file, its first signs
LINK = re.compile(r"start=([ic]-[\w-]+)")  # of an invitation, or of a claim
LINK_NAMES = {"i": "‹undangan›", "c": "‹tautan›"}

FILE = re.compile(r"<file ([\w.-]+)>")

ACTS: dict[str, Callable[[Person], Awaitable[object]]] = {
    "<contact>": lambda person: person.shares_contact(),
    "<contact of another>": lambda person: person.shares_contact_of("+6281100009999"),
    "<photo>": lambda person: person.sends_photo(),
    "<document>": lambda person: person.sends_document(),
    "<sticker>": lambda person: person.sends_sticker(),
    "<voice>": lambda person: person.sends_voice(),
    "<location>": lambda person: person.sends_location(),
    "<forward>": lambda person: person.forwards("Pesan berantai"),
}


class StageClock:
    """A clock that moves only when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Transcript:
    """Plays people's lines against a running bot and writes down what each of them sees."""

    sandbox: Sandbox
    app: App
    admin: Person
    clock: StageClock | None = None
    folder: Path = Path()
    cast: dict[str, Person] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    _seen: int = 0
    _links: dict[str, str] = field(default_factory=dict)  # the last one made of each kind
    _shown: dict[int, set[int]] = field(default_factory=dict)

    async def play(self, script: str) -> str:
        """Play the people's lines of a transcript and return the whole of what happened, as a transcript."""
        for line in script.splitlines():
            if line.startswith("#"):
                self.lines.append(line)
            elif line.startswith("@"):
                await self._set(line)
            elif (who := line.partition(": ")[0]).isidentifier() and who != "bot":
                await self.act(who, line.partition(": ")[2])
        return "\n".join(self.lines) + "\n"

    async def act(self, who: str, line: str) -> None:
        """Let a person do what the line says, and write down what comes of it."""
        person = self._person(who)
        self.lines.append(f"{who}: {line}")
        if self.clock is not None:
            self.clock.pass_by(1)  # two things never happen at the same moment
        sent = await self._do(person, line)
        if isinstance(sent, Seen):
            self._shown.setdefault(person.id, set()).add(sent.id)
        await self.hear()

    async def _do(self, person: Person, line: str) -> object:
        """Do what a line says; gives the message that was sent, where one was."""
        if line in ACTS:
            return await ACTS[line](person)
        if line.startswith("/start"):
            payload = line.removeprefix("/start").strip()
            return await person.start(self._links.get(payload, payload))
        if line.startswith("<edit> "):
            own = [message for message in person.chat.messages if message.sender == "user"]
            return await person.edits(own[-1], line.removeprefix("<edit> "))
        if (file := FILE.fullmatch(line)) is not None:
            content = await asyncio.to_thread((self.folder / file[1]).read_bytes)
            return await person.sends_document(file[1], content)
        if line.startswith("<old> "):
            label = line.removeprefix("<old> ").strip("[]")
            old = [one for one in person.chat.messages if any(label in shown for shown in one.labels)]
            await person.presses_on(old[0], label)
            return None
        if line.startswith("[") and line.endswith("]"):
            await person.presses(line[1:-1])
            return None
        return await person.says(line.replace("\\n", "\n"))

    async def hear(self) -> None:
        """Wait until everything is answered, and write down what changed in each chat."""
        await self.app.settled(self.sandbox.world.updates.count)
        for person in self.cast.values():
            self.lines += [self._anonymous(line) for line in self._news(person)]
        self._seen = self.sandbox.world.tick

    def _news(self, person: Person) -> Iterator[str]:
        """Return the lines for what changed in a chat since the last look."""
        known = self._shown.setdefault(person.id, set())
        visible = {message.id: message for message in person.chat.messages}
        gone = sorted(known - visible.keys())
        mark = "bot" if len(self.cast) == 1 else f"bot to {person.name.lower()}"
        for _message in gone:
            yield f"{mark}-: (a message is deleted)"
        for message in visible.values():
            if message.sender == "bot" and message.tick > self._seen:
                yield from _written(f"{mark}*" if message.id in known else mark, message)
        for toast in person.toasts:
            if toast.tick > self._seen:
                yield f"{mark}!: {toast.text}"
        self._shown[person.id] = set(visible)

    def _anonymous(self, line: str) -> str:
        """Replace what chance made, so that a transcript comes out the same each time."""
        if (made := LINK.search(line)) is not None:
            name = LINK_NAMES[made[1][0]]
            self._links[name] = made[1]
            line = line.replace(made[1], name)
        return CHECKSUM.sub("‹sidik›", PASSWORD.sub("‹sandi›", NUMBER.sub("‹nomor›", line)))

    def _person(self, who: str) -> Person:
        return self.cast.get(who) or self.cast.setdefault(who, self.sandbox.person(who.title()))

    async def _waits(self, who: str, area: str, work: str, more: dict[str, str]) -> None:
        """Let somebody wait who has registered before; `under` a programme, with the NIK of another (`as`), or entered by another (`by`)."""
        if self.clock is not None:
            self.clock.pass_by(1)
        twin = more.get("as")
        nik = None if twin is None else f"331903050590{9000 + self._person(twin).id % 1000}"
        self._person(who).has_started()
        by = self._person(more["by"]) if "by" in more else None
        await scenes.waits(self.app, self._person(who), area, work, programme=more.get("under"), nik=nik, by=by)

    async def _set(self, line: str) -> None:
        """Set the scene."""
        self.lines.append(line)
        match line[1:].split():
            case ["clock", seconds] if self.clock is not None:
                self.clock.pass_by(float(seconds))
                await rounds.make(self.app.database, self.app.office)
                self.app.sender.wake()
                self.app.worker.wake()
                await self.hear()
            case ["english", who]:
                self.cast[who] = self.sandbox.person(who.title(), language="en")
            case ["admin"]:
                self.cast["admin"] = self.admin
            case ["at", area] if area == self.app.office.area:
                pass  # whoever set the stage has read it
            case ["import", file]:
                await scenes.take_in(self.app, file)
            case ["programme", *words]:
                await scenes.found(self.app, dict(word.partition("=")[::2] for word in words))
            case ["sponsor" | "facilitator" | "admin" as role, who, area]:
                await scenes.grant(self.app, self._person(who), role, area)
            case ["verifier", who, area, *department]:
                self._person(who).has_started()
                await scenes.grant(self.app, self._person(who), "verifier", area, " ".join(department))
            case ["waits", who, area, work, *more]:
                await self._waits(who, area, work, dict(zip(more[::2], more[1::2], strict=True)))
            case ["covered", who, area, work, "until", day, *under]:
                self._person(who).has_started()
                await scenes.covered(
                    self.app, self._person(who), area, work, date.fromisoformat(day), programme="".join(under) or None
                )
            case ["crowd", size, area]:
                await scenes.crowd(self.app, int(size), area, self.sandbox.person)
            case ["news", who]:
                await scenes.wants_news(self.app, self._person(who))
            case ["blocked", times]:
                self.sandbox.faults.fail_next("sendMessage", int(times), Fault.BLOCKED)
            case _:
                raise ValueError(line)


def _written(mark: str, message: Seen) -> Iterator[str]:
    sent = "(picture) " if message.picture else f"(file {message.file_name}) " if message.file_name else ""
    first, *rest = (sent + message.plain).splitlines() or [""]
    yield f"{mark}: {first}"
    yield from (f"  {line}".rstrip() for line in rest)
    yield from ("  " + " ".join(f"[{button.label}]" for button in row) for row in message.buttons)
    yield from ("  ⌨ " + " ".join(f"[{label}]" for label in row) for row in message.keyboard or [])
