"""Consent: what a person is told before the first datum, and the proof that it was agreed to.

The content follows UU 27/2022 article 21 (who, why, which data, how long, who receives, rights) and article 56 (chats pass
through servers abroad). A change of meaning needs a new VERSION: it is stored with the consent, and an open
conversation with an older one asks again.
"""

from __future__ import annotations

from conversations.events import Json
from conversations.flow import Answers, Context, Reading, Reply, Taken
from conversations.kinds import Choice, Option
from conversations.words import Lines, Value, _

VERSION = "2026-11-20"
RETENTION_DAYS = 30  # unfinished answers, and the data of a rejected registration


def short(_answers: Answers, context: Context) -> Value:
    """Return the short text: six lines that say everything that matters."""
    return Lines(
        [
            _(
                "Welcome. I help you register with <b>BPJS Ketenagakerjaan</b>: cover for accidents at work and for death."
            ),
            _("• Run by: {operator} ({contact})", operator=context.operator, contact=context.contact),
            _("• Asked: NIK, name, birth date, phone, work, village, address, package"),
            _("• Seen by: the village's sponsor who checks it, and BPJS Ketenagakerjaan"),
            _(
                "• Registering is free; OTP or PIN is never asked. Chats pass through Telegram abroad. You may withdraw: /data"
            ),
            _("<b>May I record your data for this?</b>"),
        ]
    )


def full(_answers: Answers, context: Context) -> Value:
    """Return the full text."""
    return Lines(
        [
            _("<b>About your data</b>"),
            _(
                "<b>Who:</b> {operator} runs this bot and is responsible for the data. You can check that it is real at "
                "{contact}.",
                operator=context.operator,
                contact=context.contact,
            ),
            _(
                "<b>Why:</b> only to register you with BPJS Ketenagakerjaan and to tell you how it goes. Your consent is the basis."
            ),
            _(
                "<b>What:</b> NIK, name, date of birth, phone, work, village and address, because BPJS asks for them; cover "
                "through an employer, package and who pays, to know what fits you. No photo."
            ),
            _(
                "<b>Who receives it:</b> the sponsor of your village, the operator's officers, and BPJS Ketenagakerjaan. Nobody else."
            ),
            _("<b>Where:</b> it is stored encrypted by the operator. Chats pass through Telegram's servers abroad."),
            _(
                "<b>How long:</b> unfinished answers are deleted after {days} days. If you withdraw, your data are erased at "
                "once; if the registration is rejected, after {days} days. Otherwise they are kept while it is being handled.",
                days=RETENTION_DAYS,
            ),
            _(
                "<b>Your rights:</b> see your data with /data; correct or withdraw them there until they are handed over, "
                "afterwards through the operator. Saying no has no drawback."
            ),
        ]
    )


class Consent(Choice):
    """A choice that is kept as a proof: which text was agreed to, and when."""

    def read(self, reply: Reply, draft: Json, answers: Answers, context: Context) -> Reading:
        """Take "agree" with the text's version and the time, or "decline"."""
        reading = super().read(reply, draft, answers, context)
        if isinstance(reading, Taken) and reading.value == "agree":
            return Taken({"option": "agree", "version": VERSION, "at": context.now.isoformat()})
        return reading

    def holds(self, value: Json, _answers: Answers, _context: Context) -> bool:
        """Tell whether the text agreed to is today's."""
        return isinstance(value, dict) and value.get("option") == "agree" and value.get("version") == VERSION

    def shown(self, _value: Json, answers: Answers, context: Context) -> Value:
        """Return the words of agreement."""
        return super().shown("agree", answers, context)


CONSENT = Consent(
    Option("agree", _("✅ Yes, I agree"), also=("ya", "setuju", "saya setuju", "ok", "oke", "yes", "agree", "boleh")),
    Option("decline", _("No"), also=("tidak", "tidak setuju", "no", "nggak", "ndak", "ora")),
)
