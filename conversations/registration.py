"""The registration of a worker, from consent to "send", in the order of a paper form.

To add a question: write a step where it belongs, and its sentences in the catalogues. Nothing else has to change.
"""

from __future__ import annotations

from functools import partial

from conversations import consent, identity, offer, paying
from conversations.flow import Answers, Context, Flow, Step
from conversations.kinds import (
    AreaPick,
    Birthday,
    Choice,
    Line,
    MobileNumber,
    NikNumber,
    OccupationPick,
    Option,
    Summary,
)
from conversations.rules.benefits import Moment
from conversations.rules.prices import periods
from conversations.tier import TIER
from conversations.under_programme import UNDER_PROGRAMME
from conversations.words import Lines, Text, Value, _

RETYPE = Option("retype", _("I typed it wrong"), also=("salah", "salah ketik", "ulang"))


def _has_employer_cover(answers: Answers, _context: Context) -> bool:
    return answers.get("employer") == "yes"


def _pays_alone(answers: Answers, context: Context) -> bool:
    return paying.chooses_package(answers, context) and answers.get("payer") == "self"


def _chooses_tier(answers: Answers, context: Context) -> bool:
    return paying.chooses_package(answers, context) and paying.chosen(answers, context) is None


def last_look(form: tuple[Step, ...], closing: Text) -> Step:
    """Return the last question of a form: all its answers, with `closing` below them, to send or to change."""
    kind = Summary(*form, send=_("📨 Send"))

    def words(answers: Answers, context: Context) -> Value:
        head = _("<b>Please look once more.</b> Is everything right?")
        return Lines([head, kind.lines(answers, context), closing])

    return Step("summary", words, kind, ends={"send": "done"})


FORM = (
    Step(
        "consent",
        consent.short,
        consent.CONSENT,
        explains={"full": (_("Read the full text"), consent.full)},
        ends={"decline": "declined"},
    ),
    Step(
        "nik",
        _(
            "What is your <b>NIK</b>, the 16 digits on the KTP? Please type it.\nI delete your message as soon as I have read it."
        ),
        NikNumber(),
        label=_("NIK"),
        learns=("own_registration",),
        help=_("The NIK stands at the top of the KTP. Only the digits are needed, never a photo."),
    ),
    Step(
        "nik_right",
        identity.understood,
        Choice(
            Option("yes", _("Yes, that is right"), also=("ya", "benar", "betul", "iya", "yes")),
            RETYPE,
            Option("differs", _("The KTP has another birth date")),
        ),
        after=("nik",),
        reopens={"retype": ("nik",)},
        help=_("When a birth date is corrected, the NIK stays the same. So the two may differ."),
    ),
    Step(
        "born",
        _("What is the <b>date of birth</b> on the KTP? For example: 3 Mei 1990."),
        Birthday(),
        label=_("Date of birth"),
        when=identity.asks_birthday,
        after=("nik",),
    ),
    Step(
        "too_young",
        identity.says_too_young,
        Choice(RETYPE, Option("stop", _("Stop, I will ask the officer"))),
        when=identity.too_young,
        after=("nik", "born", "nik_right"),
        reopens={"retype": ("nik",)},
        ends={"stop": "too_young"},
    ),
    Step(
        "too_old",
        identity.says_too_old,
        Choice(
            RETYPE,
            Option("date", _("The birth date is wrong")),
            Option("stop", _("Stop, I will ask the officer")),
        ),
        when=identity.too_old,
        after=("nik", "born", "nik_right"),
        reopens={"retype": ("nik",), "date": ("born", "nik_right")},
        ends={"stop": "too_old"},
    ),
    Step(
        "already",
        identity.says_already,
        Choice(Option("see", _("Show how it stands")), Option("retype", _("Type another NIK"))),
        when=identity.already_registered,
        after=("nik",),
        reopens={"retype": ("nik",)},
        ends={"see": "already"},
    ),
    Step(
        "name",
        _("What is your <b>full name</b>, as written on the KTP?"),
        Line(2, 80, letters=True, short=_("Please type the full name as on the KTP.")),
        label=_("Name"),
        help=_("Please write it exactly as on the KTP, also if it is a single word."),
    ),
    Step(
        "phone",
        _("What is your <b>mobile number</b>?\nPress the button below to share it, or type it."),
        MobileNumber(),
        label=_("Phone"),
        help=_("The number is used only for this registration."),
    ),
    Step(
        "occupation",
        _("What is your <b>work</b>? Press a button, or type it: for example ngojek, jualan bakso, tani."),
        OccupationPick(),
        label=_("Work"),
        help=_("If your work is not in the list, just type it. It can be used as it is."),
    ),
    Step(
        "village",
        _("Which <b>village</b> do you live in? Choose the district, or type the village's name."),
        AreaPick(elsewhere=True),
        label=_("Village"),
        learns=("programmes",),
        help=_("The sponsor of this village will look at your registration."),
    ),
    Step(
        "address",
        _("What is your <b>address</b> on the KTP? For example: Jl. Mawar No. 12, RT 03 RW 02."),
        Line(5, 160, short=_("Please type street or hamlet with RT and RW, at least a few words.")),
        label=_("Address"),
    ),
    Step(
        "employer",
        _("Do you already have <b>BPJS Ketenagakerjaan through an employer</b>, for example a factory or a shop?"),
        Choice(
            Option("no", _("No"), also=("tidak", "belum", "no", "ndak", "nggak", "tidak punya")),
            Option("yes", _("Yes"), also=("ya", "sudah", "punya", "yes")),
            Option("unsure", _("I am not sure"), also=("tidak tahu", "kurang tahu")),
        ),
        label=_("Cover through an employer"),
        help=_("BPJS Kesehatan (for the doctor) is something else and does not matter here."),
    ),
    Step(
        "officer",
        _("Then an officer looks at it first; I do not decide that. May I pass your data on to the officer?"),
        Choice(
            Option("forward", _("Yes, pass it on"), also=("ya", "boleh", "yes")),
            Option("change", _("Change my answer")),
        ),
        when=_has_employer_cover,
        reopens={"change": ("employer",)},
    ),
    Step(
        "payer",
        _("<b>Who will pay</b> the contribution?"),
        Choice(
            Option("self", _("I pay myself"), also=("saya", "sendiri", "bayar sendiri")),
            Option("sponsor", _("Somebody pays for me"), also=("sponsor", "dibayari")),
            Option("unknown", _("I do not know yet"), also=("tidak tahu", "belum tahu")),
        ),
        label=_("Who pays"),
        when=paying.chooses_package,
        help=_(
            "If you do not know yet, just say so: the sponsor of your village sees it. That is no promise that somebody pays."
        ),
    ),
    *UNDER_PROGRAMME,
    Step(
        "tier",
        offer.tier_question,
        TIER,
        label=_("Package"),
        when=_chooses_tier,
        explains={
            "accident": (_("🚑 Accident at work"), partial(offer.explain, Moment.ACCIDENT)),
            "death": (_("🕊 Death"), partial(offer.explain, Moment.DEATH)),
            "old_age": (_("🏦 Old age"), partial(offer.explain, Moment.OLD_AGE)),
            "totals": (_("🗓 Several months"), offer.explain_totals),
            "source": (_("Where do the prices come from?"), offer.explain_source),
        },
        picture=offer.tier_picture,
    ),
    Step(
        "months",
        _("For <b>how many months</b> do you want to pay at first? You can always pay on later."),
        Choice(
            *(
                Option(str(months), partial(offer.month_label, months), also=(f"{months} bulan",))
                for months in periods()
            )
        ),
        label=_("First payment"),
        when=_pays_alone,
        after=("tier", "payer"),
    ),
)
STEPS = (*FORM, last_look(FORM, _("You are not yet a member: that begins only when BPJS has the contribution.")))

REGISTRATION = Flow(
    "registration",
    STEPS,
    leaving=_("Stop here? The answers you have given will be deleted."),
    left=_("Stopped. Your answers are deleted. You can begin again at any time with /daftar."),
)
CORRECTION = Flow("correction", STEPS)  # the same form over answers given before; a registration may be open beside it
