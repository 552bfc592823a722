"""What a reminder looks like to its readers, with made-up values in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from conversations.campaign import READERS
from conversations.rules import dues, prices
from conversations.rules.prices import Tier
from conversations.rules.reminder import Campaign
from conversations.rules.tables import document
from conversations.words import Money, Month, Number, Value, _
from handlers.campaigns.rendering import worded
from handlers.campaigns.settings import Settings
from handlers.visit import Visit, message
from locales import LANGUAGES


def values(visit: Visit, *, ahead: bool) -> Mapping[str, Value]:
    """Return made-up values, with the prices and dates of today; what is paid ends this month if `ahead`, else the last."""
    office, today = visit.office, visit.today
    month = prices.later(today, 1 if ahead else 0)
    death = document("benefits")["death"]
    price = dues.contribution(month, Tier.BASIC.value, "self", transport=False)
    return {
        "nama_depan": "Siti",
        "desa": office.areas.describe(office.area).partition(",")[0],
        "nomor": "K7M-4QX9",
        "operator": office.operator,
        "kontak": office.contact,
        "iuran": "…" if price is None else price,
        "bulan": Month(month),
        "sampai": month - timedelta(days=1),
        "pembayar": office.operator,
        "tempat": Number(12),
        "akhir": prices.later(month, 12) - timedelta(days=1),
        "mulai": today,
        "tanggal": month - timedelta(days=1),
        "harga_baru": Money(prices.base(Tier.BASIC)),
        "jumlah": Number(3),
        "santunan": Money(int(death["amount"])),
        "santunan_awal": Money(int(death["before"])),
    }


def show(visit: Visit, campaign: Campaign, known: Settings) -> None:
    """Show each kind of reader's words: in the visitor's language, and in others where an admin has written them."""
    given = values(visit, ahead=campaign.unit == "before")
    for variant, wording in campaign.wordings.items():
        for language in LANGUAGES:
            own = known.texts.get(variant, {}).get(language)
            if own is None and language != visit.words.language:
                continue
            text = worded(wording, own, language, given)
            head = visit.words(_("👀 {reader} ({language})", reader=_reader(variant), language=LANGUAGES[language]))
            payload = message(visit.id, visit.words, "")
            visit.post("sendMessage", {**payload, "text": f"{head}\n\n{text}"})


def _reader(variant: str) -> Value:
    return READERS.get(variant, _("Everybody it is for"))
