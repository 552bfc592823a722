"""Every table, as the migrations leave it.

Personal data stands only in sealed columns (see `storage.vault`). Where an index is partial, its condition is a
literal and the queries repeat it as one: a bound parameter would hide it from both query planners.
"""

from storage.tables.base import is_in, metadata
from storage.tables.broadcasts import broadcasts, campaigns, pace, recipients
from storage.tables.papers import files, proofs, rounds, uploads
from storage.tables.people import invitations, people, roles, sessions
from storage.tables.post import inbox, outbox, pictures, screens
from storage.tables.programmes import handed, handover_log, handovers, offers, places, programmes, shares
from storage.tables.registrations import claims, history, listed, registrations, unmatched_words, wrote_words

__all__ = [
    "broadcasts",
    "campaigns",
    "claims",
    "files",
    "handed",
    "handover_log",
    "handovers",
    "history",
    "inbox",
    "invitations",
    "is_in",
    "listed",
    "metadata",
    "offers",
    "outbox",
    "pace",
    "people",
    "pictures",
    "places",
    "programmes",
    "proofs",
    "recipients",
    "registrations",
    "roles",
    "rounds",
    "screens",
    "sessions",
    "shares",
    "unmatched_words",
    "uploads",
    "wrote_words",
]
