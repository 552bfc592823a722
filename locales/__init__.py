"""Languages: turns a conversation's sentences and values into words. English is the source; the rest are catalogues.

`words("id")` is a reader: called with a text it returns Telegram HTML, its `plain` returns the same without markup.
Money, dates and months are written by Babel as the language writes them. Catalogues (`locales/<language>.po`) are read
directly, so that there is no compile step to forget.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from html import escape, unescape
from importlib import resources
from re import compile as pattern
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from conversations.words import Lines, Money, Month, Number, Text, Value

DEFAULT: Final = "id"
SOURCE: Final = "en"
LANGUAGES: Final = {"id": "Bahasa Indonesia", "en": "English"}
TAG = pattern(r"<[^>]+>")


class Words:
    """The reader of one language."""

    def __init__(self, language: str, catalogue: dict[str, str]) -> None:
        self.language = language
        self._catalogue = catalogue
        self._locale = Locale.parse(language)

    def __call__(self, value: Value) -> str:
        """Return `value` as Telegram HTML; what people typed is escaped."""
        match value:
            case Text(sentence, values):
                translated = self._catalogue.get(sentence) or sentence
                return translated.format_map({name: self(part) for name, part in values.items()})
            case Lines(parts, gap):
                return gap.join(line for part in parts if (line := self(part)))
            case Money(rupiah):
                return "Rp" + format_decimal(rupiah, locale=self._locale)
            case Number(number):
                return format_decimal(number, locale=self._locale)
            case Month(day):
                return format_date(day, "MMMM y", locale=self._locale)
            case date():
                return format_date(value, "d MMMM y", locale=self._locale)
            case int():
                return str(value)
            case str():
                return escape(value, quote=False)

    def plain(self, value: Value) -> str:
        """Return `value` without markup, as buttons and toasts show it."""
        return unescape(TAG.sub("", self(value)))

    def has(self, sentence: str) -> bool:
        """Tell whether the sentence is in this language's catalogue."""
        return self.language == SOURCE or bool(self._catalogue.get(sentence))


@cache
def words(language: str | None) -> Words:
    """Return the reader of a language; an unknown one gives the default."""
    chosen = language if language in LANGUAGES else DEFAULT
    return Words(chosen, {} if chosen == SOURCE else catalogue(chosen))


def catalogue(language: str) -> dict[str, str]:
    """Return the sentences of a language by their English source, without the ones still marked fuzzy."""
    with resources.files(__package__).joinpath(f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {
        message.id: message.string
        for message in messages
        if isinstance(message.id, str) and message.id and isinstance(message.string, str) and not message.fuzzy
    }


def closest(language_code: str | None) -> str:
    """Return the language for a Telegram client's language: English only for English, else the default."""
    base = (language_code or "").split("-", maxsplit=1)[0].casefold()
    return base if base in LANGUAGES else DEFAULT
