"""People, their private chats with the bot, and the messages in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.bell import Bell

Json = dict[str, Any]
Sender = Literal["bot", "user"]

OLD = 48 * 3600  # seconds after which a message can no longer be deleted, nor a person's own be edited


@dataclass(frozen=True, slots=True)
class User:
    """Somebody on Telegram; `language` is the language of the app, `phone` digits with the country code, no plus.

    What follows " · " in the name is a note for who looks at the page: "Bu Lurah · petugas desa" is Bu Lurah on Telegram.
    """

    id: int
    name: str
    language: str
    phone: str = field(repr=False)

    @property
    def called(self) -> str:
        """The name on Telegram."""
        return self.name.partition(" · ")[0]

    def as_telegram(self) -> Json:
        """A User of the Bot API."""
        return {"id": self.id, "is_bot": False, "first_name": self.called, "language_code": self.language}


@dataclass(slots=True)
class Message:
    """One message. `content` holds text, entities or media as Bot API fields, `markup` any kind of reply markup.

    `source` is what the bot wrote before its HTML was read. `tick` is the world's count at the last change.
    """

    id: int
    sender: Sender
    date: int
    content: Json = field(repr=False)
    markup: Json | None = None
    source: str = field(default="", repr=False)
    edited: int | None = None
    deleted: bool = False
    tick: int = 0

    @property
    def plain(self) -> str:
        """The text or caption people read, without markup."""
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def inline(self) -> list[list[Json]]:
        """The rows of inline buttons below it."""
        rows: list[list[Json]] = (self.markup or {}).get("inline_keyboard", [])
        return rows


@dataclass(frozen=True, slots=True)
class Toast:
    """What answerCallbackQuery showed over the chat; an `alert` waits for a tap."""

    text: str
    alert: bool
    tick: int


@dataclass(slots=True)
class Chat:
    """The private chat of one user with the bot; its id is the user's id. `bell` rings on every change."""

    user: User
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    toasts: list[Toast] = field(default_factory=list, repr=False)
    keyboard: Message | None = field(default=None, repr=False)
    started: bool = False
    blocked: bool = False
    action: str | None = None
    menu_button: Json = field(default_factory=lambda: {"type": "commands"})
    tick: int = 0
    bell: Bell = field(default_factory=Bell, repr=False)

    @property
    def id(self) -> int:
        """The chat's id in the Bot API."""
        return self.user.id

    def as_telegram(self) -> Json:
        """A Chat of the Bot API."""
        return {"id": self.id, "type": "private", "first_name": self.user.called}

    def show_keyboard(self, message: Message) -> None:
        """Let the reply keyboard of a new message take the place of the last, or remove it."""
        markup = message.markup or {}
        if "keyboard" in markup:
            self.keyboard = message
        elif markup.get("remove_keyboard"):
            self.keyboard = None
