"""The words by which admins read of a broadcast: its stages, what becomes of messages, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from conversations.rules.zones import written
from conversations.words import Lines, Number, Text, Value, _
from handlers.visit import Visit
from storage.broadcasts import Broadcast, Counts, Stage

STAGES: Final[Mapping[Stage, Text]] = {
    Stage.PREPARING: _("⏳ being prepared"),
    Stage.READY: _("🛫 ready; nothing has been sent"),
    Stage.ASKED: _("🕓 waits for a second admin"),
    Stage.DUE: _("🕗 goes out at its time"),
    Stage.CANARY: _("🐤 first wave"),
    Stage.HELD: _("✋ held"),
    Stage.RUNNING: _("📤 being sent"),
    Stage.PAUSED: _("⏸ paused"),
    Stage.STOPPED: _("⏹ stopped"),
    Stage.DONE: _("✅ finished"),
    Stage.DISCARDED: _("🗑 discarded"),
}
ASLEEP: Final = _("🌙 released; it waits until it is day")
STATES: Final[Mapping[str, Text]] = {
    "sent": _("sent"),
    "waiting": _("waiting"),
    "sending": _("on the way"),
    "failed": _("failed"),
    "unknown": _("outcome unknown"),
    "opted_out": _("get no news"),
    "skipped": _("left out"),
}
"""What becomes of a message, in the order in which a sum names them."""
SIGNS: Final[Mapping[str, str]] = {
    "sent": "✅",
    "waiting": "⏳",
    "sending": "📤",
    "failed": "❌",
    "unknown": "❔",
    "opted_out": "🔕",
    "skipped": "⏭",
}
KINDS: Final[Mapping[str, Text]] = {
    "registered": _("news: only to those who have agreed to it"),
    "unfinished": _("about their form: only to those who agreed that it is recorded"),
    "facilitators": _("about their work: to all who have not said /berhenti"),
}
"""What is not a necessary notice, by whom it is for."""
REASONS: Final[Mapping[tuple[str, str], Text]] = {
    ("opted_out", "stopped"): _("have said /berhenti"),
    ("opted_out", "no consent"): _("have not agreed to news"),
    ("opted_out", "not recorded"): _("have not agreed that their answers are recorded"),
    ("skipped", "blocked"): _("cannot be reached since earlier"),
    ("skipped", "capped"): _("have had enough messages this week"),
    ("skipped", "no text"): _("there is no text in their language"),
    ("skipped", "placeholder"): _("something the text names is not known of them"),
    ("skipped", "too long"): _("the text gets too long with their data"),
    ("skipped", "fault"): _("their data cannot be read; please ask the operator"),
    ("skipped", "stopped"): _("it was stopped before their turn"),
    ("skipped", "changed"): _("it no longer concerns them"),
    ("skipped", "no longer applies"): _("it no longer concerns them"),
    ("failed", "blocked"): _("have blocked the bot"),
    ("failed", "deactivated"): _("no longer use Telegram"),
    ("failed", "chat not found"): _("their chat is gone"),
    ("failed", "too long"): _("the text gets too long with their data"),
    ("failed", "markup"): _("Telegram cannot read its marks"),
    ("failed", "picture"): _("Telegram does not know the picture"),
    ("failed", "refused"): _("Telegram did not take it"),
    ("unknown", "cut off"): _("cut off on the way"),
}
"""Why somebody got nothing, by state and reason; said of several people."""


def title(broadcast: Broadcast) -> Text:
    """Name a broadcast: its number and its title, where it has one."""
    said = str(broadcast.body.get("title") or "")
    if not said:
        return _("<b>Broadcast {number}</b>", number=broadcast.id)
    return _("<b>Broadcast {number}</b>: “{title}”", number=broadcast.id, title=said)


def kind(broadcast: Broadcast) -> Text:
    """Say whether it is news or a notice that everybody concerned gets."""
    if broadcast.necessary:
        return _("❗ necessary notice: also to those who get no news, beyond the weekly limit")
    return KINDS[broadcast.audience.whom]


def brief(broadcast: Broadcast, stage: Text | None = None) -> Value:
    """Name a broadcast and say where it stands, in other words than usual if some are given."""
    return Lines([Lines(["📣", title(broadcast)], " "), stage or STAGES[broadcast.stage]])


def why(state: str, reason: str) -> Value:
    """Say why people got nothing; a kind of failure without words of its own is named as it is."""
    if (state, reason) in REASONS:
        return REASONS[state, reason]
    return _("no answer ({code})", code=reason) if state == "unknown" else _("other reason: {code}", code=reason)


def reasons(counts: Counts, *states: str) -> list[Value]:
    """List why people of these states got nothing, with how many, the most frequent first."""
    found = [(number, state, reason) for (state, reason), number in counts.reasons.items() if state in states]
    return [
        _("• {why}: {count}", why=why(state, reason), count=Number(number))
        for number, state, reason in sorted(found, key=lambda one: (-one[0], one[1:]))
    ]


def total(counts: Counts) -> Value:
    """Write the sum down: what has become of each message, which together is everybody it was planned for."""
    parts = [
        _("{sign} {state}: {count}", sign=SIGNS[one], state=STATES[one], count=Number(counts.of(one)))
        for one in STATES
        if counts.of(one)
    ]
    return Lines([*parts, _("= <b>{count}</b> people in all", count=Number(counts.planned))])


def clock(visit: Visit, moment: datetime) -> str:
    """Write a moment down as the clocks of the office show it, such as "25-11-2026 08:00 WIB"."""
    return written(moment, visit.office.zone_of())
