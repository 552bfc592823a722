"""Telegram's sending limits and faults on order."""

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from hypothesis import given
from hypothesis import strategies as st
from sandbox_bot import client_of

from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import EVERY, SENDS, Fault
from bot.sandbox.limits import TELEGRAM, Pace
from bot.sandbox.refusals import Refusal


class Hands:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def test_thirty_a_second_pass_and_the_next_does_not() -> None:
    """Thirty chats in one second pass, the thirty-first gets a 429 and halts everything for its retry_after."""
    clock = Hands()
    pace = Pace(TELEGRAM, clock)
    for chat in range(30):
        pace.admit(chat)
    with pytest.raises(Refusal) as refusal:
        pace.admit(31)
    assert (refusal.value.code, refusal.value.retry_after) == (429, TELEGRAM.retry_after)
    clock.now += TELEGRAM.retry_after - 0.5
    with pytest.raises(Refusal):
        pace.admit(32)
    assert pace.sent_inside_halt == 1
    clock.now += 0.5
    pace.admit(32)


def test_a_chat_bursts_by_three_and_then_takes_one_a_second() -> None:
    """Three at once, then one each second, never a fourth at once."""
    clock = Hands()
    pace = Pace(TELEGRAM, clock)
    for _ in range(3):
        pace.admit(7)
    for _ in range(5):
        clock.now += 1.0
        pace.admit(7)
    with pytest.raises(Refusal):
        pace.admit(7)


@given(st.lists(st.floats(min_value=1 / 30, max_value=2), max_size=200))
def test_who_keeps_to_the_rules_is_never_refused(pauses: list[float]) -> None:
    """Any pace of at most thirty a second to different chats passes."""
    clock = Hands()
    pace = Pace(TELEGRAM, clock)
    for chat, pause in enumerate(pauses):
        clock.now += pause
        pace.admit(chat)


async def test_the_limits_hold_over_http() -> None:
    """The fourth message at once to one chat is refused, and a send inside the halt is counted and logged."""
    async with Sandbox.start() as sandbox, client_of(sandbox) as bot:
        ani = sandbox.person("Ani")
        await ani.start()
        for _ in range(3):
            await bot.send_message(ani.id, "Halo")
        for _ in range(2):
            with pytest.raises(TelegramRetryAfter) as refusal:
                await bot.send_message(ani.id, "Halo")
        assert refusal.value.retry_after == TELEGRAM.retry_after
        assert sandbox.sent_inside_halt == 1
        sends = [(call.chat, call.status, call.inside_halt) for call in sandbox.calls if call.method == "sendMessage"]
        assert sends == [(ani.id, 200, False)] * 3 + [(ani.id, 429, False), (ani.id, 429, True)]


async def test_faults_happen_as_often_as_ordered(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """A 403, a 500 and a broken connection each leave the chat untouched, and then all is well."""
    for fault, error in (
        (Fault.BLOCKED, TelegramForbiddenError),
        (Fault.BROKEN, TelegramServerError),
        (Fault.RESET, TelegramNetworkError),
    ):
        sandbox.faults.fail_next("sendMessage", 1, fault)
        with pytest.raises(error):
            await bot.send_message(ani.id, "Halo")
    assert ani.chat.last is None
    await bot.send_message(ani.id, "Halo")


async def test_an_ordered_429_halts_every_send(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """After it, sends are refused and counted until retry_after has passed, limits or not."""
    sandbox.faults.fail_next("sendMessage", 1, Fault.TOO_MANY, retry_after=7)
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter) as refusal:
            await bot.send_message(ani.id, "Halo")
    assert refusal.value.retry_after == 7
    assert sandbox.sent_inside_halt == 1


async def test_a_lost_answer_has_done_its_work(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """The connection breaks, but the message is in the chat."""
    sandbox.faults.fail_next(SENDS, 1, "lost")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ani.id, "Halo")
    assert (await ani.hears("Halo")).sender == "bot"


async def test_a_call_can_go_unanswered(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """A timeout never answers and does nothing, whatever the method."""
    sandbox.faults.fail_next(EVERY, 1, "timeout", chat=ani.id)
    waiting = asyncio.create_task(bot.send_message(ani.id, "Halo"))
    await sandbox.faults.bell.rung()
    assert not waiting.done()
    waiting.cancel()
    assert ani.chat.last is None


async def test_faults_strike_the_named_chat_only(sandbox: Sandbox, bot: Bot, ani: Person) -> None:
    """An order for one chat leaves the others alone, and clear takes it back."""
    budi = sandbox.person("Budi")
    await budi.start()
    sandbox.faults.fail_next("sendMessage", 9, "403", chat=budi.id)
    await bot.send_message(ani.id, "Halo")
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(budi.id, "Halo")
    sandbox.faults.clear()
    await bot.send_message(budi.id, "Halo")
