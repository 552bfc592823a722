"""A chat as its owner sees it, for tests: visible messages, buttons, and a transcript to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bot.sandbox.chats import Chat, Message, Sender
from bot.sandbox.files import Files

_MEDIA = {"photo": "foto", "document": "dokumen", "sticker": "stiker", "voice": "suara", "location": "lokasi",
          "contact": "kontak"}  # fmt: skip


class Button(NamedTuple):
    """An inline button: its label, and the data it sends or None when it opens `url`."""

    label: str
    data: str | None
    url: str | None = None


@dataclass(frozen=True)
class Seen:
    """One message as it is at the moment of asking. Ask `Visible` again for what it has become."""

    _message: Message
    _files: Files

    @property
    def id(self) -> int:
        """The message's id."""
        return self._message.id

    @property
    def sender(self) -> Sender:
        """Who wrote it: "bot" or "user"."""
        return self._message.sender

    @property
    def text(self) -> str:
        """What was written, with the bot's HTML as it sent it."""
        return self._message.source or self._message.plain

    @property
    def plain(self) -> str:
        """The text or caption as it is read."""
        return self._message.plain

    @property
    def caption(self) -> str | None:
        """The caption as it is read; None without one."""
        return self._message.content.get("caption")

    @property
    def buttons(self) -> list[list[Button]]:
        """The inline buttons, row by row."""
        return [
            [Button(each["text"], each.get("callback_data"), each.get("url")) for each in row]
            for row in self._message.inline
        ]

    @property
    def labels(self) -> list[str]:
        """The labels of all inline buttons."""
        return [button.label for row in self.buttons for button in row]

    @property
    def keyboard(self) -> list[list[str]] | None:
        """The labels of the reply keyboard that came with it; None without one."""
        rows = (self._message.markup or {}).get("keyboard")
        return None if rows is None else [[button["text"] for button in row] for row in rows]

    @property
    def picture(self) -> bytes | None:
        """The photo's bytes; None when it is no photo."""
        photo = self._message.content.get("photo")
        return self._files.get(photo[-1]["file_id"]).content if photo else None

    @property
    def document(self) -> bytes | None:
        """The document's bytes; None when it is no document."""
        document = self._message.content.get("document")
        return self._files.get(document["file_id"]).content if document else None

    @property
    def file_name(self) -> str | None:
        """The document's name; None when it is no document."""
        document = self._message.content.get("document")
        return document["file_name"] if document else None

    @property
    def edited(self) -> bool:
        """Whether its text was changed after sending."""
        return self._message.edited is not None

    @property
    def deleted(self) -> bool:
        """Whether it has vanished from the chat."""
        return self._message.deleted

    @property
    def tick(self) -> int:
        """The world's count when it last changed."""
        return self._message.tick

    def __repr__(self) -> str:
        return f"<message {self.id} of the {self.sender}>"

    def line(self) -> str:
        """Its part of the transcript; further lines of a text are indented under the first."""
        media = [f"({name})" for kind, name in _MEDIA.items() if kind in self._message.content]
        text = self.plain.replace("\n", "\n" + " " * (len(self.sender) + 2))
        buttons = " ".join(f"[{label}]" for label in self.labels)
        said = " ".join(filter(None, [*media, text]))
        return f"{self.sender}: {said}{'  ' + buttons if buttons else ''}"


@dataclass(frozen=True)
class Visible:
    """What is on the screen of one chat now."""

    _chat: Chat
    _files: Files

    @property
    def messages(self) -> list[Seen]:
        """The messages that have not been deleted, oldest first."""
        return [Seen(each, self._files) for each in self._chat.messages.values() if not each.deleted]

    @property
    def last(self) -> Seen | None:
        """The newest message of the bot."""
        return next((each for each in reversed(self.messages) if each.sender == "bot"), None)

    @property
    def keyboard(self) -> list[list[str]] | None:
        """The labels of the reply keyboard below the chat; None when there is none."""
        shown = self._chat.keyboard
        return Seen(shown, self._files).keyboard if shown else None

    @property
    def blocked(self) -> bool:
        """Whether its owner has blocked the bot."""
        return self._chat.blocked

    def transcript(self) -> str:
        """The chat as lines "user: …" and "bot: …  [button]", the reply keyboard last."""
        lines = [message.line() for message in self.messages]
        if self.keyboard:
            lines.append("keyboard: " + " ".join(f"[{label}]" for row in self.keyboard for label in row))
        return "\n".join(lines)
