"""Conversations: what is asked, in which order, and what counts as an answer. Pure: no clock, no database, no Telegram.

A new conversation is one file with one table of steps, and one line in FLOWS.
"""

from conversations.decision import DECISION
from conversations.flow import Flow
from conversations.invitation import INVITATION
from conversations.registration import CORRECTION, REGISTRATION

# Every conversation by its name, which is what buttons and stored sessions carry.
FLOWS: dict[str, Flow] = {flow.name: flow for flow in (REGISTRATION, CORRECTION, DECISION, INVITATION)}
