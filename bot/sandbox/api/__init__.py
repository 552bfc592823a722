"""The Bot API's methods by name, and one call of one of them: faults, limits, the method, the log."""

from __future__ import annotations

import inspect
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.sandbox.api import editing, presenting, receiving, sending
from bot.sandbox.bell import Bell
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.limits import TELEGRAM, Limits, Pace
from bot.sandbox.parameters import Parameters
from bot.sandbox.refusals import Refusal, blocked, deactivated, too_many_requests
from bot.sandbox.traffic import Traffic
from bot.sandbox.world import World

Method = Callable[[World, Parameters], object | Awaitable[object]]

SENDS: dict[str, Method] = {
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageMedia": editing.edit_message_media,
}
"""The methods that Telegram's limits count."""

OTHERS: dict[str, Method] = {
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
    "sendChatAction": sending.send_chat_action,
    "getUpdates": receiving.get_updates,
    "setWebhook": receiving.set_webhook,
    "deleteWebhook": receiving.delete_webhook,
    "getWebhookInfo": receiving.get_webhook_info,
    "getMe": presenting.get_me,
    "getChat": presenting.get_chat,
    "getFile": presenting.get_file,
    "setMyCommands": presenting.set_my_commands,
    "getMyCommands": presenting.get_my_commands,
    "deleteMyCommands": presenting.delete_my_commands,
    "setMyName": presenting.set_my_name,
    "getMyName": presenting.get_my_name,
    "setMyDescription": presenting.set_my_description,
    "getMyDescription": presenting.get_my_description,
    "setMyShortDescription": presenting.set_my_short_description,
    "getMyShortDescription": presenting.get_my_short_description,
    "setChatMenuButton": presenting.set_chat_menu_button,
    "getChatMenuButton": presenting.get_chat_menu_button,
}

_NAMES = {name.lower(): name for name in SENDS | OTHERS}  # Telegram ignores case
_CALLS_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call in the log: `at` in seconds of the monotonic clock on arrival, `status` as answered, 0 for no answer."""

    method: str
    chat: int | None
    at: float
    status: int
    inside_halt: bool = False


class NoAnswer(Exception):  # noqa: N818 - an ordered fault, not one of this program
    """The caller gets no answer: the connection is to break now, or (`hang`) never to say anything."""

    def __init__(self, *, hang: bool = False) -> None:
        super().__init__("no answer")
        self.hang = hang


class Api:
    """The imitated server: answers calls on `world` within `pace`, lets `faults` happen, keeps a log, and measures sends."""

    def __init__(self, world: World, limits: Limits | None = TELEGRAM) -> None:
        self.world = world
        self.pace = Pace(limits)
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=_CALLS_KEPT)
        self.traffic = Traffic()
        self.bell = Bell()  # rings after each call, before the bot has its answer

    async def call(self, method: str, parameters: Parameters) -> object:
        """The result of one call; raises Refusal for a no, NoAnswer when an ordered fault swallows the answer."""
        name = _NAMES.get(method.lower())
        if name is None:
            raise Refusal(404, "Not Found")
        at, halted, status = time.monotonic(), self.pace.halted, 0
        chat = _chat(parameters)
        try:
            result = await self._perform(name, chat, parameters)
            status = 200
        except Refusal as refusal:
            status = refusal.code
            raise
        finally:
            if name in SENDS:
                self.traffic.note(at, status)
            self.calls.append(Call(name, chat, at, status, inside_halt=halted and name in SENDS))
            self.bell.ring()
        return result

    async def _perform(self, name: str, chat: int | None, parameters: Parameters) -> object:
        fault = self.faults.take(name, chat, send=name in SENDS)
        if fault is not None:
            self._fail(*fault)
        if name in SENDS:
            self.pace.admit(chat or 0)
        result = (SENDS | OTHERS)[name](self.world, parameters)
        if inspect.isawaitable(result):
            result = await result
        if fault is not None:
            raise NoAnswer
        return result

    def _fail(self, fault: Fault, retry_after: int) -> None:
        """Raise what `fault` asks for; LOST passes, as its call is still to be done."""
        match fault:
            case Fault.TOO_MANY:
                self.pace.halt(retry_after)
                raise too_many_requests(retry_after)
            case Fault.BLOCKED:
                raise blocked()
            case Fault.DEACTIVATED:
                raise deactivated()
            case Fault.BROKEN:
                raise Refusal(500, "Internal Server Error")
            case Fault.TIMEOUT:
                raise NoAnswer(hang=True)
            case Fault.RESET:
                raise NoAnswer


def _chat(parameters: Parameters) -> int | None:
    try:
        return parameters.number("chat_id")
    except Refusal:
        return None
