"""The registration of a neighbour by somebody near: the registration's own steps, worded about a third person.

First comes how the two are related and how the neighbour agreed; the rest is the same form. What has no words here is
asked as in the registration.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conversations import consent, registration
from conversations.flow import Flow, Step
from conversations.kinds import AreaPick, Choice, MobileNumber, NikNumber, Option
from conversations.words import _

NIKS_A_DAY = 200  # of one person who registers others
SHARED = ("relation", "village", "payer", "programme")  # likely the same for the next neighbour; consent never is

BEFORE = (
    Step(
        "relation",
        _("<b>Whom do you register?</b> Press a button, or type it in a few words."),
        Choice(
            Option("helper", _("Household helper"), also=("art", "pembantu")),
            Option("relative", _("Sibling or relative"), also=("saudara", "keluarga", "adik", "kakak")),
            Option("parent", _("Parent"), also=("orang tua", "bapak", "ibu", "ayah")),
            Option("neighbour", _("Neighbour"), also=("tetangga", "warga")),
            own_words=True,
        ),
        label=_("Relation"),
        help=_("It is shown to the officer who looks at the registration."),
    ),
    Step(
        "consent_how",
        _(
            "<b>Does this person agree</b> that the data are recorded and sent? Please read the text below to them first.\n"
            "Each person decides for themselves; saying no has no drawback."
        ),
        consent.ATTESTED,
        label=_("Consent"),
        explains={"aloud": (_("📖 Text to read aloud"), consent.aloud)},
        ends={"not_yet": "not_agreed"},
    ),
)

# What differs from the registration, by step.
WORDED: dict[str, dict[str, Any]] = {
    "nik": {
        "asks": _(
            "What is <b>their NIK</b>, the 16 digits on the KTP? Please type it.\nI delete your message as soon as I have read it."
        ),
        "kind": NikNumber(NIKS_A_DAY),
    },
    "name": {"asks": _("What is <b>their full name</b>, as written on the KTP?")},
    "phone": {
        "asks": _("What is <b>their mobile number</b>? Please type it. If there is none, press the button."),
        "kind": MobileNumber(own=False),
    },
    "occupation": {
        "asks": _("What is <b>their work</b>? Press a button, or type it: for example ngojek, jualan bakso, tani.")
    },
    "village": {
        "asks": _("Which <b>village</b> do they live in? Choose the district, or type the village's name."),
        "kind": AreaPick(),
    },
    "address": {"asks": _("What is <b>their address</b> on the KTP? For example: Jl. Mawar No. 12, RT 03 RW 02.")},
    "employer": {
        "asks": _(
            "Do they already have <b>BPJS Ketenagakerjaan through an employer</b>, for example a factory or a shop?"
        )
    },
    "payer": {
        "asks": _("<b>Who will pay</b> this person's contribution?"),
        "kind": Choice(
            Option("self", _("They pay themselves"), also=("sendiri", "bayar sendiri")),
            Option("sponsor", _("Somebody pays for them"), also=("sponsor", "dibayari", "saya")),
            Option("unknown", _("I do not know yet"), also=("tidak tahu", "belum tahu")),
        ),
    },
    "breadwinner": {"asks": _("Are they the <b>main earner</b> of the family?")},
    "tier": {"picture": None},  # who registers many has seen it
    "months": {"asks": _("For <b>how many months</b> do they want to pay at first? They can always pay on later.")},
}

FORM = (*BEFORE, *(replace(step, **WORDED.get(step.id, {})) for step in registration.FORM if step.id != "consent"))

STEPS = (
    *FORM,
    registration.last_look(
        FORM, _("By sending you vouch that this person agrees. Cover begins only when BPJS has the contribution.")
    ),
)

NEIGHBOUR = Flow(
    "neighbour",
    STEPS,
    leaving=_("Stop here? The answers you have given will be deleted."),
    left=_("Stopped. The answers are deleted. /daftarkan begins anew."),
)
NEIGHBOUR_CORRECTION = Flow("neighbour_fix", STEPS)  # over answers given before, as the registration's correction
