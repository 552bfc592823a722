"""Rendering: what one recipient reads, made at the moment of sending from what is known of them then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from conversations.broadcast import ACTIONS
from conversations.consent import agreed_at
from conversations.rules import placeholders
from conversations.rules.placeholders import CAPTION, MESSAGE
from conversations.words import Money, Month, _
from handlers.broadcasts import values
from handlers.broadcasts.values import Given, Values
from handlers.visit import Key, Visit, button, inline
from locales import words
from storage import broadcasts, sessions
from storage.broadcasts import Broadcast, Recipient


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that can be sent: `payload` is the call to the Bot API, its name under "method"."""

    payload: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who gets nothing after all; `reason` is a code without personal data."""

    state: Literal["skipped", "opted_out"]
    reason: str


async def render(visit: Visit, broadcast: Broadcast, recipient: Recipient) -> Ready | LeftOut:
    """Return what a recipient reads. Whether they may be written to at all, the broadcaster has asked before.

    Who does not belong to the audience any more is left out: somebody who has paid is not told that cover has stopped.
    """
    if not await broadcasts.still(visit.tx, broadcast.audience, visit.today, [recipient.person]):
        return LeftOut("skipped", "changed")
    [made] = await render_all(visit, broadcast, [recipient])
    return made


async def render_all(visit: Visit, broadcast: Broadcast, recipients: Sequence[Recipient]) -> list[Ready | LeftOut]:
    """Return what each of many recipients reads, in their order."""
    needed = {name for html in broadcast.body["texts"].values() for name in placeholders.needs(html)}
    known = await values.of_all(visit, recipients, needed)
    made = [_made(broadcast, *pair) for pair in zip(recipients, known, strict=True)]
    if broadcast.audience.whom != "unfinished":
        return made
    recorded = await _recorded(visit, recipients)
    never = LeftOut("opted_out", "not recorded")
    return [what if who.person in recorded else never for who, what in zip(recipients, made, strict=True)]


async def _recorded(visit: Visit, recipients: Sequence[Recipient]) -> set[int]:
    """Return who of those that have not finished has agreed to be recorded: nobody else is written to about it."""
    begun = await sessions.of_many(visit.tx, [one.person for one in recipients], "registration")
    return {person for person, session in begun.items() if agreed_at(session.body.get("answers", {})) is not None}


def _made(broadcast: Broadcast, recipient: Recipient, known: Values | None) -> Ready | LeftOut:
    html = broadcast.body["texts"].get(recipient.language)
    if html is None:
        return LeftOut("skipped", "no text")
    if known is None:
        return LeftOut("skipped", "changed")
    said = {name: placeholders.visible(_worded(recipient.language, value)) for name, value in known.items()}
    if any(not said.get(name) for name in placeholders.needs(html)):
        return LeftOut("skipped", "placeholder")
    text = placeholders.fill(html, said)
    if placeholders.length(placeholders.plain(text)) > (CAPTION if broadcast.body.get("picture") else MESSAGE):
        return LeftOut("skipped", "too long")
    return Ready(_payload(broadcast, recipient, text))


def _worded(language: str, value: Given) -> str:
    return value if isinstance(value, str) else _written(language, value)


@lru_cache(maxsize=1024)
def _written(language: str, value: Money | Month | date) -> str:
    """Write an amount or a date as a language does; many people have the same."""
    return words(language).plain(value)


def _payload(broadcast: Broadcast, recipient: Recipient, text: str) -> dict[str, Any]:
    picture, keys = broadcast.body.get("picture"), _keys(broadcast, recipient)
    shown = (
        {"method": "sendPhoto", "photo": picture, "caption": text}
        if picture
        else {"method": "sendMessage", "text": text}
    )
    markup = {"reply_markup": inline(words(recipient.language), keys)} if keys else {}
    return {**shown, "chat_id": recipient.person, "parse_mode": "HTML", **markup}


def _keys(broadcast: Broadcast, recipient: Recipient) -> list[list[Key]]:
    """Return the action its author chose, and under what is not necessary the way to stop."""
    action, subject = str(broadcast.body.get("button")), str(recipient.id)
    keys = [[Key(ACTIONS[action], button("siar", action, subject))]] if action in ACTIONS else []
    stop = [] if broadcast.necessary else [[Key(_("🔕 Stop"), button("siar", "stop", subject))]]
    return [*keys, *stop]
