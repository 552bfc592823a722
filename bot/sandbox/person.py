"""Somebody at a phone, for tests: acts as a person does, and waits for what the bot says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.sandbox import acts
from bot.sandbox.chats import Chat, Message, Toast
from bot.sandbox.seen import Seen, Visible
from bot.sandbox.world import World

T = TypeVar("T")

PATIENCE = 10.0  # seconds to wait for what a test expects


class Person:
    """Somebody with the chat open.

    Acts return the own message they left; one that Telegram's app would not allow raises AssertionError with the chat.
    """

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self._chat = chat
        self._acted = world.tick

    @property
    def id(self) -> int:
        """The Telegram id, which is the chat's id too."""
        return self._chat.id

    @property
    def name(self) -> str:
        """The first name on Telegram."""
        return self._chat.user.called

    @property
    def phone(self) -> str:
        """The own phone number, as a shared contact carries it."""
        return self._chat.user.phone

    @property
    def chat(self) -> Visible:
        """What is on the screen now."""
        return Visible(self._chat, self._world.files)

    @property
    def toasts(self) -> list[Toast]:
        """What answers to button presses showed over the chat, oldest first."""
        return self._chat.toasts

    def has_started(self) -> None:
        """Have started the bot long ago: it may write to this person."""
        self._chat.started = True

    async def start(self, payload: str = "") -> Seen:
        """Press START, or open the link t.me/<bot>?start=<payload>."""
        return self._does(lambda: acts.start(self._world, self._chat, payload))

    async def says(self, text: str) -> Seen:
        """Send a text."""
        return self._does(lambda: acts.say(self._world, self._chat, text))

    async def presses(self, label: str) -> None:
        """Press a button by its label: of the reply keyboard if it is there, else of the newest message that has it.

        Within one keyboard the label that equals `label` comes first, then one that contains it.
        """
        position = _among(self.chat.keyboard or [], label)
        if position is not None:
            self._does(lambda: acts.tap(self._world, self._chat, *position))
            return
        for message in reversed(self.chat.messages):
            place = _among([[button.label for button in row] for row in message.buttons], label)
            if place is not None:
                self._press(message, place)
                return
        raise AssertionError(f"There is no button {label!r}. {self.name} sees:\n{self.chat.transcript()}")

    async def presses_on(self, message: Seen, label: str) -> None:
        """Press a button of this very message, however old, as long as it shows it."""
        place = _among([[button.label for button in row] for row in message.buttons], label)
        if place is None or message.deleted:
            raise AssertionError(f"{message!r} shows no button {label!r}. {self.name} sees:\n{self.chat.transcript()}")
        self._press(message, place)

    async def presses_raw(self, data: str) -> None:
        """Send button data that no message may show, as a forged app could."""
        self._acts(lambda: acts.press_raw(self._world, self._chat, data))

    async def shares_contact(self) -> Seen:
        """Send the own contact."""
        return self._does(lambda: acts.share_contact(self._world, self._chat))

    async def shares_contact_of(self, phone: str, name: str = "Tetangga") -> Seen:
        """Send somebody else's contact from the address book."""
        return self._does(lambda: acts.share_contact(self._world, self._chat, phone, name))

    async def edits(self, message: Seen, text: str) -> Seen:
        """Change an own text message."""
        return self._does(lambda: acts.edit(self._world, self._chat, message.id, text))

    async def sends_photo(self, picture: bytes | None = None, caption: str = "") -> Seen:
        """Send a picture."""
        return self._does(lambda: acts.send_photo(self._world, self._chat, picture, caption))

    async def sends_document(self, name: str = "berkas.pdf", content: bytes = b"%PDF-1.4") -> Seen:
        """Send a file."""
        return self._does(lambda: acts.send_document(self._world, self._chat, name, content))

    async def sends_sticker(self, emoji: str = "👍") -> Seen:
        """Send a sticker."""
        return self._does(lambda: acts.send_sticker(self._world, self._chat, emoji))

    async def sends_voice(self) -> Seen:
        """Send a voice message."""
        return self._does(lambda: acts.send_voice(self._world, self._chat))

    async def sends_location(self) -> Seen:
        """Send a place."""
        return self._does(lambda: acts.send_location(self._world, self._chat))

    async def forwards(self, text: str, origin: str = "Grup RT") -> Seen:
        """Pass on a text of somebody else."""
        return self._does(lambda: acts.forward(self._world, self._chat, text, origin))

    async def blocks(self) -> None:
        """Block the bot."""
        self._acts(lambda: acts.block(self._world, self._chat))

    async def unblocks(self) -> None:
        """Let the bot write again."""
        self._acts(lambda: acts.unblock(self._world, self._chat))

    async def waits(self, until: Callable[[Visible], object], within: float = PATIENCE) -> None:
        """Wait until `until(chat)` holds; raises AssertionError with the transcript after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                while not until(self.chat):
                    await self._chat.bell.rung()
        except TimeoutError:
            raise AssertionError(f"Nothing after {within:g} s. {self.name} sees:\n{self.chat.transcript()}") from None

    async def hears(self, fragment: str, *, ever: bool = False, within: float = PATIENCE) -> Seen:
        """Wait until a visible message of the bot contains `fragment`, and return the newest that does.

        Only what was sent or edited after this person's last act counts, unless `ever`.
        """
        since = -1 if ever else self._acted

        def found(chat: Visible) -> Seen | None:
            return next((each for each in reversed(chat.messages) if _says(each, fragment, since)), None)

        try:
            await self.waits(found, within)
        except AssertionError as error:
            raise AssertionError(f"{fragment!r} was not heard. {error}") from None
        heard = found(self.chat)
        assert heard is not None  # noqa: S101 - nothing ran in between
        return heard

    async def gets_toast(self, fragment: str = "", within: float = PATIENCE) -> Toast:
        """Wait until a press was answered with a toast or alert that contains `fragment`, after the last act."""

        def found() -> list[Toast]:
            return [each for each in self.toasts if each.tick > self._acted and fragment in each.text]

        await self.waits(lambda _: found(), within)
        return found()[-1]

    def _press(self, message: Seen, place: tuple[int, int]) -> None:
        self._acts(lambda: acts.press(self._world, self._chat, message.id, *place))

    def _does(self, act: Callable[[], Message]) -> Seen:
        return Seen(self._acts(act), self._world.files)

    def _acts(self, act: Callable[[], T]) -> T:
        try:
            done = act()
        except acts.Impossible as error:
            raise AssertionError(f"{error} {self.name} sees:\n{self.chat.transcript()}") from error
        self._acted = self._world.tick
        return done


def _says(message: Seen, fragment: str, since: int) -> bool:
    return message.sender == "bot" and message.tick > since and fragment in message.plain


def _among(rows: Sequence[Sequence[str]], label: str) -> tuple[int, int] | None:
    """Row and column of the button called `label`, else of the first that contains it."""
    places = [(row, column) for row, labels in enumerate(rows) for column, _ in enumerate(labels)]
    for matches in (lambda shown: shown == label, lambda shown: label.casefold() in shown.casefold()):
        for row, column in places:
            if matches(rows[row][column]):
                return row, column
    return None
