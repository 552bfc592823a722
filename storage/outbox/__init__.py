"""Messages that must go out: posted with the work that caused them, sent later, each ending in a known state.

They are sent at least once: one whose outcome was lost is sent again.
"""

from storage.outbox.dead import DeadLetter, dead, drop, revive
from storage.outbox.letters import BELL, Letter, Priority, post, withdraw
from storage.outbox.rounds import BLOCKED, Ending, Outcome, Posted, claim, postpone, recover, release, settle
from storage.outbox.state import behind, depth, expected, hasten, next_due, shown_at, sweep

__all__ = [
    "BELL",
    "BLOCKED",
    "DeadLetter",
    "Ending",
    "Letter",
    "Outcome",
    "Posted",
    "Priority",
    "behind",
    "claim",
    "dead",
    "depth",
    "drop",
    "expected",
    "hasten",
    "next_due",
    "post",
    "postpone",
    "recover",
    "release",
    "revive",
    "settle",
    "shown_at",
    "sweep",
    "withdraw",
]
