"""The state of the imitated Telegram: one bot, people, chats, messages, waiting updates, files. No HTTP here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.sandbox.bell import Bell
from bot.sandbox.chats import OLD, Chat, Message, Sender, Toast, User
from bot.sandbox.files import Files
from bot.sandbox.profile import Profile
from bot.sandbox.refusals import bad_request
from bot.sandbox.updates import PRESS_LIVES, Updates

Json = dict[str, Any]

TOKEN = "4200000001:sandbox-token-of-no-value"  # noqa: S105 - opens nothing but this imitation
_FIRST_USER = 7_000_000_001  # ids of people no longer fit 32 bits
_FIRST_LISTENER = 6_000_000_001  # likewise
_PHONE_OF_FIRST = 6281100009001


class Clock:
    """Unix time in seconds, which a test may move: `offset` is added to the real one."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self.offset = 0.0
        self._real = real

    def __call__(self) -> float:
        """The time now."""
        return self._real() + self.offset


@dataclass(slots=True)
class Press:
    """A button press that waits for answerCallbackQuery."""

    chat: Chat
    at: float
    answered: bool = False


@dataclass(slots=True)
class Hook:
    """Where updates are delivered to; no url means polling."""

    url: str = ""
    secret: str = field(default="", repr=False)
    max_connections: int = 40
    last_error: tuple[int, str] | None = None


class World:
    """Everything there is. `tick` counts changes; whoever looked at tick n can ask what changed since.

    `posters` hang where everybody can scan them (title: start payload), and `papers` gives what a person may type
    instead of real data (title: text), both for the chat page. `received` counts what the bot has sent to each chat, and `lost` are the listeners who have blocked it.
    `others` started it like listeners, under ids of their own.
    """

    def __init__(
        self, *, token: str = TOKEN, username: str = "sertakan_sandbox_bot", clock: Clock | None = None
    ) -> None:
        self.token = token
        self.clock = clock or Clock()
        self.bot = Profile(int(token.partition(":")[0]), username, {("name", ""): "Sertakan"})
        self.updates = Updates(self.clock)
        self.hook = Hook()
        self.files = Files()
        self.posters: dict[str, str] = {}
        self.papers: Callable[[int], dict[str, str]] = lambda _person: {}
        self.chats: dict[int, Chat] = {}
        self.listeners = range(_FIRST_LISTENER, _FIRST_LISTENER)
        self.lost: set[int] = set()
        self.others: set[int] = set()
        self.received: Counter[int] = Counter()
        self.presses: dict[str, Press] = {}
        self.bell = Bell()
        self.tick = 0
        self._message_ids = count(1)
        self._press_ids = count(4_510_000_000_000_001)

    @property
    def now(self) -> int:
        """The world's time in whole Unix seconds."""
        return int(self.clock())

    def add_user(self, name: str, language: str = "id", phone: str | None = None) -> Chat:
        """Somebody new, with a chat that has not been started; the phone number is made up unless given."""
        number = len(self.chats)
        user = User(_FIRST_USER + number, name, language, phone or str(_PHONE_OF_FIRST + number))
        chat = self.chats[user.id] = Chat(user)
        self.touch(chat)
        return chat

    def add_listeners(self, number: int) -> range:
        """So many more people who started the bot long ago and never write; returns the ids of all of them.

        Nothing of their chats is kept, so that a whole regency fits into memory.
        """
        self.listeners = range(_FIRST_LISTENER, self.listeners.stop + number)
        return self.listeners

    def chat(self, chat_id: int | None) -> Chat:
        """A chat the bot may know; raises Refusal unless its user has once started the bot."""
        if chat_id is not None and (chat_id in self.listeners or chat_id in self.others):
            return Chat(User(chat_id, "Pendengar", "id", ""), started=True, blocked=chat_id in self.lost)
        found = self.chats.get(chat_id or 0)
        if found is None or not found.started:
            raise bad_request("chat not found")
        return found

    def touch(self, chat: Chat, message: Message | None = None) -> None:
        """Note that `chat` (and `message` in it) changed, and wake who watches."""
        self.tick += 1
        chat.tick = self.tick
        if message is not None:
            message.tick = self.tick
        chat.bell.ring()
        self.bell.ring()

    def post(
        self, chat: Chat, sender: Sender, content: Json, *, markup: Json | None = None, source: str = ""
    ) -> Message:
        """Add a message to `chat`; its ids rise over all chats, as they do for a bot."""
        message = Message(next(self._message_ids), sender, self.now, content, markup, source)
        chat.messages[message.id] = message
        if sender == "bot":
            self.received[chat.id] += 1
            chat.action = None
            chat.show_keyboard(message)
        self.touch(chat, message)
        return message

    def delete(self, chat: Chat, message: Message) -> None:
        """Take a message away on both sides, with the reply keyboard it brought (as Telegram's apps do)."""
        message.deleted = True
        if chat.keyboard is message:
            chat.keyboard = None
        self.touch(chat, message)

    def old(self, message: Message) -> bool:
        """Whether 48 hours have passed since `message`."""
        return self.now - message.date > OLD

    def add_press(self, chat: Chat) -> str:
        """Open a callback query and return its id."""
        press_id = str(next(self._press_ids))
        self.presses[press_id] = Press(chat, self.clock())
        return press_id

    def answer_press(self, press_id: str, text: str, *, alert: bool) -> None:
        """Answer a callback query, once or again while it is young; raises Refusal when it is not known or too old."""
        press = self.presses.get(press_id)
        if press is None or self.clock() - press.at > PRESS_LIVES:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        press.answered = True
        if text:
            press.chat.toasts.append(Toast(text, alert, self.tick + 1))
        self.touch(press.chat)

    def as_telegram(self, chat: Chat, message: Message) -> Json:
        """A Message of the Bot API; reply keyboards are not part of it, inline ones are."""
        sender = self.bot.as_telegram() if message.sender == "bot" else chat.user.as_telegram()
        shown: Json = {"message_id": message.id, "from": sender, "chat": chat.as_telegram(), "date": message.date}
        shown |= message.content
        if message.edited:
            shown["edit_date"] = message.edited
        if message.inline:
            shown["reply_markup"] = {"inline_keyboard": message.inline}
        return shown
