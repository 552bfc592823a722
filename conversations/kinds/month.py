"""A calendar month: pressed, or typed as "Januari 2027", "jan 2027", "01/2027" or "2027-01". Stored as its first day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.kinds.line import MONTHS
from conversations.replies import Button
from conversations.words import Month, Value, _

AHEAD = 5  # years
_WRITTEN = re.compile(r"(\d{1,2}|[a-z]{3,9})[\s./-]+(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-01)?")


class MonthPick:
    """A month from `since` on, within a few years; `offered` are those that are usually meant."""

    contact = False
    digits = True

    def __init__(
        self, since: Callable[[Answers, Context], date], offered: Callable[[Answers, Context], Iterable[date]]
    ) -> None:
        self.since, self.offered = since, offered

    def rows(self, step: Step, _draft: Json, answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer the usual months."""
        months = dict.fromkeys(self.offered(answers, context))
        buttons = [Button(Month(one), step.id, one.isoformat()) for one in months]
        return tuple(tuple(buttons[index : index + 2]) for index in range(0, len(buttons), 2))

    def read(self, reply: Reply, _draft: Json, answers: Answers, context: Context) -> Reading:
        """Take a press or a typed month that is not too early and not too far away."""
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. Please type the month."))
        month = read(reply.option if isinstance(reply, Pressed) else reply.text)
        if month is None:
            return Refused(_("I cannot read that month. Please type month and year, for example Januari 2027."))
        if not self._fits(month, answers, context):
            first = self.since(answers, context)
            last = first.replace(year=first.year + AHEAD)
            return Refused(_("Please choose a month from {first} to {last}.", first=Month(first), last=Month(last)))
        return Taken(month.isoformat())

    def _fits(self, month: date, answers: Answers, context: Context) -> bool:
        first = self.since(answers, context)
        return first <= month <= first.replace(year=first.year + AHEAD)

    def holds(self, value: Json, answers: Answers, context: Context) -> bool:
        """Tell whether the stored value is a month that still fits."""
        month = read(value) if isinstance(value, str) else None
        return month is not None and self._fits(month, answers, context)

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the month."""
        return Month(date.fromisoformat(str(value)))


def read(text: str) -> date | None:
    """Return the first day of the month that a text names; None when it names none."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    if (iso := _ISO.fullmatch(plain)) is not None:
        year, month = int(iso[1]), int(iso[2])
    elif (written := _WRITTEN.fullmatch(plain)) is not None:
        year = int(written[2])
        month = int(written[1]) if written[1].isdigit() else MONTHS.get(written[1][:3], 0)
    else:
        return None
    try:
        return date(year, month, 1)
    except ValueError:
        return None
