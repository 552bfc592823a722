"""The states of a registration and the ways between them."""

from enum import StrEnum


class State(StrEnum):
    """Where a registration stands; the values are stored."""

    DRAFT = "draft"
    QUEUED = "queued"
    NEEDS_CORRECTION = "needs_correction"
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    NOT_MATCHED = "not_matched"
    ACTIVE = "active"
    LAPSED = "lapsed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# A closed registration no longer holds its NIK; a draft does not hold it yet.
OPEN = frozenset(State) - {State.DRAFT, State.REJECTED, State.WITHDRAWN}

# What a reviewer says about a queued registration; going back from one of these to `queued` is an undo.
VERDICTS = frozenset({State.APPROVED, State.NEEDS_CORRECTION, State.REJECTED})

TRANSITIONS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.QUEUED, State.WITHDRAWN}),
    State.QUEUED: VERDICTS | {State.WITHDRAWN},
    State.NEEDS_CORRECTION: frozenset({State.QUEUED, State.REJECTED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.QUEUED, State.HANDED_OVER, State.WITHDRAWN}),
    State.HANDED_OVER: frozenset({State.ACTIVE, State.NOT_MATCHED, State.REJECTED}),
    State.NOT_MATCHED: frozenset({State.HANDED_OVER, State.NEEDS_CORRECTION, State.REJECTED, State.WITHDRAWN}),
    State.ACTIVE: frozenset({State.LAPSED}),
    State.LAPSED: frozenset({State.ACTIVE, State.WITHDRAWN}),
    State.REJECTED: frozenset({State.QUEUED}),
    State.WITHDRAWN: frozenset(),
}
