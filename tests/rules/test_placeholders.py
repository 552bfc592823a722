"""Texts with placeholders: what can be sent is told apart from what cannot, before anybody gets it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entities import parse, utf16
from conversations.rules import placeholders
from conversations.rules.placeholders import CAPTION, KNOWN_OF, LONGEST, MEANINGS, MESSAGE, Fault, Template
from locales import words

PIECES = st.sampled_from(
    ["{nama_depan}", "{desa}", "{iuran}", "{Bulan}", "{nomor }", "{sampai}", "{operator}", "{kontak}", "{nik}", "{", "}",
     "{{", "<b>", "</b>", "<i>", "</i>", '<a href="https://x.id/?a=1&b=2">', "</a>", "<code>", "</code>", "<x>", "< ",
     "&", "&lt;", "&nbsp;", "\n", "\n\n\n\n", "Halo ", "🙏🏽", "שלום", "\u202e", "\x00", "ab" * 40]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=60))
NAMES = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        ["<b>Ani</b> & co", "{desa}", "אבגד" * 50, "👩‍👩‍👧‍👦" * 40, "</b>", "&lt;", "\u202eAni", "\ud800", "𝒜" * 200]
    ),
)


@given(text=TEXTS, name=NAMES, most=st.sampled_from([MESSAGE, CAPTION, 200]))
def test_whatever_is_typed_what_is_sent_is_read_by_telegram_and_fits(text: str, name: str, most: int) -> None:
    """Any text with any names in it is either refused in words, or valid HTML that is no longer than was said."""
    read = placeholders.read(text, most=most)
    if isinstance(read, Fault):
        for language in ("id", "en"):
            assert 0 < len(words(language)(read.why)) < 1000
        return
    filled = placeholders.fill(read.html, dict.fromkeys(MEANINGS, name))
    shown, _entities = parse(filled, "HTML")
    assert utf16(shown) <= read.longest <= most
    assert placeholders.needs(read.html) == read.needs
    assert placeholders.read(read.html, most=most) == read  # what is stored reads as itself


@given(name=NAMES)
def test_a_name_never_becomes_markup(name: str) -> None:
    """A name stands in the message as text: it opens no mark, fills no placeholder, and turns no direction."""
    filled = placeholders.fill("<b>{nama_depan}</b>, {desa}", {"nama_depan": name, "desa": "Jati"})
    shown, entities = parse(filled, "HTML")
    assert {entity["type"] for entity in entities} <= {"bold"}
    assert shown.endswith(", Jati")
    assert "\u202e" not in shown
    assert utf16(shown) <= LONGEST["nama_depan"] + len(", Jati")


def template(text: str) -> Template:
    """Read a text that can be sent."""
    read = placeholders.read(text)
    assert isinstance(read, Template)
    return read


def test_signs_that_only_look_like_markup_are_signs() -> None:
    """A lone "<" or "&" is sent as it was typed, and entities that are written out stay one sign."""
    read = template("5 < 6 & 7 > 3 &lt;b&gt; <b>x</b>")
    assert read.html == "5 &lt; 6 &amp; 7 &gt; 3 &lt;b&gt; <b>x</b>"
    assert read.longest == len("5 < 6 & 7 > 3 <b> x")
    assert placeholders.plain(read.html) == "5 < 6 & 7 > 3 <b> x"


def test_a_placeholder_is_read_as_people_type_it() -> None:
    """Capitals and spaces do not matter,."""
    read = template("{Nama_Depan} { nama depan }, {iuran}")
    assert (read.html, read.needs) == ("{nama_depan} {nama_depan}, {iuran}", {"nama_depan", "iuran"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Halo {nama}", "I do not know {nama}. Do you mean {nama_depan}?"),
        ("NIK {xyzxyz}", "I do not know {xyzxyz}. There are: {nama_depan}, {desa}"),
        ("Halo {nama_depan", "A brace stands alone at “{nama_depan”"),
        ("{{nama_depan}}", "A brace stands alone at “{{nama_depan”"),
        ("<b>Halo", "<b> is not closed. Please put </b>"),
        ("Halo</b>", "</b> closes nothing."),
        ("<b><i>x</b></i>", "</b> comes too early: first </i>."),
        ("<script>x</script>", "Telegram does not know the mark <script>"),
        ("<b onclick=1>x</b>", "<b> takes nothing else inside it."),
        ('<a href="http://x.id">x</a>', "A link is written like this, with https"),
        ('<a href="javascript:x">x</a>', "A link is written like this, with https"),
        ('<a href="https://x.id/{nomor}">x</a>', "A link is written like this, with https"),
        ("Halo <b", "The mark that begins at “<b” has no “>”."),
        (" \n ", "Please type the text"),
        ("<b>…</b>", "Please type the text"),
        ("x" * 4097, "this comes to 4,097 characters; at most 4,096 fit"),
        ("{nama_depan}" + "x" * 4057, "this comes to 4,097 characters"),
        ("🙏" * 2049, "this comes to 4,098 characters"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    """Each fault is told in a sentence that names the very thing and how it is written."""
    read = placeholders.read(text)
    assert isinstance(read, Fault)
    assert told in words("en").plain(read.why)


def test_a_caption_has_less_room() -> None:
    """What is fine as a message may be too long beside a picture."""
    assert isinstance(placeholders.read("x" * 1024, most=CAPTION), Template)
    assert isinstance(placeholders.read("x" * 1025, most=CAPTION), Fault)
    assert isinstance(placeholders.read("x" * 1025), Template)


def test_what_is_not_known_of_the_people_is_refused() -> None:
    """Who has not finished has no number yet, and the author learns which placeholders there are."""
    read = placeholders.read("Nomor {nomor}", KNOWN_OF["unfinished"])
    assert isinstance(read, Fault)
    assert words("en").plain(read.why) == (
        "{nomor} is not known of these people. There are: {bulan}, {operator}, {kontak}."
    )


def test_a_value_that_is_missing_is_not_sent_as_nothing() -> None:
    """A text is never filled with fewer values than it needs."""
    with pytest.raises(KeyError):
        placeholders.fill("Halo {nama_depan}", {})
