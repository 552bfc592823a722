"""Kinds of answer. Each offers, reads, checks again and shows one sort of value; a flow combines them."""

from conversations.kinds.choice import Choice, Option
from conversations.kinds.identity import MobileNumber, NikNumber
from conversations.kinds.line import Birthday, Given, Line
from conversations.kinds.picking import AreaPick, OccupationPick
from conversations.kinds.summary import Summary

__all__ = [
    "AreaPick",
    "Birthday",
    "Choice",
    "Given",
    "Line",
    "MobileNumber",
    "NikNumber",
    "OccupationPick",
    "Option",
    "Summary",
]
