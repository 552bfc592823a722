"""Reminders that run by themselves, all of them: about the registration, about cover, and about paying."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.rules import occasions
from conversations.rules.reminder import (
    ANY,
    OF_OFFICE,
    OF_WORKER,
    Campaign,
    Wording,
)
from conversations.rules.reminders_of_paying import AFTER_LAPSE, DISCOUNT, LAPSE, PAYER_DUE, PAYER_LAPSE, PAYMENT
from conversations.words import _

UNFINISHED = Campaign(
    "unfinished",
    _("📝 Registration not finished"),
    "hours",
    (1, 24, 72),
    3,
    {
        ANY: Wording(
            _(
                "📝 <b>Your registration is not finished yet.</b> Your answers are kept, a few minutes are enough.\n"
                "Would you rather not? /batal deletes what you have answered."
            ),
            OF_OFFICE,
            ("resume",),
        )
    },
)
CORRECTION = Campaign(
    "correction",
    _("✏️ Waits to be put right"),
    "after",
    (1, 3),
    6,
    {
        ANY: Wording(
            _(
                "✏️ <b>Registration {nomor} waits for one answer to be put right.</b>\n"
                "Everything else stays, and so does its place in the queue."
            ),
            OF_WORKER,
            ("correct",),
        )
    },
    occasions.correction,
    necessary=True,
    helper=True,
)
QUEUE = Campaign(
    "queue",
    _("🕓 Waits in the queue"),
    "after",
    (3,),
    4,
    {
        "queued": Wording(
            _(
                "🕓 <b>Registration {nomor} is not forgotten.</b> Its place in the queue: <b>{tempat}</b>.\n"
                "There is nothing to do: as soon as it is decided, you read it here. Cover has not begun yet."
            ),
            OF_WORKER | {"tempat"},
        ),
        "waiting_list": Wording(
            _(
                "⏳ <b>Registration {nomor} still waits for a free place.</b> Its place on the waiting list: <b>{tempat}</b>.\n"
                "Places are given in that order, and you read it here. Cover has not begun yet."
            ),
            OF_WORKER | {"tempat"},
        ),
    },
    occasions.queue,
)
DIGEST = Campaign("digest", _("☀️ Morning message to reviewers"), "clock", (8,), 31)
CLAIM_LINK = Campaign(
    "claim_link",
    _("🔗 Links not opened"),
    "after",
    (3,),
    4,
    {
        ANY: Wording(
            _(
                "🔗 <b>{jumlah} of your links have not been opened yet.</b>\n"
                "Please show them once more: then people check their data themselves and read here how it stands. "
                "A link works for 7 days; “My entries” makes a new one."
            ),
            OF_OFFICE | {"nama_depan", "jumlah"},
            ("entries",),
        )
    },
)
CONFIRMED = Campaign(
    "confirmed",
    _("🛡 Cover has begun"),
    "after",
    (1,),
    2,
    {
        ANY: Wording(
            _(
                "🛡 <b>Your cover has been running since {mulai}.</b> Please tell your family today, so that they know:\n"
                "• Accident at work: treatment by medical need is paid until you are well, at partner hospitals and clinics "
                "(PLKK). Report it within 2 × 24 hours.\n"
                "• Death not caused by work: {santunan_awal} in the first 3 months, after that {santunan}.\n"
                "Please keep KTP and KPJ number where they find them."
            ),
            OF_WORKER | {"mulai", "santunan", "santunan_awal"},
        )
    },
    occasions.confirmed,
    whole=True,
)
YEARLY = Campaign(
    "yearly",
    _("📋 Are the data still right?"),
    "after",
    (0,),
    2,
    {
        ANY: Wording(
            _(
                "📋 <b>Are your data still right?</b> It is good to look once a year: phone number, address, work.\n"
                "Please press what fits."
            ),
            OF_WORKER,
            ("right", "changed"),
        )
    },
    occasions.yearly,
)
UNDER_65 = Campaign(
    "under_65",
    _("⏰ Soon 65 and not covered yet"),
    "before",
    (90,),
    4,
    {
        ANY: Wording(
            _(
                "⏰ <b>Who is 65 can no longer be registered with BPJS Ketenagakerjaan.</b> "
                "For registration {nomor} that is from {tanggal} on.\n"
                "So that it is not too late, please ask {operator}, {kontak}, to hurry."
            ),
            OF_WORKER | {"tanggal"},
        )
    },
    occasions.under_65,
    helper=True,
    weekly=True,
)
FULL_BENEFIT = Campaign(
    "full_benefit",
    _("🕊 Full death benefit reached"),
    "after",
    (0,),
    2,
    {
        ANY: Wording(
            _(
                "🕊 <b>Your family is safer now.</b> You have been a member for 3 months: if you die of something other than work, "
                "they get <b>{santunan}</b> instead of {santunan_awal}.\n"
                "It stays so as long as the contribution is paid. Please tell your family."
            ),
            OF_WORKER | {"santunan", "santunan_awal"},
        )
    },
    occasions.full_benefit,
    whole=True,
)

CAMPAIGNS: Mapping[str, Campaign] = {
    one.code: one
    for one in (
        UNFINISHED,
        CORRECTION,
        QUEUE,
        DIGEST,
        CLAIM_LINK,
        UNDER_65,
        CONFIRMED,
        FULL_BENEFIT,
        PAYMENT,
        LAPSE,
        AFTER_LAPSE,
        PAYER_DUE,
        PAYER_LAPSE,
        DISCOUNT,
        YEARLY,
    )
}
