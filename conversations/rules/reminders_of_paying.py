"""Reminders about paying: when a contribution is due, when cover has stopped, and when the discount ends.

Who pays alone is told what to pay; who is paid for by somebody else is told until when, in texts that cannot even name
a price; where it is not recorded who pays, nothing is promised.
"""

from __future__ import annotations

from conversations.rules import occasions
from conversations.rules.reminder import (
    ANY,
    GOVERNMENT,
    OF_PAYER,
    OF_WORKER,
    PAID_FOR,
    PAY,
    PAYING,
    SELF,
    SPONSOR,
    UNKNOWN,
    Campaign,
    Wording,
)
from conversations.words import _

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
            once=_(
                "🗓 Your contribution is recorded until {sampai}; {pembayar} pays for you: "
                "<b>until then you need not pay anything.</b>\n"
                "Whether it goes on after that is not certain; you can ask {operator}, {kontak}."
            ),
        ),
        GOVERNMENT: Wording(
            _(
                "🗓 Your contribution is recorded until {sampai}. Until {akhir}, the government pays for you ({pembayar}): "
                "<b>until then you need not pay anything.</b>\n"
                "Whether it goes on after that is not certain; you can ask {operator}, {kontak}."
            ),
            PAID_FOR | {"akhir"},
            once=_(
                "🗓 Your contribution is recorded until {sampai}; the government pays for you ({pembayar}): "
                "<b>until then you need not pay anything.</b>\n"
                "Whether it goes on after that is not certain; you can ask {operator}, {kontak}."
            ),
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
