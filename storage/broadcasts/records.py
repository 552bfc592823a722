"""What a broadcast is: its stages, whom it is for, and the row of each recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Row

from storage.transaction import Transaction


class Stage(StrEnum):
    """Where a broadcast stands. A campaign is only ever running, paused or stopped."""

    PREPARING = "preparing"  # its recipients are being written down
    READY = "ready"  # the deck is shown; nothing is sent before somebody says so
    ASKED = "asked"  # a second admin has to confirm
    DUE = "due"  # released, and waits for its time
    CANARY = "canary"  # the first wave is being sent
    HELD = "held"  # too much went wrong: somebody has to look
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"
    DISCARDED = "discarded"


ENDED = frozenset({Stage.STOPPED, Stage.DONE, Stage.DISCARDED})
SENDING = frozenset({Stage.CANARY, Stage.RUNNING})
CANARY, REST = 0, 1  # waves

State = Literal["waiting", "sending", "sent", "failed", "unknown", "opted_out", "skipped"]
Ending = Literal["sent", "failed", "unknown", "opted_out", "skipped"]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast is for; an empty tuple or word means all.

    `whom` is "registered", "unfinished" (began and did not finish) or "facilitators"; `area` a code prefix;
    `programmes` are codes, "" being those under none; `languages` are people's own, "id" for who chose none; `entered`
    is "self" or "others"; `lapses_within` counts days from today until what is paid ends; `registrant` is who entered
    them for others. Parts that a row was stored without have their usual value.
    """

    whom: str = "registered"
    area: str = ""
    states: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    entered: str = ""
    lapses_within: int | None = None
    registrant: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> Audience:
        """Return what was stored."""
        parts: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in value.items()}
        return cls(**parts)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast, or a campaign (then `campaign` is its code and it has no end).

    `body` holds the audience, the texts by language, picture and button; `area` is what its author may write to;
    `necessary` exempts from consent, cap and opt-out; `quiet` keeps the quiet hours; `canary` is the first wave's size;
    `cursor` the last person written down; `finished_at` is when nobody waited and nothing was in flight any more.
    """

    id: int
    campaign: str | None
    area: str
    stage: Stage
    body: dict[str, Any] = field(repr=False)
    necessary: bool
    quiet: bool
    due_at: datetime | None
    canary: int
    cursor: int
    created_by: int | None
    created_at: datetime
    confirmed_by: int | None
    started_at: datetime | None
    finished_at: datetime | None
    changed_at: datetime

    @property
    def audience(self) -> Audience:
        """Whom it is for."""
        return Audience.of_json(self.body.get("audience", {}))

    @property
    def news(self) -> bool:
        """Whether only those get it who agreed to news.

        Facilitators are written to about their work, and who has begun to register about that.
        """
        return not self.necessary and self.campaign is None and self.audience.whom == "registered"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One message to one person, planned or sent. `wave` is 0 for the canary; `occasion` tells a campaign's apart.

    While it is being sent, `leased_until` tells one claim from every other.
    """

    id: int
    broadcast: int
    person: int
    registration: str | None
    occasion: str
    language: str
    zone: str
    wave: int
    state: State
    reason: str | None
    due_at: datetime
    message_id: int | None
    finished_at: datetime | None
    action: str | None
    acted_at: datetime | None
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a recipient's message; `reason` is a code without personal data."""

    id: int
    state: Ending
    reason: str | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many recipients are in each state, and why those that got nothing got nothing."""

    states: dict[str, int]
    reasons: dict[tuple[str, str], int]

    @property
    def planned(self) -> int:
        """Everybody it was ever for."""
        return sum(self.states.values())

    def of(self, *states: str) -> int:
        """Return how many are in any of these states."""
        return sum(self.states.get(state, 0) for state in states)


def broadcast(tx: Transaction, row: Row[Any]) -> Broadcast:
    """Open a row of `broadcasts`."""
    values = dict(row._mapping)  # noqa: SLF001  # its public name
    body = tx.vault.open_json(values.pop("body"), body_place(values["created_at"]))
    return Broadcast(**{**values, "stage": Stage(values["stage"])}, body=body)


def body_place(created_at: datetime) -> str:
    """Name the place a body is sealed for; the id is not known yet when it is."""
    return f"broadcasts.body:{created_at.astimezone(UTC).isoformat()}"


def recipient(row: Row[Any]) -> Recipient:
    """Read a row of `recipients`."""
    return Recipient(**row._mapping)  # noqa: SLF001  # likewise
