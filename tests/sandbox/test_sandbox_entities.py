"""Telegram's HTML, read."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entities import parse, utf16
from bot.sandbox.refusals import Refusal

TAGS = st.sampled_from(["b", "i", "u", "s", "code", "tg-spoiler"])
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(TEXT)
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    """Whatever is escaped is shown as typed, apart from white space around it."""
    assert parse(html.escape(text, quote=False), "HTML") == (text.strip(), [])


@given(TEXT, TEXT, TEXT, TAGS, TAGS)
def test_entities_lie_where_their_text_is(before: str, outer: str, inner: str, one: str, two: str) -> None:
    """Nested tags become entities that mark exactly their text, in UTF-16 units."""
    before, outer, inner = f"x{before}", f"x{outer}", f"{inner}x"
    escaped = [html.escape(each, quote=False) for each in (before, outer, inner)]
    text, (first, second) = parse(f"{escaped[0]}<{one}>{escaped[1]}<{two}>{escaped[2]}</{two}></{one}>", "HTML")
    assert text == (before + outer + inner)
    assert (first["offset"], first["length"]) == (utf16(before), utf16(outer + inner))
    assert (second["offset"], second["length"]) == (utf16(before + outer), utf16(inner))


@pytest.mark.parametrize(
    ("source", "entity"),
    [
        ('<a href="https://a.id/?b=1&amp;c">x</a>', {"type": "text_link", "url": "https://a.id/?b=1&c"}),
        ("<a>https://a.id</a>", {"type": "text_link", "url": "https://a.id"}),
        ("<blockquote expandable>x</blockquote>", {"type": "expandable_blockquote"}),
        ('<span class="tg-spoiler">x</span>', {"type": "spoiler"}),
        ("<PRE>x</>", {"type": "pre"}),
    ],
)
def test_tags_with_attributes(source: str, entity: dict[str, str]) -> None:
    """Links, quotations and spoilers carry what Telegram reads from their attributes."""
    _, (found,) = parse(source, "HTML")
    assert entity.items() <= found.items()


@pytest.mark.parametrize("source", ["<a href>x</a>", "<b =1>x</b>", "<b", "</b", "<b>x</", "< b>x</b>"])
def test_broken_tags_are_refused(source: str) -> None:
    """Nothing half-written passes."""
    with pytest.raises(Refusal, match="can't parse entities"):
        parse(source, "HTML")


def test_only_html_is_read() -> None:
    """Without a parse mode markup is text; another parse mode is refused."""
    assert parse(" <b> ", None) == ("<b>", [])
    with pytest.raises(Refusal, match="unsupported parse_mode"):
        parse("*a*", "MarkdownV2")


def test_white_space_around_is_dropped() -> None:
    """Entities move along when the text before them goes, and vanish with it."""
    assert parse("<i> </i> <b> x </b> ", "HTML") == ("x", [{"type": "bold", "offset": 0, "length": 1}])
