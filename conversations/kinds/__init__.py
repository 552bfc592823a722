"""Kinds of answer. Each offers, reads, checks again and shows one sort of value; a flow combines them."""

from conversations.kinds.amount import Amount
from conversations.kinds.choice import Choice, Option
from conversations.kinds.identity import MobileNumber, NikNumber
from conversations.kinds.line import Birthday, Given, Line
from conversations.kinds.message_text import MessageText
from conversations.kinds.moment_pick import MomentPick
from conversations.kinds.month import MonthPick
from conversations.kinds.offsets import Offsets
from conversations.kinds.photo import Photo
from conversations.kinds.picking import AreaPick, OccupationPick
from conversations.kinds.programme import ProgrammePick
from conversations.kinds.registrant import RegistrantPick
from conversations.kinds.several import Several
from conversations.kinds.shares import VillageShares
from conversations.kinds.summary import Summary

__all__ = [
    "Amount",
    "AreaPick",
    "Birthday",
    "Choice",
    "Given",
    "Line",
    "MessageText",
    "MobileNumber",
    "MomentPick",
    "MonthPick",
    "NikNumber",
    "OccupationPick",
    "Offsets",
    "Option",
    "Photo",
    "ProgrammePick",
    "RegistrantPick",
    "Several",
    "Summary",
    "VillageShares",
]
