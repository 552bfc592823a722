"""The promise: of each call it is known whether it arrived, surely did not, or may have; and no tick of the clock is lost."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from bot.sandbox.acts import drawn
from bot.sandbox.client import Person, Sandbox
from bot.sandbox.faults import SENDS, Fault
from bot.sandbox.parameters import Upload
from bot.sending.broadcast_bot import (
    UNANSWERED,
    Blocked,
    BroadcastBot,
    Delivered,
    Halted,
    Lost,
    NotSent,
    Refused,
    Result,
    clock,
)
from bot.sending.pace import UNLIMITED, Lane, Pace
from bot.sending.pacer import HaltedError, Pacer
from bot.watching import logs

WIB = ZoneInfo("Asia/Jakarta")
BUTTONS = {"inline_keyboard": [[{"text": "Bayar di mana?", "callback_data": "s|siar|where|1"}]]}
SECRET = "Kenarijati"  # a name, in a message


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Serve a world without sending limits."""
    async with Sandbox.start(limits=None) as served:
        yield served


@pytest.fixture
async def ani(sandbox: Sandbox) -> Person:
    """Return somebody who has started the bot."""
    person = sandbox.person("Ani")
    await person.start()
    return person


@pytest.fixture
def pacer() -> Pacer:
    """Return a pacer that holds nobody up."""
    return Pacer(UNLIMITED)


@pytest.fixture
async def bot(sandbox: Sandbox, pacer: Pacer) -> AsyncIterator[BroadcastBot]:
    """Talk to the sandbox as python-telegram-bot does."""
    async with BroadcastBot(sandbox.token, sandbox.url + "/", pacer, answer_within=0.5) as talking:
        yield talking


def text(chat: int, words: str = f"Halo <b>{SECRET}</b>", **more: object) -> dict[str, object]:
    """Return a message as it is made for a recipient."""
    return {"method": "sendMessage", "chat_id": chat, "text": words, "parse_mode": "HTML", **more}


async def send(bot: BroadcastBot, payload: dict[str, object]) -> Result:
    """Send a message whose turn comes for sure."""
    begun: list[bool] = []
    result = await bot.send(payload, lambda: begun.append(True))
    assert begun == [True]
    return result


async def test_a_message_with_a_button(bot: BroadcastBot, ani: Person, sandbox: Sandbox) -> None:
    """Text, markup and button arrive as they were made, under the id that is told, by one call and no other."""
    result = await send(bot, text(ani.id, reply_markup=BUTTONS))
    seen = await ani.hears(SECRET)
    assert result == Delivered(seen.id)
    assert (seen.text, seen.labels) == (f"Halo <b>{SECRET}</b>", ["Bayar di mana?"])
    assert [call.method for call in sandbox.calls] == ["sendMessage"]


async def test_a_picture_with_words(bot: BroadcastBot, ani: Person, sandbox: Sandbox) -> None:
    """A picture is sent by the id that Telegram gave it, with its caption."""
    kept = sandbox.world.files.add_photo(Upload("poster.png", "image/png", drawn()))
    payload = {"method": "sendPhoto", "chat_id": ani.id, "photo": kept.id, "caption": "Lihat <i>ini</i>"}
    assert isinstance(await send(bot, {**payload, "parse_mode": "HTML", "reply_markup": BUTTONS}), Delivered)
    assert (await ani.hears("Lihat ini")).labels == ["Bayar di mana?"]


@pytest.mark.parametrize(
    ("fault", "result", "arrives"),
    [
        (Fault.BLOCKED, Blocked("blocked"), False),
        (Fault.DEACTIVATED, Blocked("deactivated"), False),
        (Fault.TOO_MANY, Halted(7), False),
        (Fault.BROKEN, Lost("NetworkError"), False),
        (Fault.TIMEOUT, Lost("ReadTimeout"), False),
        (Fault.RESET, Lost("RemoteProtocolError"), False),
        (Fault.LOST, Lost("RemoteProtocolError"), True),
    ],
)
async def test_faults(
    bot: BroadcastBot, ani: Person, sandbox: Sandbox, fault: Fault, result: Result, *, arrives: bool
) -> None:
    """Each way to fail ends in what is known of it; nothing is tried again, and the next message is not affected."""
    sandbox.faults.fail_next(SENDS, 1, fault, retry_after=7)
    assert await send(bot, text(ani.id)) == result
    assert len([call for call in sandbox.calls if call.method == "sendMessage"]) == 1
    assert any(message.sender == "bot" for message in ani.chat.messages) is arrives
    if fault is not Fault.TOO_MANY:
        assert isinstance(await send(bot, text(ani.id)), Delivered)


@pytest.mark.parametrize(
    ("wrong", "result"),
    [
        ({"chat_id": 999_999_999}, Blocked("chat not found")),
        ({"text": "Halo <b>"}, Refused("markup")),
        ({"text": "a" * 5_000}, Refused("too long")),
        ({"text": " "}, Refused("refused")),
        ({"method": "sendPhoto", "photo": "nosuchfile", "text": None}, Refused("picture")),
    ],
)
async def test_refusals(bot: BroadcastBot, ani: Person, wrong: dict[str, object], result: Result) -> None:
    """What Telegram does not take is told by its kind, in words of ours and not by quoting the message."""
    payload = {key: value for key, value in {**text(ani.id), **wrong}.items() if value is not None}
    assert await send(bot, payload) == result
    assert ani.chat.last is None or ani.chat.last.sender == "user"


async def test_a_call_that_got_stuck(bot: BroadcastBot, ani: Person, sandbox: Sandbox, pacer: Pacer) -> None:
    """A message that was long on its way counts for the pace from when it may have arrived, not from its turn."""
    sandbox.faults.fail_next(SENDS, 1, Fault.TIMEOUT)
    turns: list[float] = []
    await bot.send(text(ani.id), lambda: turns.append(time.monotonic()))
    async with pacer._book.opened() as (times, _now):
        assert times.booked[-1] >= turns[0] + 0.4


async def test_a_wrong_token_is_nobodys_fault(sandbox: Sandbox, ani: Person, pacer: Pacer) -> None:
    """When the token is not known any more, the message was not sent, and the recipient has nothing to do with it."""
    async with BroadcastBot("4200000009:nobody", sandbox.url, pacer) as bot:
        assert await send(bot, text(ani.id)) == NotSent("token")


async def test_nobody_listens(pacer: Pacer) -> None:
    """A connection that cannot be opened sends nothing, and is told as such."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with BroadcastBot("4200000001:canary", f"http://127.0.0.1:{taken.getsockname()[1]}", pacer) as bot:
            assert await send(bot, text(1)) == NotSent("ConnectError")


async def test_a_429_halts_everybody(bot: BroadcastBot, ani: Person, sandbox: Sandbox, pacer: Pacer) -> None:
    """After a 429 to a broadcast no reply gets a turn either, and the next message is not even tried."""
    sandbox.faults.fail_next(SENDS, 1, Fault.TOO_MANY, retry_after=100)
    await send(bot, text(ani.id))
    with pytest.raises(HaltedError):
        await pacer.turn(1, Lane.REPLY)
    result = await bot.send(text(ani.id), pytest.fail)
    assert isinstance(result, Halted)
    assert 99 < result.seconds <= 100
    assert sandbox.sent_inside_halt == 0


async def test_a_broadcast_is_no_conversation(bot: BroadcastBot, ani: Person, pacer: Pacer) -> None:
    """Messages of a broadcast take turns of their own lane, so they do not slow themselves down as replies would."""
    for _ in range(3):
        await send(bot, text(ani.id))
    async with pacer._book.opened() as (times, _now):
        assert times.chat_until == 0
        assert times.next_broadcast > 0


async def test_a_way_that_is_stuck(pacer: Pacer) -> None:
    """While Telegram answers nothing, no more than half a second's calls are let off, and the rest when it answers again."""
    waiting, arrived, free = 0, asyncio.Condition(), asyncio.Event()

    async def answer(_request: web.Request) -> web.Response:
        nonlocal waiting
        async with arrived:
            waiting += 1
            arrived.notify_all()
        await free.wait()
        return web.json_response(
            {"ok": True, "result": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}}
        )

    async with (
        serving(answer) as url,
        BroadcastBot("4200000001:canary", url, pacer) as bot,
        asyncio.TaskGroup() as group,
    ):
        begun: list[int] = []
        sent = [group.create_task(bot.send(text(chat), lambda: begun.append(1))) for chat in range(1, 41)]
        async with arrived:
            await arrived.wait_for(lambda: waiting >= UNANSWERED)
        let_off = len(begun)
        free.set()
    assert let_off == UNANSWERED
    assert [one.result() for one in sent] == [Delivered(1)] * 40


async def test_called_back_before_its_turn(sandbox: Sandbox, ani: Person) -> None:
    """A message that is called back while it waits has not begun, and nothing is sent."""
    pacer = Pacer(Pace(overall=1))
    await pacer.turn(ani.id, Lane.BROADCAST)
    async with BroadcastBot(sandbox.token, sandbox.url, pacer) as bot:
        waiting = asyncio.create_task(bot.send(text(ani.id), pytest.fail))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert list(sandbox.calls) == []


@asynccontextmanager
async def stammering(body: bytes, status: int) -> AsyncIterator[str]:
    """Serve a Bot API whose answers cannot be read."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, status=status)

    async with serving(answer) as url:
        yield url


@asynccontextmanager
async def serving(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Serve a Bot API that answers every call like this."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("status", [200, 502])
async def test_an_answer_that_cannot_be_read(pacer: Pacer, status: int) -> None:
    """Half an answer, or a proxy's page, leaves open whether the message arrived."""
    async with (
        stammering(b'{"ok": true, "result": {"message_id"', status) as url,
        BroadcastBot("4200000001:canary", url, pacer) as bot,
    ):
        assert isinstance(await send(bot, text(1)), Lost)


async def test_nothing_personal_is_logged(
    sandbox: Sandbox, ani: Person, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """However a call ends, no log holds the token, a name, or what was written."""
    logs.hush()
    caplog.set_level(logging.DEBUG)
    sandbox.faults.fail_next(SENDS, 1, Fault.TOO_MANY)
    async with stammering(f'{{"result": "{SECRET}'.encode(), 200) as stammer:
        for url in (sandbox.url, stammer, "http://127.0.0.1:1"):
            for fault in Fault:
                sandbox.faults.fail_next(SENDS, 1, fault)
                async with BroadcastBot(sandbox.token, url, Pacer(UNLIMITED), answer_within=0.2) as bot:
                    result = await send(bot, text(ani.id, SECRET))
                    assert SECRET not in repr(result)
                    assert sandbox.token not in repr(bot)
    heard = caplog.text + "".join(capsys.readouterr())
    assert [word for word in (sandbox.token, SECRET, str(ani.id)) if word in heard] == []


async def test_the_clock_ticks_at_once_and_again() -> None:
    """Work is done when the clock begins, and then again and again until it ends."""
    ticks, enough = list[float](), asyncio.Event()

    async def work() -> None:
        ticks.append(asyncio.get_running_loop().time())
        if len(ticks) == 3:
            enough.set()

    async with clock(work, 0.02, WIB):
        await enough.wait()
    assert ticks == sorted(ticks)


async def test_long_work_is_never_done_twice_at_once() -> None:
    """Ticks that come while work is in hand wait for it, and afterwards it goes on."""
    running = rounds = 0
    again = asyncio.Event()

    async def work() -> None:
        nonlocal running, rounds
        running, rounds = running + 1, rounds + 1
        assert running == 1
        if rounds == 1:
            await three_ticks()
        else:
            again.set()
        running -= 1

    async with clock(work, 0.01, WIB):
        await again.wait()


async def three_ticks() -> None:
    """Wait for as long as another clock of the same pace takes to tick three times."""
    left, over = 3, asyncio.Event()

    async def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            over.set()

    async with clock(count, 0.01, WIB):
        await over.wait()


async def test_work_that_fails_is_done_again(capsys: pytest.CaptureFixture[str]) -> None:
    """A tick that fails is logged without what went wrong in words, and the next one comes."""
    rounds, again = 0, asyncio.Event()

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise ValueError(SECRET)
        again.set()

    async with clock(work, 0.01, WIB):
        await again.wait()
    heard = capsys.readouterr().out
    assert "ValueError at" in heard
    assert SECRET not in heard
