"""A line of text: a name, an address, a date of birth."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.words import Text, Value, _

MONTHS = {
    **dict(zip(["jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des"], range(1, 13), strict=True)),
    "may": 5, "agt": 8, "aug": 8, "ags": 8, "oct": 10, "dec": 12, "peb": 2, "nop": 11,
}  # fmt: skip
OLDEST = 120  # years


class Line:
    """A line between `least` and `most` characters. `letters` refuses digits, as in a name."""

    contact = False
    digits = False

    def __init__(self, least: int, most: int, *, letters: bool = False, short: Text) -> None:
        self.least, self.most, self.letters, self.short = least, most, letters, short

    def rows(self, _step: Step, _draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer nothing: the answer is typed."""
        return ()

    def read(self, reply: Reply, _draft: Json, _answers: Answers, _context: Context) -> Reading:
        """Take the text with white space tidied; other characters stay as they were typed."""
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. Please type the answer."))
        if isinstance(reply, Pressed):
            return Refused(_("Please type the answer."))
        line = tidy(reply.text)
        if self.letters and any(character.isdigit() for character in line):
            return Refused(_("There are digits in it. Please type only the name, as on the KTP."))
        if len(line) < self.least or not any(character.isalpha() for character in line):
            return Refused(self.short)
        if len(line) > self.most:
            return Refused(_("That is too long. Please use at most {most} characters.", most=self.most))
        return Taken(line)

    def holds(self, value: Json, _answers: Answers, _context: Context) -> bool:
        """Tell whether the line is still within its limits."""
        return (
            isinstance(value, str)
            and value == tidy(value)
            and self.least <= len(value) <= self.most
            and any(character.isalpha() for character in value)
            and not (self.letters and any(character.isdigit() for character in value))
        )

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the line."""
        return str(value)


def tidy(text: str) -> str:
    """Return the text on one line, composed, without control characters and doubled spaces."""
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in composed)
    return " ".join("".join(one for one in visible if unicodedata.category(one) not in {"Cf", "Cs"}).split())


class Birthday:
    """A date of birth, typed day first: "3 Mei 1990", "03-05-1990", "3/5/1990". Stored as ISO 8601."""

    contact = False
    digits = True

    def rows(self, _step: Step, _draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer nothing: the date is typed."""
        return ()

    def read(self, reply: Reply, _draft: Json, _answers: Answers, context: Context) -> Reading:
        """Take a date in the past within a human life."""
        born = read_date(reply.text) if not isinstance(reply, (Contact, Pressed)) else None
        if born is None:
            return Refused(_("I cannot read that date. Please type day, month and year, for example 3 Mei 1990."))
        if not _lived(born, context.today):
            return Refused(_("The year {year} cannot be right. Please look at the KTP again.", year=str(born.year)))
        return Taken(born.isoformat())

    def holds(self, value: Json, _answers: Answers, context: Context) -> bool:
        """Tell whether the stored date is one and lies in the past."""
        try:
            return isinstance(value, str) and _lived(date.fromisoformat(value), context.today)
        except ValueError:
            return False

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the date."""
        return date.fromisoformat(str(value))


def read_date(text: str) -> date | None:
    """Return the date in a text, day first or as 2026-11-20; None when there is none that exists."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if (iso := re.search(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", plain)) is not None:
        year, month, day = iso.groups()
    elif (found := re.search(r"(\d{1,2})[\s./-]+(\d{1,2}|[a-z]{3,9})[\s./-]+(\d{4})\b", plain)) is not None:
        day, month, year = found.groups()
    else:
        return None
    number = int(month) if month.isdigit() else MONTHS.get(month[:3], 0)
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None


def _lived(born: date, today: date) -> bool:
    return born < today and today.year - born.year <= OLDEST


class Given:
    """A value known before the conversation starts; it is never asked."""

    contact = False
    digits = False

    def rows(self, _step: Step, _draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer nothing."""
        return ()

    def read(self, _reply: Reply, _draft: Json, _answers: Answers, _context: Context) -> Reading:
        """Refuse: this is not for the person to say."""
        return Refused(_("Please open this from its list again."))

    def holds(self, value: Json, _answers: Answers, _context: Context) -> bool:
        """Accept whatever was given."""
        return isinstance(value, str)

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the value."""
        return str(value)
