"""Occupations: the trades that really occur, and which of them a person means by what they write.

The list is data/occupations.csv. `words` there are what people say, in Indonesian and Javanese; a word that found
nothing belongs there once an officer has seen it. Departments are those of Kudus and otherwise a first guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from conversations.rules import digits
from conversations.rules.tables import rows
from conversations.words import Text

_LONGEST = 80
"""Characters of an answer that are looked at."""
_SHOWN = 5
_BEGINNING = 3
"""A shorter answer fits too many phrases."""
_WORD = 4
"""Shorter words are alike by chance."""
_FITS = 0.7
_FILLERS = frozenset(
    {"saya", "aku", "kula", "kulo", "kerja", "kerjaan", "pekerjaan", "bekerja", "sebagai", "jadi", "di", "yang", "dan"}
)


@dataclass(frozen=True, slots=True)
class Occupation:
    """One trade and the department that proposes its people.

    `transport` is true only where the half price of the transport sector is confirmed for the trade.
    `label` is a catalogue key.
    """

    code: str
    label: Text
    transport: bool
    department: str


@cache
def all_() -> tuple[Occupation, ...]:
    """Every trade, in the order in which it is offered."""
    return tuple(
        Occupation(
            code=row["code"],
            label=Text(row["english"]),
            transport=row["transport"] == "yes",
            department=row["department"],
        )
        for row in rows("occupations")
    )


def get(code: str) -> Occupation | None:
    """The trade with this code, or None when the list no longer has it."""
    return next((occupation for occupation in all_() if occupation.code == code), None)


def key(text: str) -> str:
    """What a person wrote in one form: small letters, no fillers; so that the same words count as the same."""
    return " ".join(_words(text[:_LONGEST]))


def find(text: str) -> list[Occupation]:
    """The trades that fit what a person wrote ("ngojek", "jualan bakso"), best first; empty when nothing fits."""
    said = _spelt(_words(text[:_LONGEST]))
    if not said.words:
        return []
    apart = [_spelt((word,)) for word in said.words if len(word) >= _WORD]
    scored = [(max(_fit(said, apart, phrase) for phrase in _phrases(o.code)), o) for o in all_()]
    best = sorted((item for item in scored if item[0] >= _FITS), key=lambda item: -item[0])
    return [occupation for _score, occupation in best[:_SHOWN]]


class _Spelling(NamedTuple):
    """Words, the same in one piece, and its letters, each with how often it came before: two sets of them compare fast."""

    words: tuple[str, ...]
    whole: str
    letters: frozenset[tuple[str, int]]


def _spelt(words: tuple[str, ...]) -> _Spelling:
    whole = "".join(words)
    return _Spelling(words, whole, frozenset((letter, whole.count(letter, 0, at)) for at, letter in enumerate(whole)))


@cache
def _phrases(code: str) -> tuple[_Spelling, ...]:
    row = next(row for row in rows("occupations") if row["code"] == code)
    return tuple(_spelt(_words(phrase)) for phrase in row["words"].split(";"))


def _words(text: str) -> tuple[str, ...]:
    words = re.findall(r"\w+", digits.plain(text).casefold())
    return tuple(word for word in words if word not in _FILLERS)


def _fit(said: _Spelling, apart: Sequence[_Spelling], phrase: _Spelling) -> float:
    """How well one phrase of the list fits what was said, as a whole or with its words `apart`, from 0 to 1.

    Equal is best, then a phrase inside the answer (the longer the better), then an answer inside a phrase, then slips.
    """
    one, other = said.whole, phrase.whole
    if one == other:
        return 1.0
    if _inside(phrase.words, said.words):
        return 0.9 + 0.09 * len(other) / len(one)
    if len(one) >= _BEGINNING and _inside(said.words, phrase.words):
        return 0.8 + 0.09 * len(one) / len(other)
    single = max((_alike(word, phrase) for word in apart), default=0.0) if len(phrase.words) == 1 else 0.0
    return max(0.88 * _alike(said, phrase), 0.85 * single)


def _inside(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return part[0] in whole and any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


def _alike(one: _Spelling, other: _Spelling) -> float:
    """How much two spellings are alike, from 0 to 1; 0 where too few letters are the same, which is found out sooner."""
    if 2.0 * len(one.letters & other.letters) / (len(one.whole) + len(other.whole)) < _FITS:
        return 0.0
    return SequenceMatcher(None, one.whole, other.whole).ratio()
