"""Consent: what a person is told before the first datum, and the proof that it was agreed to.

The content follows UU 27/2022 article 21 (who, why, which data, how long, who receives, rights) and article 56 (chats pass
through servers abroad). A change of meaning needs a new VERSION: it is stored with the consent, and an open
conversation with an older one asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from conversations.events import Json
from conversations.flow import Answers, Context, Reading, Reply, Taken
from conversations.kinds import Choice, Option
from conversations.words import Lines, Value, _, paragraphs

VERSION = "2026-11-21.1"
RETENTION_DAYS = 30  # unfinished answers, and the data of a rejected registration
HANDED_DAYS = 180  # the form of who is covered, after the hand-over: at the latest, since an operator may erase earlier


def agreed_at(answers: Answers) -> datetime | None:
    """Return when somebody agreed to be recorded, from the stored answers of a form; None for not yet."""
    consent = answers.get("consent")
    at = consent.get("at") if isinstance(consent, Mapping) else None
    return datetime.fromisoformat(at) if isinstance(at, str) else None


def short(_answers: Answers, context: Context) -> Value:
    """Return the short text: six lines that say everything that matters."""
    return Lines(
        [
            _(
                "Welcome. I help you register with <b>BPJS Ketenagakerjaan</b>: cover for accidents at work and for death."
            ),
            _("• Run by: {operator} ({contact})", operator=context.operator, contact=context.contact),
            _("• Asked: NIK, name, birth date, phone, work, village, address, package"),
            _("• Seen by: the officers who check it (village, department), and BPJS Ketenagakerjaan"),
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
                "<b>Why:</b> only to register you with BPJS Ketenagakerjaan and to tell you how it goes; for that it is compared "
                "with the government's social data and with who is a member already. Your consent is the basis."
            ),
            _(
                "<b>What:</b> NIK, name, date of birth, phone, work, village and address, because BPJS asks for them; cover "
                "through an employer, package and who pays, to know what fits you. No photo."
            ),
            _(
                "<b>Who receives it:</b> the officers who check it (of your village, and of the department for your work where "
                "a programme wants it), the operator's officers, and BPJS Ketenagakerjaan. Somebody who pays for you sees your "
                "first name and how it stands. Nobody else."
            ),
            _(
                "<b>Reminders and news:</b> reminders belong to your registration, such as paying in time; /berhenti stops "
                "them. News need a consent of their own."
            ),
            _("<b>Where:</b> it is stored encrypted by the operator. Chats pass through Telegram's servers abroad."),
            _(
                "<b>How long:</b> unfinished answers are deleted after {days} days. If you withdraw, your data are erased at "
                "once; if the registration is rejected, after {days} days. Otherwise they are kept while it is being handled, and "
                "once you are covered at the latest until {handed} days after the hand-over to BPJS. What stays: the number, "
                "village, work and package, how it stands and until when is paid, the KPJ number, your consent, and a "
                "sealed mark by which a second registration is noticed.",
                days=RETENTION_DAYS,
                handed=HANDED_DAYS,
            ),
            _(
                "<b>Your rights:</b> see your data with /data; correct or withdraw them there until they are handed over, "
                "afterwards through the operator. Saying no has no drawback."
            ),
        ]
    )


def aloud(answers: Answers, context: Context) -> Value:
    """Return what is read to somebody whom another person registers."""
    return paragraphs(
        _("Please read this to them:"),
        short(answers, context),
        _("Who registers you sees these data too. You may take the registration over, correct or stop it yourself."),
    )


class Consent(Choice):
    """A choice that is kept as a proof: what was said, to which text, and when. All options but `no` are a yes."""

    def __init__(self, *options: Option, no: Option) -> None:
        super().__init__(*options, no)
        self.no = no.name

    def read(self, reply: Reply, draft: Json, answers: Answers, context: Context) -> Reading:
        """Take a yes with the text's version and the time, or the no."""
        reading = super().read(reply, draft, answers, context)
        if isinstance(reading, Taken) and reading.value != self.no:
            return Taken(proof(str(reading.value), context))
        return reading

    def holds(self, value: Json, answers: Answers, context: Context) -> bool:
        """Tell whether the text agreed to is today's."""
        return (
            isinstance(value, dict)
            and value.get("version") == VERSION
            and value.get("option") != self.no
            and super().holds(value.get("option"), answers, context)
        )

    def shown(self, value: Json, answers: Answers, context: Context) -> Value:
        """Return the words of agreement."""
        return super().shown(value.get("option") if isinstance(value, dict) else value, answers, context)


def proof(option: str, context: Context) -> dict[str, Json]:
    """Return a yes as it is stored: what was said, to which version of the text, and when."""
    return {"option": option, "version": VERSION, "at": context.now.isoformat()}


CONSENT = Consent(
    Option("agree", _("✅ Yes, I agree"), also=("ya", "setuju", "saya setuju", "ok", "oke", "yes", "agree", "boleh")),
    no=Option("decline", _("No"), also=("tidak", "tidak setuju", "no", "nggak", "ndak", "ora")),
)
ATTESTED = Consent(
    Option("present", _("✅ Is here and agrees"), also=("hadir", "setuju", "ya", "yes")),
    Option("read", _("✅ I read it to them, and they agree"), also=("dibacakan",)),
    Option("paper", _("✅ Has signed a paper"), also=("tanda tangan", "surat")),
    no=Option("not_yet", _("Not yet"), also=("belum", "tidak", "no")),
)
