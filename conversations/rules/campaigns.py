"""Reminders that run by themselves: which there are, when each is usually due, and its usual words.

An admin may switch each one off and change its days, how many of it one person gets, and its words. Who pays alone is
told what to pay; who is paid for by somebody else is told until when, in texts that cannot even name a price; where it
is not recorded who pays, nothing is promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from conversations.rules import occasions
from conversations.rules.occasions import Rule
from conversations.words import Text, _

Unit = Literal["hours", "before", "after", "clock"]

ANY = ""  # the variant of a campaign that says the same to everybody
SELF, SPONSOR, GOVERNMENT, UNKNOWN = "self", "sponsor", "government", "unknown"  # who pays
OF_OFFICE = frozenset({"operator", "kontak"})
OF_WORKER = OF_OFFICE | {"nama_depan", "desa", "nomor"}


@dataclass(frozen=True, slots=True)
class Wording:
    """What one kind of reader is told: the usual `text`, the values it may hold, and the buttons under it."""

    text: Text
    values: frozenset[str] = OF_WORKER
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign.

    `offsets` are counted as `unit` says: hours or days after the event, days before it, or the hour of the day; how many
    there are does not change. `most` of it go to one person in 30 days. What is `necessary` is exempt from the limit
    for all messages and from /berhenti. `wordings` are by kind of reader; `rule` finds the occasion of a registration.
    `helper`: it goes to who entered a registration that has no owner yet. `weekly`: it is looked for only once a week.
    `whole`: it speaks of the first months of membership, and is not for whom cover had stopped before.
    """

    code: str
    title: Text
    unit: Unit
    offsets: tuple[int, ...]
    most: int
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    rule: Rule | None = None
    necessary: bool = False
    helper: bool = False
    weekly: bool = False
    whole: bool = False


PAYING = frozenset({"iuran", "bulan", "sampai"})
PAID_FOR = OF_WORKER | {"sampai", "pembayar"}
OF_PAYER = OF_OFFICE | {"pembayar", "jumlah", "sampai"}
PAY = ("where", "paid")

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
PAYMENT = Campaign(
    "payment",
    _("🗓 Contribution is due"),
    "before",
    (7,),
    2,
    {
        SELF: Wording(
            _(
                "🗓 <b>Your contribution is recorded until {sampai}.</b>\n"
                "So that cover does not stop, please pay for {bulan}: <b>{iuran}</b>. Use your payment code (kode iuran) at "
                "Alfamart, Indomaret, BRILink, the post office or BPJS. Never pay anyone in this chat.\n"
                "Paid already? Then there is nothing to do."
            ),
            OF_WORKER | PAYING,
            PAY,
        ),
        SPONSOR: Wording(
            _(
                "🗓 Your contribution is recorded until {sampai}. Until {akhir}, {pembayar} pays for you: "
                "<b>until then you need not pay anything.</b>\n"
                "Whether it goes on after that is not certain; you can ask {operator}, {kontak}."
            ),
            PAID_FOR | {"akhir"},
        ),
        GOVERNMENT: Wording(
            _(
                "🗓 Your contribution is recorded until {sampai}. Until {akhir}, the government pays for you ({pembayar}): "
                "<b>until then you need not pay anything.</b>\n"
                "Whether it goes on after that is not certain; you can ask {operator}, {kontak}."
            ),
            PAID_FOR | {"akhir"},
        ),
        UNKNOWN: Wording(
            _(
                "🗓 <b>Your contribution is recorded until {sampai}.</b> Who pays after that is not recorded with us.\n"
                "So that cover does not stop, please ask {operator}, {kontak}."
            ),
            OF_WORKER | {"sampai"},
        ),
    },
    occasions.payment,
)
LAPSE = Campaign(
    "lapse",
    _("⏸ Cover has just stopped"),
    "after",
    (1,),
    2,
    {
        SELF: Wording(
            _(
                "⏸ <b>According to our records, your cover has stopped:</b> the contribution was paid until {sampai}.\n"
                "There is no fine. Paying again brings it back: {iuran} for {bulan}; up to 3 months can be paid afterwards.\n"
                "Paid already? BPJS's record may take some days."
            ),
            OF_WORKER | PAYING,
            PAY,
        ),
        SPONSOR: Wording(
            _(
                "⏸ According to our records, your cover has stopped: the contribution was paid until {sampai}. "
                "<b>You owe nothing.</b>\n{pembayar} has paid for you. Whether that goes on, you can ask {operator}, {kontak}."
            ),
            PAID_FOR,
        ),
        GOVERNMENT: Wording(
            _(
                "⏸ According to our records, your cover has stopped: the contribution was paid until {sampai}. "
                "<b>You owe nothing.</b>\n"
                "The government has paid for you ({pembayar}). Whether that goes on, you can ask {operator}, {kontak}."
            ),
            PAID_FOR,
        ),
        UNKNOWN: Wording(
            _(
                "⏸ <b>According to our records, your cover has stopped:</b> the contribution was paid until {sampai}. "
                "There is no fine.\nWho pays for you is not recorded with us. "
                "How it can go on, you can ask {operator}, {kontak}."
            ),
            OF_WORKER | {"sampai"},
        ),
    },
    occasions.lapsed,
)
AFTER_LAPSE = Campaign(
    "after_lapse",
    _("⏸ Stopped for a month"),
    "after",
    (30,),
    2,
    {
        SELF: Wording(
            _(
                "⏸ <b>According to our records, the contribution was paid until {sampai} and not since.</b> While cover is "
                "stopped, BPJS does not pay if something happens.\nThere is no fine. Up to 3 months can be paid afterwards; after that, paying again with "
                "the NIK makes you a member anew. {iuran} for {bulan}."
            ),
            OF_WORKER | PAYING,
            PAY,
        ),
        SPONSOR: Wording(
            _(
                "⏸ According to our records, your contribution was paid until {sampai} and not since. "
                "<b>You owe nothing</b>: {pembayar} has paid for you.\n"
                "Whether that goes on, you can ask {operator}, {kontak}."
            ),
            PAID_FOR,
        ),
        GOVERNMENT: Wording(
            _(
                "⏸ According to our records, your contribution was paid until {sampai} and not since. "
                "<b>You owe nothing</b>: the government has paid for you ({pembayar}).\n"
                "Whether that goes on, you can ask {operator}, {kontak}."
            ),
            PAID_FOR,
        ),
        UNKNOWN: Wording(
            _(
                "⏸ According to our records, your contribution was paid until {sampai} and not since. There is no fine.\n"
                "Who pays for you is not recorded with us. How it can go on, you can ask {operator}, {kontak}."
            ),
            OF_WORKER | {"sampai"},
        ),
    },
    occasions.lapsed,
)
DISCOUNT = Campaign(
    "discount",
    _("🏷 Half price ends"),
    "before",
    (14,),
    2,
    {
        SELF: Wording(
            _(
                "🏷 <b>The half price ends with {tanggal}.</b> From the month after, your contribution is "
                "<b>{harga_baru}</b> a month.\nThe price goes by the month that is paid for, not by the day of paying."
            ),
            OF_WORKER | {"tanggal", "harga_baru"},
            ("where",),
        )
    },
    occasions.discount,
)
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
PAYER_DUE = Campaign(
    "payer_due",
    _("🤝 To payers: contribution is due"),
    "before",
    (7,),
    4,
    {
        ANY: Wording(
            _(
                "🤝 <b>{pembayar}: the contribution of {jumlah} people is recorded until {sampai}.</b>\n"
                "So that their cover does not stop, please pay BPJS directly for the next month. Never pay anyone in this chat.\n"
                "Paid already? Then there is nothing to do. Whom it is for: /bayarkan."
            ),
            OF_PAYER,
        )
    },
)
PAYER_LAPSE = Campaign(
    "payer_lapse",
    _("🤝 To payers: cover has stopped"),
    "after",
    (1,),
    4,
    {
        ANY: Wording(
            _(
                "🤝 <b>{pembayar}: according to our records, the cover of {jumlah} people has stopped</b>; the contribution was "
                "paid until {sampai}.\n"
                "There is no fine. Up to 3 months can be paid afterwards, to BPJS directly.\n"
                "Paid already? BPJS's record may take some days. Whom it is for: /bayarkan."
            ),
            OF_PAYER,
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
