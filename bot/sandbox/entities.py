"""Telegram's HTML, read as strictly as the Bot API server reads it: plain text and its entities.

The error texts are those of TDLib's `parse_html`. A bare "&" is accepted, as there; a bare "<" is not. Offsets and
lengths of entities count UTF-16 units, offsets in errors count bytes.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.refusals import Refusal, bad_request

Entity = dict[str, Any]

_TYPES = {
    "b": "bold", "strong": "bold",
    "i": "italic", "em": "italic",
    "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}  # fmt: skip
_TAG = re.compile(r"""<(?P<end>/?)(?P<name>[^\s>]*)(?P<rest>(?:[^>"']|"[^"]*"|'[^']*')*)>""")
_ATTRIBUTE = re.compile(r"""\s*(?P<name>[^\s=>/"']+)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s>"']+))?""")
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_VALUELESS = {"expandable"}


def utf16(text: str) -> int:
    """The length of `text` as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def parse(source: str, parse_mode: str | None) -> tuple[str, list[Entity]]:
    """Text and entities of `source`; raises Refusal with Telegram's words when it cannot be read."""
    if not parse_mode:
        return _trimmed(source, [])
    if parse_mode.lower() != "html":
        raise bad_request("unsupported parse_mode")  # the project writes HTML only
    reading = _Reading(source)
    reading.read()
    return _trimmed(reading.text, reading.entities)


def commands(text: str) -> list[Entity]:
    """The entity of a command that opens a person's message, as Telegram marks it."""
    command = re.match(r"/[A-Za-z0-9_]{1,32}(@\w+)?", text)
    return [{"type": "bot_command", "offset": 0, "length": len(command[0])}] if command else []


@dataclass(slots=True)
class _Reading:
    source: str
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    _open: list[tuple[str, Entity]] = field(default_factory=list)

    def read(self) -> None:
        position = 0
        while (start := self.source.find("<", position)) >= 0:
            self._take(self.source[position:start])
            tag = _TAG.match(self.source, start)
            if tag is None:
                kind = "end" if self.source.startswith("</", start) else "start"
                raise self._refusal(f"Unclosed {kind} tag", start)
            if tag["end"]:
                self._close(tag["name"].lower(), start)
            else:
                self._begin(tag["name"].lower(), tag["rest"], start)
            position = tag.end()
        self._take(self.source[position:])
        if self._open:
            raise bad_request(
                f"can't parse entities: Can't find end tag corresponding to start tag \"{self._open[-1][0]}\""
            )
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))

    def _take(self, raw: str) -> None:
        self.text += _REFERENCE.sub(lambda found: html.unescape(found[0]), raw)

    def _begin(self, name: str, rest: str, start: int) -> None:
        if name not in _TYPES:
            raise self._refusal(f'Unsupported start tag "{name}"', start)
        attributes = self._attributes(name, rest, start)
        entity: Entity = {"type": _TYPES[name], "offset": utf16(self.text)}
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self._refusal('Tag "span" must have class "tg-spoiler"', start)
        if name == "a":
            entity["url"] = attributes.get("href", "")
        if name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        self._open.append((name, entity))

    def _attributes(self, tag: str, rest: str, start: int) -> dict[str, str]:
        attributes, position = {}, 0
        rest = rest.rstrip()
        while position < len(rest):
            found = _ATTRIBUTE.match(rest, position)
            if found is None:
                raise self._refusal(f'Empty attribute name in the tag "{tag}"', start)
            if found["value"] is None and found["name"] not in _VALUELESS:
                raise self._refusal(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', start)
            attributes[found["name"].lower()] = html.unescape((found["value"] or "").strip("\"'"))
            position = found.end()
        return attributes

    def _close(self, name: str, start: int) -> None:
        if not self._open:
            raise self._refusal("Unexpected end tag", start)
        opened, entity = self._open.pop()
        if name and name != opened:
            where = f"at byte offset {self._bytes(start)}"
            raise bad_request(
                f'can\'t parse entities: Unmatched end tag {where}, expected "</{opened}>", found "</{name}>"'
            )
        entity["length"] = utf16(self.text) - entity["offset"]
        if entity["type"] == "text_link" and not entity["url"]:
            entity["url"] = self.text[-entity["length"] :]
        if entity["length"]:
            self.entities.append(entity)

    def _bytes(self, start: int) -> int:
        return len(self.source[:start].encode())

    def _refusal(self, reason: str, start: int) -> Refusal:
        return bad_request(f"can't parse entities: {reason} at byte offset {self._bytes(start)}")


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without the white space around it, which Telegram drops; entities move along."""
    plain = text.strip()
    shift = utf16(text[: len(text) - len(text.lstrip())])
    end = utf16(plain)
    kept = []
    for entity in entities:
        first = max(0, entity["offset"] - shift)
        last = min(end, entity["offset"] + entity["length"] - shift)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return plain, kept
