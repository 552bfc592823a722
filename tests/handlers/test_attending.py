"""Attending: loading it gives every conversation an end, and every round and file somebody who sees to it."""

from __future__ import annotations

from conversations import FLOWS
from conversations.rules.campaigns import CAMPAIGNS
from handlers import attending, desk, rounds, turn


def test_every_conversation_has_an_end() -> None:
    """No form can be filled in that nobody would read."""
    assert attending.routers().sub_routers
    assert set(turn.ENDINGS) == set(FLOWS)


def test_every_round_and_reader_is_there() -> None:
    """What the office does by itself, and whose files it reads, is known once the screens are loaded."""
    assert {"digest", "escalation", "lapse", "promotion"} <= {*rounds.ROUNDS}
    reminders = {f"campaign:{one.code}" for one in CAMPAIGNS.values() if one.wordings}
    assert {*rounds.APART} == {"handovers", "unreachable"} | reminders
    assert {*desk.READERS} == {"neighbours", "return"}


def test_no_filter_takes_a_thread() -> None:
    """Every filter is a coroutine: aiogram gives any other to a thread, for each update and each router anew."""
    observers = [one for router in attending.routers().chain_tail for one in router.observers.values()]
    filters = [each for one in observers for handler in one.handlers for each in handler.filters or ()]
    assert len(filters) > 20
    assert all(each.awaitable for each in filters)
