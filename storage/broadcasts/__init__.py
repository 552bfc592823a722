"""What is sent to many: broadcasts and campaigns, each with a ledger of its recipients, who are written to at most once.

The sum over the states of a ledger is everybody it was planned for, at any moment: waiting, sending, sent, failed,
unknown, opted_out, skipped.
"""

from storage.broadcasts.audience import count, still
from storage.broadcasts.campaigns import Campaign, campaign, set_campaign
from storage.broadcasts.desk import change_body, create, get, latest, move, of_campaign, open_ones, sweep
from storage.broadcasts.ledger import act, counts, list_after, sample, sent_lately, unfinished
from storage.broadcasts.outcome import (
    Effects,
    Line,
    effects,
    lines,
    out_of_reach,
    tried_since,
    unreached,
    zones,
)
from storage.broadcasts.planning import Limits, Planned, barred, draw_canary, leave_out, plan_next, plan_one
from storage.broadcasts.records import (
    CANARY,
    ENDED,
    REST,
    SENDING,
    Audience,
    Broadcast,
    Counts,
    Ended,
    Recipient,
    Stage,
)
from storage.broadcasts.rounds import claim, expire, recover, release, settle

__all__ = [
    "CANARY",
    "ENDED",
    "REST",
    "SENDING",
    "Audience",
    "Broadcast",
    "Campaign",
    "Counts",
    "Effects",
    "Ended",
    "Limits",
    "Line",
    "Planned",
    "Recipient",
    "Stage",
    "act",
    "barred",
    "campaign",
    "change_body",
    "claim",
    "count",
    "counts",
    "create",
    "draw_canary",
    "effects",
    "expire",
    "get",
    "latest",
    "leave_out",
    "lines",
    "list_after",
    "move",
    "of_campaign",
    "open_ones",
    "out_of_reach",
    "plan_next",
    "plan_one",
    "recover",
    "release",
    "sample",
    "sent_lately",
    "set_campaign",
    "settle",
    "still",
    "sweep",
    "tried_since",
    "unfinished",
    "unreached",
    "zones",
]
