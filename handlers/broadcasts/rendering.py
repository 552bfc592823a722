"""Rendering: what one recipient reads, made at the moment of sending from what is known of them then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from handlers.visit import Visit
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


async def render(_visit: Visit, broadcast: Broadcast, recipient: Recipient) -> Ready | LeftOut:
    """Return what a recipient reads. Whether they may be written to at all, the broadcaster has asked before."""
    text = broadcast.body["texts"].get(recipient.language)
    if text is None:
        return LeftOut("skipped", "no text")
    return Ready({"method": "sendMessage", "chat_id": recipient.person, "text": text, "parse_mode": "HTML"})
