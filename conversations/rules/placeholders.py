"""The text of a broadcast: words with a few safe placeholders, in the small HTML that Telegram reads.

`read` checks what an author typed before anybody gets it: each placeholder is known, each mark is closed, and the text
fits into a message even for somebody with the longest name. `fill` puts one person's values in. What is between the two
is plain text, stored as it is: canonical HTML in which a brace begins a placeholder and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from html import escape, unescape

from conversations.words import Number, Text, _

# What a placeholder gives, as its author reads it.
MEANINGS: Mapping[str, Text] = {
    "nama_depan": _("first name"),
    "desa": _("village"),
    "iuran": _("what is paid a month"),
    "bulan": _("the next month to be paid"),
    "nomor": _("registration number"),
    "sampai": _("paid until"),
    "operator": _("who runs the bot"),
    "kontak": _("how to reach you"),
    "tempat": _("place in the queue"),
    "pembayar": _("who pays"),
    "akhir": _("until when somebody else pays"),
    "mulai": _("first day of cover"),
    "tanggal": _("the day it is about"),
    "harga_baru": _("the new price a month"),
    "jumlah": _("how many there are"),
    "santunan": _("for the family after a death, in full"),
    "santunan_awal": _("the same in the first months"),
}
# The longest a value gets, in UTF-16 units; what is longer is cut when the text is filled.
LONGEST: Mapping[str, int] = {
    "nama_depan": 40,
    "desa": 80,
    "iuran": 20,
    "bulan": 20,
    "nomor": 12,
    "sampai": 30,
    "operator": 120,
    "kontak": 200,
    "tempat": 10,
    "pembayar": 120,
    "akhir": 30,
    "mulai": 30,
    "tanggal": 30,
    "harga_baru": 20,
    "jumlah": 10,
    "santunan": 20,
    "santunan_awal": 20,
}
# What is known of everybody, of those who help, and of those who have registered; the rest only some reminders know.
OF_ALL = frozenset({"bulan", "operator", "kontak"})
KNOWN_OF: Mapping[str, frozenset[str]] = {
    "registered": OF_ALL | {"nama_depan", "desa", "iuran", "nomor", "sampai"},
    "unfinished": OF_ALL,
    "facilitators": OF_ALL | {"nama_depan"},
}
MESSAGE, CAPTION = 4096, 1024  # UTF-16 units after the markup is read (core.telegram.org/bots/api)
TAGS = ("b", "i", "u", "s", "code", "pre", "blockquote", "a")
LINK = '<a href="https://…">…</a>'

_TOKEN = re.compile(
    r"""(?P<tag></?[A-Za-z][^<>]*>)|\{(?P<name>[^{}<>\n]*)\}|(?P<known>&(?:lt|gt|amp|quot);)|(?P<sign>[<{}])|(?P<words>[^<{}&]+|&)"""
)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<rest>[^<>]*)>")
_HREF = re.compile(r"""\s+href\s*=\s*["“”']?(?P<url>https://[^\s"“”'{}]+)["“”']?\s*""")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text that can be sent: canonical `html`, the placeholders it `needs`, and the most characters it can come to."""

    html: str
    needs: frozenset[str]
    longest: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text, in a sentence that says how to put it right."""

    why: Text


class _FaultError(Exception):
    """Carries a fault out of the reading."""

    def __init__(self, why: Text) -> None:
        super().__init__("a text that cannot be sent")
        self.why = why


def length(text: str) -> int:
    """Return the length of a text as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read(text: str, known: Collection[str] = KNOWN_OF["registered"], most: int = MESSAGE) -> Template | Fault:
    """Return the text ready to be sent, or what is wrong with it.

    `known` are the placeholders that can be filled for these people, `most` the characters there is room for. A sign
    that only looks like markup ("5 < 6", "A & B") is taken as the sign it is.
    """
    reading = _Reading(frozenset(known))
    try:
        reading.take(_tidy(text))
    except _FaultError as fault:
        return Fault(fault.why)
    template = Template("".join(reading.html), frozenset(reading.needs), reading.length)
    if not template.needs and not any(unicodedata.category(sign)[0] in "LNS" for sign in plain(template.html)):
        return Fault(_("Please type the text that is to be sent."))
    if template.longest > most:
        return Fault(
            _(
                "With long names and places in it, this comes to {length} characters; at most {most} fit. Please shorten it.",
                length=Number(template.longest),
                most=Number(most),
            )
        )
    return template


@lru_cache(maxsize=256)
def needs(html: str) -> frozenset[str]:
    """Return the placeholders in a text that `read` made."""
    return frozenset(_PLACEHOLDER.findall(html))


def fill(html: str, values: Mapping[str, str]) -> str:
    """Return a text that `read` made with somebody's values in it, each escaped and no longer than it may be.

    Raises KeyError for a placeholder without a value.
    """
    return _PLACEHOLDER.sub(lambda found: escape(_cut(values[found[1]], LONGEST[found[1]]), quote=False), html)


def plain(html: str) -> str:
    """Return a text without its markup, as Telegram shows and counts it."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def _tidy(text: str) -> str:
    """Return the text composed, without control characters; line breaks stay, never more than one empty line."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(one for one in composed if one == "\n" or unicodedata.category(one) not in {"Cc", "Cs", "Zl", "Zp"})
    lines = "\n".join(line.rstrip() for line in kept.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def visible(value: str) -> str:
    """Return a value on one line, without signs that are not seen or turn the direction of what follows."""
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    spaced = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in value)
    return " ".join("".join(one for one in spaced if unicodedata.category(one) not in {"Cf", "Cs"}).split())


def _cut(value: str, most: int) -> str:
    line = visible(value)
    if length(line) <= most:
        return line
    kept = line[: most - 1]
    while length(kept) >= most:
        kept = kept[:-1]
    return kept.rstrip() + "…"


@dataclass
class _Reading:
    """Reads a text sign by sign; raises _FaultError at the first thing that cannot be sent."""

    known: frozenset[str]
    html: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    length: int = 0
    _open: list[str] = field(default_factory=list)

    def take(self, text: str) -> None:
        """Read it all."""
        for found in _TOKEN.finditer(text):
            if found["tag"] is not None:
                self._tag(found["tag"])
            elif found["name"] is not None:
                self._placeholder(found["name"])
            elif found["sign"] is not None:
                self._sign(found["sign"], text[found.start() : found.start() + 12])
            else:
                self._words(unescape(found["known"]) if found["known"] else found["words"])
        if self._open:
            tag = self._open[-1]
            raise _FaultError(
                _("<code>{tag}</code> is not closed. Please put <code>{end}</code> where it ends.",
                  tag=f"<{tag}>", end=f"</{tag}>")
            )  # fmt: skip

    def _words(self, words: str) -> None:
        self.html.append(escape(words, quote=False))
        self.length += length(words)

    def _sign(self, sign: str, near: str) -> None:
        if sign in "{}":
            raise _FaultError(
                _("A brace stands alone at “{near}”. A value is written with one on each side: <code>{example}</code>.",
                  near=near, example="{nama_depan}")
            )  # fmt: skip
        if re.match(r"</?[A-Za-z]", near):
            raise _FaultError(_("The mark that begins at “{near}” has no “{end}”.", near=near, end=">"))
        self._words(sign)

    def _placeholder(self, written: str) -> None:
        name = written.strip().casefold().replace(" ", "_")
        if name not in MEANINGS:
            like = [one for one in sorted(self.known) if name and one.startswith(name)]
            like += get_close_matches(name, sorted(self.known), n=1)
            shown = "{" + written.strip()[:30] + "}"
            if like:
                raise _FaultError(
                    _("I do not know <code>{name}</code>. Do you mean <code>{meant}</code>?",
                      name=shown, meant="{" + like[0] + "}")
                )  # fmt: skip
            raise _FaultError(
                _("I do not know <code>{name}</code>. There are: {known}.", name=shown, known=listed(self.known))
            )
        if name not in self.known:
            raise _FaultError(
                _("<code>{name}</code> is not known of these people. There are: {known}.",
                  name="{" + name + "}", known=listed(self.known))
            )  # fmt: skip
        self.html.append("{" + name + "}")
        self.needs.append(name)
        self.length += LONGEST[name]

    def _tag(self, written: str) -> None:
        tag = _TAG.fullmatch(written)
        name = "" if tag is None else tag["name"].lower()
        if tag is None or name not in TAGS:
            allowed = " ".join(f"<{one}>" for one in TAGS)
            raise _FaultError(
                _("Telegram does not know the mark <code>{tag}</code>. There are: <code>{allowed}</code>.",
                  tag=written[:30], allowed=allowed)
            )  # fmt: skip
        if tag["end"]:
            self._close(name)
        else:
            self._begin(name, tag["rest"])

    def _begin(self, name: str, rest: str) -> None:
        link = _HREF.fullmatch(rest) if name == "a" else None
        if name == "a" and link is None:
            raise _FaultError(_("A link is written like this, with https: <code>{example}</code>.", example=LINK))
        if name != "a" and rest.strip():
            raise _FaultError(_("<code>{tag}</code> takes nothing else inside it.", tag=f"<{name}>"))
        self._open.append(name)
        self.html.append(f"<{name}>" if link is None else f'<a href="{escape(unescape(link["url"]))}">')

    def _close(self, name: str) -> None:
        if not self._open:
            raise _FaultError(_("<code>{end}</code> closes nothing.", end=f"</{name}>"))
        opened = self._open.pop()
        if opened != name:
            raise _FaultError(
                _("<code>{end}</code> comes too early: first <code>{expected}</code>.",
                  end=f"</{name}>", expected=f"</{opened}>")
            )  # fmt: skip
        self.html.append(f"</{name}>")


def listed(names: Collection[str]) -> str:
    """Return placeholders as they are written, in their usual order."""
    return ", ".join("{" + name + "}" for name in MEANINGS if name in names)
