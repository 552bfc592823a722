"""Conversations: what is asked, in which order, and what counts as an answer. Pure: no clock, no database, no Telegram.

A new conversation is one file with one table of steps, and one line in FLOWS.
"""

from conversations.batch import BATCH
from conversations.broadcast import BROADCAST
from conversations.campaign import CAMPAIGN
from conversations.claim import CLAIM
from conversations.decision import DECISION
from conversations.flow import Flow
from conversations.invitation import INVITATION
from conversations.neighbour import NEIGHBOUR, NEIGHBOUR_CORRECTION
from conversations.pledge import PLEDGE
from conversations.poster import POSTER
from conversations.programme import PROGRAMME
from conversations.registration import CORRECTION, REGISTRATION
from conversations.several import APPROVAL, DISMISSAL

# Every conversation by its name, which is what buttons and stored sessions carry.
FLOWS: dict[str, Flow] = {
    flow.name: flow
    for flow in (
        REGISTRATION,
        CORRECTION,
        NEIGHBOUR,
        NEIGHBOUR_CORRECTION,
        BATCH,
        DECISION,
        APPROVAL,
        DISMISSAL,
        INVITATION,
        CLAIM,
        PROGRAMME,
        PLEDGE,
        POSTER,
        BROADCAST,
        CAMPAIGN,
    )
}
