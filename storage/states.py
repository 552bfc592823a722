"""The states of a registration and the ways between them."""

from enum import StrEnum


class State(StrEnum):
    """Where a registration stands; the values are stored."""

    DRAFT = "draft"
    QUEUED = "queued"
    NEEDS_CORRECTION = "needs_correction"
    WITH_DEPARTMENT = "with_department"  # the village said yes; the department for this work looks at it next
    WAITING_LIST = "waiting_list"  # everybody said yes, and the programme has no place left
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    NOT_MATCHED = "not_matched"
    ACTIVE = "active"
    LAPSED = "lapsed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# A closed registration no longer holds its NIK; a draft does not hold it yet.
OPEN = frozenset(State) - {State.DRAFT, State.REJECTED, State.WITHDRAWN}

# Those to which somebody has said yes: of one NIK there is never more than one.
AGREED = OPEN - {State.QUEUED, State.NEEDS_CORRECTION}

# What a reviewer says about a registration; going back from one of these to `queued`, or to the department, is an undo.
VERDICTS = frozenset(
    {State.APPROVED, State.NEEDS_CORRECTION, State.REJECTED, State.WITH_DEPARTMENT, State.WAITING_LIST}
)

# Those in which a registration may hold a place of its programme.
PLACED = AGREED - {State.WITH_DEPARTMENT, State.WAITING_LIST}

TRANSITIONS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.QUEUED, State.WITHDRAWN}),
    State.QUEUED: VERDICTS | {State.WITHDRAWN},
    State.NEEDS_CORRECTION: frozenset({State.QUEUED, State.WITH_DEPARTMENT, State.REJECTED, State.WITHDRAWN}),
    State.WITH_DEPARTMENT: (VERDICTS - {State.WITH_DEPARTMENT}) | {State.QUEUED, State.WITHDRAWN},
    State.WAITING_LIST: frozenset(
        {State.APPROVED, State.QUEUED, State.WITH_DEPARTMENT, State.REJECTED, State.WITHDRAWN}
    ),
    State.APPROVED: frozenset({State.QUEUED, State.WITH_DEPARTMENT, State.HANDED_OVER, State.WITHDRAWN}),
    State.HANDED_OVER: frozenset({State.ACTIVE, State.NOT_MATCHED, State.REJECTED}),
    State.NOT_MATCHED: frozenset(
        {State.ACTIVE, State.HANDED_OVER, State.NEEDS_CORRECTION, State.REJECTED, State.WITHDRAWN}
    ),
    State.ACTIVE: frozenset({State.LAPSED}),
    State.LAPSED: frozenset({State.ACTIVE, State.WITHDRAWN}),
    State.REJECTED: frozenset({State.QUEUED, State.WITH_DEPARTMENT}),
    State.WITHDRAWN: frozenset(),
}
