"""Flights: when calls do not get through, fewer are made; one that does puts everything back."""

from __future__ import annotations

from bot.sending.broadcast_bot import Blocked, Delivered, Halted, Lost, NotSent
from bot.sending.flights import PATIENCE, TROUBLE, Way

LOST, WELL = Lost("reset"), Delivered(1)


def test_a_few_failures_change_nothing() -> None:
    """Faults that come one by one, with successes between, slow nothing down."""
    way = Way()
    for _again in range(20):
        way.note([LOST, NotSent("refused"), WELL], 0.0)
    way.note([LOST] * (TROUBLE - 1), 0.0)
    assert not way.blocked


def test_longer_and_longer_rests() -> None:
    """While nothing gets through, each further try waits longer, up to a minute; what a halt keeps back is no try."""
    way, now = Way(), 0.0
    way.note([LOST] * 40, now)  # all that was in the air when the network went
    for seconds in (*PATIENCE, PATIENCE[-1]):
        assert way.blocked
        assert way.rests(now + seconds - 0.1)
        now += seconds
        way.note([Halted(5)], now)
        assert not way.rests(now)
        way.note([NotSent("refused")], now)


def test_one_success_is_enough() -> None:
    """Any answer of Telegram shows that the way is open, also a refusal; later rests begin short again."""
    way = Way()
    for _again in range(4):
        way.note([LOST] * TROUBLE, 0.0)
    way.note([Blocked("blocked")], 100.0)
    assert not way.blocked
    way.note([LOST] * TROUBLE, 200.0)
    assert way.rests(200.0 + PATIENCE[0] - 0.1)
    assert not way.rests(200.0 + PATIENCE[0])
