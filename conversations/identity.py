"""What a NIK says about its owner, and what follows from it: confirmation, date of birth, age limits."""

from __future__ import annotations

from datetime import date

from conversations.flow import Answers, Context
from conversations.rules import nik
from conversations.rules.nik import NikWarning
from conversations.words import Lines, Value, _

YOUNGEST = 18  # years; a minor is referred to an officer
OLDEST = 65  # years; registration is for those who are not yet 65


def read_nik(answers: Answers, context: Context) -> nik.Understood | None:
    """Return what the NIK among the answers says, or None when there is none that can be read."""
    number = answers.get("nik")
    reading = nik.read(number, context.today, context.areas) if isinstance(number, str) else None
    return reading if isinstance(reading, nik.Understood) else None


def understood(answers: Answers, context: Context) -> Value:
    """Say what was read from the NIK, so that a slip is noticed. Nothing here is verified."""
    reading = read_nik(answers, context)
    if reading is None:
        return _("Is the NIK right?")
    read, warnings = reading.nik, set(reading.warnings)
    place = context.areas.describe(read.area) if read.area is not None else "?"
    unknown = {NikWarning.UNKNOWN_REGENCY, NikWarning.UNKNOWN_DISTRICT} & warnings
    return Lines(
        [
            _("From the NIK <b>{nik}</b> I read:", nik=nik.mask(read.number)),
            _("• first recorded in {place}", place=place),
            _("• an area code that is not in my list; that alone is no mistake") if unknown else "",
            _("• a birth date that does not exist, so I will ask for it")
            if read.born is None
            else _("• born {day}, {age} years old", day=read.born, age=nik.age(read.born, context.today)),
            _("• a woman") if read.female else _("• a man"),
            _(
                "Please do not mistake it for the number of the family card (KK). <b>Is this really the NIK on the KTP?</b>"
            )
            if NikWarning.MAYBE_FAMILY_CARD in warnings
            else _("Is that right?"),
        ]
    )


def asks_birthday(answers: Answers, context: Context) -> bool:
    """Tell whether the date of birth has to be asked: the NIK has none, or the KTP says otherwise."""
    reading = read_nik(answers, context)
    return reading is not None and (answers.get("nik_right") == "differs" or reading.nik.born is None)


def born(answers: Answers, context: Context) -> date | None:
    """Return the date of birth: the one typed where it was asked, or else the one in the NIK."""
    if asks_birthday(answers, context):
        typed = answers.get("born")
        return date.fromisoformat(typed) if isinstance(typed, str) else None
    reading = read_nik(answers, context)
    return None if reading is None else reading.nik.born


def _age(answers: Answers, context: Context) -> int | None:
    day = born(answers, context) if "nik_right" in answers else None
    return None if day is None else nik.age(day, context.today)


def too_young(answers: Answers, context: Context) -> bool:
    """Tell whether the person is a minor."""
    years = _age(answers, context)
    return years is not None and years < YOUNGEST


def too_old(answers: Answers, context: Context) -> bool:
    """Tell whether the person has reached the age from which nobody can register."""
    years = _age(answers, context)
    return years is not None and years >= OLDEST


def says_too_young(_answers: Answers, context: Context) -> Value:
    """Stop a minor kindly, and point out the usual slip."""
    return _(
        "By this date you are younger than {youngest}, and I may not register a child.\n"
        "Did you perhaps type the number of the family card (KK)?\nFor questions: {operator}, {contact}.",
        youngest=YOUNGEST,
        operator=context.operator,
        contact=context.contact,
    )


def says_too_old(_answers: Answers, context: Context) -> Value:
    """Stop a person of 65 or more kindly, and say who can look at it."""
    return _(
        "By this date you are {oldest} or older. BPJS Ketenagakerjaan registers people who are not yet {oldest}.\n"
        "If the date is wrong, please change it. For questions: {operator}, {contact}.",
        oldest=OLDEST,
        operator=context.operator,
        contact=context.contact,
    )


def already_registered(_answers: Answers, context: Context) -> bool:
    """Tell whether this very person has an open registration with this NIK."""
    return bool(context.facts.get("own_registration"))


def says_already(_answers: Answers, context: Context) -> Value:
    """Tell the person the number of the registration that is already theirs."""
    return _(
        "You have already registered this NIK. Its number is <b>{number}</b>.",
        number=str(context.facts.get("own_registration")),
    )
