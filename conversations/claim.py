"""Somebody looks at what another entered for them, and says: right, to be corrected, or never asked for.

A link may be forwarded, so taking over needs a proof: the NIK, typed whole. Its last digits alone would be none: they
are a serial that nearly always begins with 000, and a masked NIK shows two of them.
"""

from __future__ import annotations

from conversations import consent
from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Flow, Reading, Refused, Reply, Step, Taken
from conversations.kinds import Choice, OccupationPick, Option
from conversations.replies import Button
from conversations.rules import digits, names, nik
from conversations.words import Lines, Text, Value, _

TRIES_A_DAY = 5  # wrong links and proofs of one person
MATCHED = "matched"  # what is kept of a proof that was right: never the number

PAYERS: dict[str, Text] = {
    "self": _("you yourself"),
    "sponsor": _("a private sponsor"),
    "company": _("a company"),
    "apbd": _("the government"),
}


def too_often(contact: str) -> Text:
    """Return what somebody reads whose tries for today are used up, whether this one would have been right or wrong."""
    return _("That was tried too often today. Please go on tomorrow, or ask {contact}.", contact=contact)


def _takes_over(answers: Answers, _context: Context) -> bool:
    return answers.get("answer") in {"right", "fix"}


def _denies(answers: Answers, _context: Context) -> bool:
    return answers.get("answer") == "never"


def _entered(_answers: Answers, context: Context) -> Value:
    """Return what was entered, masked: enough to know oneself, and no more for whoever else may hold the link."""
    facts = context.facts
    village = facts.get("village")
    values: list[tuple[Text, Value]] = [
        (_("Name"), names.mask(str(facts.get("name", "")))),
        (_("NIK"), nik.mask(str(facts.get("nik", "")))),
        (_("Work"), OccupationPick().shown(facts.get("occupation"), {}, context)),
        (_("Village"), context.areas.describe(village) if isinstance(village, str) else ""),
        (_("Who pays"), _pays(facts.get("programme"), facts.get("payer"))),
    ]
    return Lines(
        [
            _("<b>{who}</b> has registered you with this bot. Is that right?", who=str(facts.get("by", ""))),
            *(_("{label}: <b>{value}</b>", label=label, value=value) for label, value in values),
        ]
    )


def _pays(programme: Json, payer: Json) -> Value:
    return programme if isinstance(programme, str) else PAYERS.get(str(payer), _("not yet decided"))


class OwnNik:
    """The NIK of the registration at hand, typed by whom it belongs to. It is compared and not kept."""

    contact = False
    digits = True

    def rows(self, _step: Step, _draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer nothing: the number is typed."""
        return ()

    def read(self, reply: Reply, _draft: Json, _answers: Answers, context: Context) -> Reading:
        """Take the very same number; whatever else was typed is answered with the same words."""
        if isinstance(reply, Contact | Pressed):
            return Refused(_("Please type the NIK."))
        if context.link_tries >= TRIES_A_DAY:
            return Refused(too_often(context.contact), forget=True)
        typed = "".join(one for one in digits.plain(reply.text) if one.isdigit())
        if typed and typed == context.facts.get("nik"):
            return Taken(MATCHED, forget=True)
        return Refused(
            _("That is not the NIK of this registration. Please copy all 16 digits from the KTP."),
            forget=True,
            tried="link",
        )

    def holds(self, value: Json, _answers: Answers, _context: Context) -> bool:
        """Tell whether the proof was given."""
        return value == MATCHED

    def shown(self, _value: Json, _answers: Answers, _context: Context) -> Value:
        """Return nothing of it."""
        return ""


CLAIM = Flow(
    "claim",
    (
        Step(
            "answer",
            _entered,
            Choice(
                Option("right", _("✅ Yes, that is right"), also=("ya", "benar", "betul", "yes")),
                Option("fix", _("✏️ Something must be corrected"), also=("perbaiki", "salah")),
                Option("never", _("🚫 I never asked for this"), also=("tidak pernah",)),
            ),
            help=_("Who pays and which work you do was entered for you. You can put it right here, or stop it."),
        ),
        Step(
            "sure",
            _(
                "Stop this registration? It is withdrawn, its data are erased, and the village's sponsor is told. "
                "If you only want something changed, go back."
            ),
            Choice(
                Option("no", _("No, go back"), also=("tidak", "no")),
                Option("yes", _("Yes, I never asked for it"), also=("ya", "yes")),
            ),
            when=_denies,
            after=("answer",),
            reopens={"no": ("answer",)},
        ),
        Step(
            "consent",
            consent.short,
            consent.CONSENT,
            when=_takes_over,
            explains={"full": (_("Read the full text"), consent.full)},
            ends={"decline": "declined"},
        ),
        Step(
            "proof",
            _(
                "So that nobody else takes it over: what is your <b>NIK</b>, the 16 digits on the KTP?\n"
                "I delete your message as soon as I have read it."
            ),
            OwnNik(),
            when=_takes_over,
            help=_("The link may have been forwarded. Only who has the KTP at hand knows the whole number."),
        ),
    ),
    left=_("Stopped. Nothing was changed. The link still works."),
)
