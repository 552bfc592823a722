"""What one run of a broadcast showed, and whether that is what was promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from sqlalchemy import case, func, select

from bot.sandbox.client import Sandbox
from bot.sandbox.faults import Fault
from bot.sending.broadcaster import AT_ONCE
from bot.sending.pace import Pace
from storage.tables import recipients
from storage.transaction import Transaction

RATE = 0.95  # of the pace that is allowed
SLOWER = 1.5  # how much longer an answer may take while a broadcast is sent
NOBODY_KNOWS = (Fault.BROKEN, Fault.TIMEOUT, Fault.RESET, Fault.LOST)


@dataclass(frozen=True, slots=True)
class Options:
    """What was wanted of a run; `main` of broadcasts.py explains them."""

    people: int
    chat: int
    idle: float
    kills: int
    faults: bool
    faster: float
    senders: int
    prepare_only: bool

    @property
    def undisturbed(self) -> bool:
        """Whether nothing but the pace decides how fast it goes."""
        return not (self.chat or self.kills or self.faults)


@dataclass(slots=True)
class Figures:
    """What a run showed. Memory is MiB, times are seconds, those of replies (p95) milliseconds.

    `ledger` counts the recipients by state and reason, and `reminders` what campaigns sent meanwhile; nobody got
    more than `most`. `twice` got more
    than the ledgers say, and `untrue` less.
    """

    prepared_seconds: float = 0.0
    prepared_memory: float = 0.0
    sends: int = 0
    seconds: float = 0.0
    per_second: float = 0.0
    densest_second: int = 0
    exceeded: int = 0
    inside_halt: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    ledger: dict[str, int] = field(default_factory=dict)
    reminders: int = 0
    most: int = 0
    twice: int = 0
    untrue: int = 0
    kills: int = 0
    held: int = 0
    bot_cpu: float = 0.0
    peak_memory: float = 0.0
    replies_idle: float = 0.0
    replies_during: float = 0.0

    def take(self, sandbox: Sandbox) -> None:
        """Take down what Telegram has seen."""
        seen = sandbox.api.traffic
        self.sends, self.seconds, self.per_second = seen.sends, seen.seconds, seen.per_second
        self.densest_second = seen.densest
        self.exceeded, self.inside_halt = sandbox.api.pace.exceeded, sandbox.sent_inside_halt
        self.faults = {fault.value: number for fault, number in sandbox.faults.happened.items()}

    def of(self, state: str) -> int:
        """Return how many recipients are in a state, for whatever reason."""
        return sum(number for name, number in self.ledger.items() if name.partition(":")[0] == state)


async def ledger(tx: Transaction, number: int, received: Mapping[int, int], figures: Figures) -> None:
    """Compare the ledgers, that of the broadcast and those of the reminders beside it, with what each person got."""
    row = recipients.c
    states = await tx.connection.execute(
        select(row.state, row.reason, func.count()).where(row.broadcast == number).group_by(row.state, row.reason)
    )
    named = {state if reason is None else f"{state}: {reason}": count for state, reason, count in states}
    figures.ledger = dict(sorted(named.items(), key=lambda item: -item[1]))
    sent, unknown = (func.sum(case((row.state == state, 1), else_=0)) for state in ("sent", "unknown"))
    people = await tx.connection.stream(select(row.person, sent, unknown).group_by(row.person))
    async for person, surely, maybe in people:
        copies = received.get(person, 0)
        figures.twice += copies > surely + maybe
        figures.untrue += copies < surely
        figures.reminders += surely
        figures.most = max(figures.most, copies)
    figures.reminders -= figures.of("sent")


def promises(figures: Figures, options: Options, pace: Pace) -> dict[str, bool]:
    """Return each promise that this run can tell something about, and whether it was kept."""
    if options.prepare_only:
        return {}
    overall = round(pace.overall * options.faster)
    lost = sum(figures.faults.get(fault, 0) for fault in NOBODY_KNOWS)
    kept = {
        "everybody is in the ledger": sum(figures.ledger.values()) == options.people,
        "nobody waits any more": figures.of("waiting") + figures.of("sending") == 0,
        "the ledger says what Telegram saw": figures.untrue == 0,
        "nobody got anything twice": figures.twice == 0,
        "unknown is only what was in flight": figures.of("unknown") <= AT_ONCE * figures.kills + lost,
        "no 429 of our making": figures.exceeded == 0,
        "nothing sent in a halt": figures.inside_halt == 0,
        f"at most {overall} in any second": figures.densest_second <= overall,
    }
    if options.undisturbed:
        kept[f"{RATE:.0%} of {overall} a second"] = figures.per_second >= RATE * overall
    if options.chat and not options.kills:
        kept[f"answers take {SLOWER} times as long at most"] = figures.replies_during <= SLOWER * figures.replies_idle
    return kept


def table(figures: Figures, kept: Mapping[str, bool]) -> str:
    """Return figures and promises, one a line."""
    rows = [f"{name:<20}{_shown(value)}" for name, value in asdict(figures).items()]
    return "\n".join([*rows, "", *(f"{'kept  ' if good else 'BROKEN'} {promise}" for promise, good in kept.items())])


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items()) or "none"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
