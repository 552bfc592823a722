"""Sentences as data: what a conversation says, before any language is chosen.

A conversation never formats. It names an English sentence, which is also the key in the catalogues, and the values
that stand in it. `locales` turns both into the person's language, with money and dates as that language writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole rupiah, written as "Rp16.800" in Indonesian."""

    rupiah: int


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number that may be large, written as "26.000" in Indonesian."""

    number: int


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, written as "November 2026"; `day` is any day in it."""

    day: date


@dataclass(frozen=True, slots=True)
class Text:
    """An English sentence with `{named}` values; the sentence is the key in every catalogue.

    The sentence may hold Telegram's HTML tags. Values are escaped when the text is rendered, so a name such as
    "<b>Ani" is shown as it was typed.
    """

    sentence: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lines:
    """Several texts one below the other, `gap` between them; empty ones are left out."""

    parts: Sequence[Value]
    gap: str = "\n"


def paragraphs(*parts: Value) -> Lines:
    """Return texts with a blank line between them."""
    return Lines(parts, "\n\n")


Value = str | int | date | Money | Number | Month | Text | Lines


def _(sentence: str, /, **values: Value) -> Text:
    """Mark `sentence` for the catalogues and bind its values."""
    return Text(sentence, values)
