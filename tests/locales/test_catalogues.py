"""The catalogues are checked, not trusted."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from conversations import FLOWS
from conversations.flow import Step
from conversations.words import Lines, Money, Month, Number, Text, _, paragraphs
from locales import LANGUAGES, SOURCE, closest, words
from locales.extract import sentences

TRANSLATED = sorted(LANGUAGES.keys() - {SOURCE})
SENTENCES = sorted({sentence for sentence, _file in sentences()})
ALLOWED_TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote"}


class Tags(HTMLParser):
    """Collects a sentence's tags and whether they are closed in order."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.well = True
        self.feed(sentence)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        """Open a tag."""
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close one."""
        self.well = self.well and bool(self.open) and self.open.pop() == tag


def placeholders(sentence: str) -> list[str]:
    """The names in braces."""
    return sorted(re.findall(r"\{(\w+)\}", sentence))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_in_every_catalogue(language: str) -> None:
    """Nobody meets an English sentence in another language."""
    assert [sentence for sentence in SENTENCES if not words(language).has(sentence)] == []


@pytest.mark.parametrize("language", [SOURCE, *TRANSLATED])
def test_translations_keep_values_and_markup(language: str) -> None:
    """Each sentence has its source's placeholders, valid HTML of the tags Telegram knows, and a fitting length."""
    for sentence in SENTENCES:
        said = words(language)._catalogue.get(sentence, sentence)
        assert set(placeholders(said)) <= set(placeholders(sentence)), sentence
        tags = Tags(said)
        assert tags.well, said
        assert not tags.open, said
        assert set(tags.seen) <= ALLOWED_TAGS, said
        assert len(said) <= 1024, said


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_word_that_is_never_said_to_the_public(language: str) -> None:
    """The catalogue avoids the words that shame, mislead or promise too much."""
    said = " ".join(words(language)._catalogue.values()).casefold()
    for word in ("pekerja rentan", "terverifikasi", "premi", "setoran", "anda"):
        assert re.search(rf"\b{word}\b", said) is None, word


def test_nothing_promises_cover() -> None:
    """The word for "covered" stands only where BPJS's recorded confirmation is told, and where admins handle it."""
    for sentence, file in sentences():
        if file != "handlers/standing.py" and not file.startswith("handlers/handover/"):
            assert "terlindungi" not in words("id")._catalogue[sentence].casefold(), file


def test_values_are_written_as_the_language_writes_them() -> None:
    """Money, numbers, dates and months follow the language; what people typed is escaped; empty lines vanish."""
    text = _("{a} {b} {c} {d}", a=Money(16800), b=date(2026, 11, 20), c=Month(date(2027, 3, 1)), d="<b>Ani & co")
    assert words("id")(text) == "Rp16.800 20 November 2026 Maret 2027 &lt;b&gt;Ani &amp; co"
    assert words("en")(text) == "Rp16,800 20 November 2026 March 2027 &lt;b&gt;Ani &amp; co"
    assert (words("id")(Number(26000)), words("en")(Number(26000))) == ("26.000", "26,000")
    assert words("en")(Lines(["a", "", Lines([]), "b"])) == "a\nb"
    assert words("en")(paragraphs("a", "", "b")) == "a\n\nb"
    assert words("en").plain(_("<b>{x}</b>", x="{y} <i>")) == "{y} <i>"


def test_a_person_gets_a_language_they_read() -> None:
    """English clients get English, everybody else Indonesian, and an unknown stored language does no harm."""
    assert (closest("en-GB"), closest("id"), closest("jv"), closest(None)) == ("en", "id", "id", "id")
    assert words("xx").language == "id"


@pytest.mark.parametrize("step", [step for flow in FLOWS.values() for step in flow.steps], ids=lambda step: step.id)
def test_the_words_of_every_step_are_marked(step: Step) -> None:
    """Labels, helps and fixed questions are sentences of the catalogue, not stray strings."""
    fixed = [step.label, step.help, step.asks, *(label for label, _wording in step.explains.values())]
    for text in fixed:
        if isinstance(text, Text):
            assert text.sentence in SENTENCES
