"""A visit: one update of one person, and the letters that answer it.

Handlers say and show; nothing is sent here. The letters go into the outbox in the same transaction as everything else
that the update changes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import structlog
from aiogram.types import CallbackQuery

from conversations.flow import Context
from conversations.words import Value
from handlers.office import Office
from locales import Words, words
from storage import people
from storage.drawer import Drawer
from storage.outbox import Letter, Priority
from storage.people import Person
from storage.transaction import Transaction

log = structlog.get_logger("visit")

TOAST = 200  # characters that Telegram shows over a chat


@dataclass(frozen=True, slots=True)
class Key:
    """An inline button: its label and what comes back when it is pressed, at most 64 bytes."""

    label: Value
    data: str


Keys = Sequence[Sequence[Key]]
Payload = dict[str, object]


def inline(reader: Words, keys: Keys) -> Payload:
    """Return the inline keyboard in the words of one language."""
    rows = [[{"text": reader.plain(key.label), "callback_data": key.data} for key in row] for row in keys if row]
    return {"inline_keyboard": rows}


def message(chat: int, reader: Words, text: Value, keys: Keys = ()) -> Payload:
    """Return the payload of a message."""
    payload: Payload = {
        "chat_id": chat,
        "text": reader(text),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if any(keys):
        payload["reply_markup"] = inline(reader, keys)
    return payload


@dataclass
class Visit:
    """One update of one person.

    `drawer` holds the person's conversations; `message` is the message that came, or the one whose button was pressed; `query` is the press to be answered;
    `name` is how the person is called in Telegram.
    """

    tx: Transaction
    office: Office
    now: datetime
    person: Person
    words: Words
    drawer: Drawer
    message: int | None = None
    query: str | None = None
    letters: list[Letter] = field(default_factory=list)
    toast: Value | None = None
    alert: bool = False
    name: str = field(default="", repr=False)
    _editable: bool = True

    @property
    def id(self) -> int:
        """The person's Telegram id, which is also the id of the private chat."""
        return self.person.telegram_id

    @property
    def today(self) -> date:
        """The calendar day at the operator's place."""
        return self.now.astimezone(self.office.zone).date()

    def context(self) -> Context:
        """Return what a conversation may know."""
        person, office = self.person, self.office
        return Context(
            now=self.now,
            today=self.today,
            areas=office.areas,
            area=office.area,
            operator=office.operator,
            contact=office.contact,
            nik_tries=person.tries if person.tries_on == self.today else 0,
            link_tries=person.link_tries if person.link_tries_on == self.today else 0,
            solved=office.solved,
        )

    def say(self, text: Value, keys: Keys = (), *, slot: str | None = None, fresh: bool = False) -> None:
        """Send a message. With a `slot`, edit the message that shows it; `fresh` sends a new one all the same."""
        self.post("sendMessage", message(self.id, self.words, text, keys), slot=slot, fresh=fresh)

    def show(self, text: Value, keys: Keys = ()) -> None:
        """Put the text in place of the message whose button was pressed; without a press, send it."""
        if self.query is None or self.message is None or not self._editable:
            self.say(text, keys)
            return
        self._editable = False
        payload = {**message(self.id, self.words, text, keys), "message_id": self.message}
        payload.setdefault("reply_markup", inline(self.words, ()))
        self.post("editMessageText", payload)

    def lay_aside(self) -> None:
        """Take the buttons off the message that was pressed; what follows is sent below it."""
        if self.query is not None and self.message is not None and self._editable:
            self._editable = False
            keyboard = {"chat_id": self.id, "message_id": self.message, "reply_markup": inline(self.words, ())}
            self.post("editMessageReplyMarkup", keyboard)

    def leave(self) -> None:
        """Leave the pressed message as it is; what follows is sent below it."""
        self._editable = False

    def forget(self, message_id: int) -> None:
        """Delete a message of the person's from the chat."""
        self.post("deleteMessage", {"chat_id": self.id, "message_id": message_id})

    def notify(self, text: Value, *, alert: bool = False) -> None:
        """Show a line over the chat in answer to a press; `alert` waits until it is put away."""
        self.toast, self.alert = text, alert

    def refuse(self, what: str, why: Value) -> None:
        """Answer an action that is not for this person, and note once that `what` was refused, never whose or whom."""
        log.info("refused", what=what)
        if self.query is None or len(self.words.plain(why)) > TOAST:
            self.say(why)
        else:
            self.notify(why, alert=True)

    def post(self, method: str, payload: Mapping[str, object], *, slot: str | None = None, fresh: bool = False) -> None:
        """Add a call to the letters of this visit."""
        self.letters.append(Letter(self.id, method, payload, slot=slot, fresh=fresh))

    def answered(self) -> list[Letter]:
        """Return all letters, the answer to the press first: it stops the button's spinner."""
        if self.query is None:
            return self.letters
        answer: Payload = {"callback_query_id": self.query}
        if self.toast is not None:
            answer |= {"text": self.words.plain(self.toast)[:TOAST], "show_alert": self.alert}
        return [Letter(self.id, "answerCallbackQuery", answer), *self.letters]

    async def speak(self, language: str) -> None:
        """Change the person's language, for this visit and all later ones."""
        await people.speaks(self.tx, self.id, language)
        self.person = replace(self.person, language=language)
        self.words = words(language)

    async def sign(self) -> None:
        """Keep the name of somebody who acts for others, so that the next one sees who it was."""
        await people.named(self.tx, self.id, self.name)

    async def write_to(
        self,
        others: Iterable[int],
        text: Value,
        keys: Keys = (),
        *,
        slot: str | None = None,
        ref: str | None = None,
        fresh: bool = False,
        due_at: datetime | None = None,
    ) -> None:
        """Write to other people, each in their own language; these wait behind replies."""
        for other in others:
            reader = words((await people.meet(self.tx, other, self.now)).language)
            payload = message(other, reader, text, keys)
            letter = Letter(other, "sendMessage", payload, Priority.NOTICE, slot, ref, fresh, due_at)
            self.letters.append(letter)


def pressed_on(screen: str) -> Callable[[CallbackQuery], Awaitable[bool]]:
    """Return the filter for the presses of a screen's buttons.

    A coroutine: aiogram hands every other filter to a thread, which costs more than all that the filter does.
    """

    async def pressed(press: CallbackQuery) -> bool:
        return (press.data or "").startswith(f"s|{screen}|")

    return pressed


def button(screen: str, action: str, subject: str = "") -> str:
    """Return the data of a screen's button; the buttons of a conversation begin with "t"."""
    return f"s|{screen}|{action}|{subject}"


def pressed_button(data: str | None) -> tuple[str, str]:
    """Return action and subject of a screen's button; empty ones where they are missing, as in forged data."""
    _kind, _screen, action, subject = [*(data or "").split("|", 3), "", "", "", ""][:4]
    return action, subject
