"""Telegram's sending limits, faults on order and by chance, and what is measured of a bot's sending."""

import asyncio
from collections import Counter

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from hypothesis import given
from hypothesis import strategies as st
from sandbox_bot import client_of

from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import EVERY, SENDS, Fault, Faults
from bot.sandbox.limits import TELEGRAM, Limits, Pace
from bot.sandbox.refusals import Refusal
from bot.sandbox.traffic import Traffic


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
    assert (pace.exceeded, pace.sent_inside_halt) == (1, 1)
    clock.now += 0.5
    pace.admit(32)


def test_a_strict_server_begins_the_halt_anew() -> None:
    """Where it is strict, who sends in a halt waits the whole time again."""
    clock = Hands()
    pace = Pace(Limits(per_second=1, strict=True), clock)
    pace.admit(1)
    for _ in range(2):
        with pytest.raises(Refusal):
            pace.admit(2)
        clock.now += TELEGRAM.retry_after - 0.5
    assert pace.halted
    clock.now += 0.5
    pace.admit(2)


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


def test_faults_by_chance_come_in_their_shares() -> None:
    """About as many sends fail as were to, those of one seed at the same places; other calls do not, nor after a clear."""
    runs = []
    for _ in range(2):
        faults = Faults()
        faults.by_chance({Fault.BLOCKED: 0.2, Fault.BROKEN: 0.1}, seed=1)
        runs.append([faults.take("sendMessage", 7, send=True) for _ in range(1000)])
        assert 170 < faults.happened[Fault.BLOCKED] < 230
        assert 80 < faults.happened[Fault.BROKEN] < 120
        assert faults.take("getUpdates", None, send=False) is None
        faults.clear()
        assert not any(faults.take("sendMessage", 7, send=True) for _ in range(100))
    assert runs[0] == runs[1]


def test_traffic_tells_the_densest_second() -> None:
    """The most in any second is found, wherever it lies and however it was answered; the rate is that of the whole run."""
    traffic = Traffic()
    for number in range(20):
        traffic.note(100 + number, 200)
    for number in range(5):
        traffic.note(119.2 + number / 10, 429)
    assert (traffic.sends, traffic.densest) == (25, 6)
    assert traffic.statuses == Counter({200: 20, 429: 5})
    assert traffic.per_second == pytest.approx(24 / 19.6)


async def test_listeners_get_messages_and_nothing_of_them_is_kept(sandbox: Sandbox, bot: Bot) -> None:
    """Whoever only listens can be written to; what they got is counted, and that is all there is."""
    listeners = sandbox.world.add_listeners(200_000)
    assert len(listeners) == 200_000
    for _ in range(2):
        sent = await bot.send_message(listeners[-1], "<b>Halo</b>", parse_mode="HTML")
    assert (sent.text, sent.chat.id) == ("Halo", listeners[-1])
    assert sandbox.world.received == {listeners[-1]: 2}
    assert not sandbox.world.chats
    assert sandbox.api.traffic.sends == 2
