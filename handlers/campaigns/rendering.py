"""Rendering: what one recipient of a campaign reads, made at the moment of sending, in an admin's words or the usual ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from conversations.broadcast import ACTIONS
from conversations.rules import placeholders
from conversations.rules.campaigns import CAMPAIGNS
from conversations.rules.reminder import Campaign, Wording
from conversations.words import Text, Value, _
from handlers.broadcasts.rendering import LeftOut, Ready
from handlers.campaigns import settings
from handlers.campaigns.told import told
from handlers.visit import Key, Visit, button, message
from locales import words
from storage import broadcasts
from storage.broadcasts import Broadcast, Recipient

MONTH = timedelta(days=30)  # in which a campaign's messages to one person are counted
LABELS: Mapping[str, Text] = {
    **ACTIONS,
    "right": _("✅ Still right"),
    "changed": _("✏️ Something has changed"),
    "correct": _("✏️ Put it right now"),
    "entries": _("📋 My entries"),
}


async def render(visit: Visit, broadcast: Broadcast, recipient: Recipient) -> Ready | LeftOut:
    """Return what a recipient reads. What is no longer so is not said, and nobody gets more of one campaign than is set."""
    campaign = CAMPAIGNS.get(broadcast.campaign or "")
    if campaign is None:
        return LeftOut("skipped", "no longer applies")
    known = settings.of(campaign, await broadcasts.campaign(visit.tx, campaign.code))
    if await broadcasts.got(visit.tx, broadcast.id, recipient.person, visit.now - MONTH) >= known.most:
        return LeftOut("skipped", "enough")
    found = await told(visit, campaign, known, recipient)
    if found is None:
        return LeftOut("skipped", "no longer applies")
    wording = campaign.wordings[found.variant]
    own = known.texts.get(found.variant, {}).get(recipient.language)
    text = worded(wording, own, recipient.language, found.values)
    if text is None:
        return LeftOut("skipped", "placeholder")
    payload = message(recipient.person, words(recipient.language), "", keys(campaign, wording, recipient))
    return Ready({**payload, "method": "sendMessage", "text": text})


def worded(wording: Wording, own: str | None, language: str, known: Mapping[str, Value]) -> str | None:
    """Return a text as HTML, the admin's own where there is one; None where a value it needs is not known."""
    usual = wording.usual(known).sentence
    if not known.keys() >= set(placeholders.needs(own or usual)):
        return None
    reader = words(language)
    if own is None:
        return reader(Text(usual, known))
    return placeholders.fill(own, {name: reader.plain(value) for name, value in known.items()})


def keys(campaign: Campaign, wording: Wording, recipient: Recipient) -> list[list[Key]]:
    """Return the buttons under a reminder, the last of which stops what is not necessary."""
    subject = str(recipient.id)
    data = {
        "correct": button("own", "correct", recipient.registration or ""),
        "entries": button("neighbours", "mine", "0"),
    }
    offered = [[Key(LABELS[one], data.get(one, button("siar", one, subject)))] for one in wording.buttons]
    return offered if campaign.necessary else [*offered, [Key(_("🔕 Stop"), button("siar", "stop", subject))]]
