"""How a campaign is set: as usual, but for what an admin has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.rules.reminder import Campaign
from storage import broadcasts


@dataclass(frozen=True, slots=True)
class Settings:
    """A campaign's settings; `texts` are an admin's own, as HTML by kind of reader and language."""

    on: bool
    offsets: tuple[int, ...]
    most: int
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return what is stored, beside whether it is on."""
        texts = {variant: dict(known) for variant, known in self.texts.items() if known}
        return {"offsets": list(self.offsets), "most": self.most, "texts": texts}


def of(campaign: Campaign, stored: broadcasts.Campaign | None) -> Settings:
    """Return the settings of a campaign; what was never set, or no longer fits, is as usual."""
    if stored is None:
        return Settings(on=True, offsets=campaign.offsets, most=campaign.most)
    known = stored.settings
    offsets = tuple(known.get("offsets", ()))
    return Settings(
        on=stored.on,
        offsets=offsets if len(offsets) == len(campaign.offsets) else campaign.offsets,
        most=int(known.get("most", campaign.most)),
        texts=known.get("texts", {}),
    )
