"""When a reminder comes: hours or days before or after something, each typed as people say it, or the hour of the day."""

from __future__ import annotations

import re
from collections.abc import Callable

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.rules.digits import plain
from conversations.rules.reminder import Campaign, Unit
from conversations.words import Lines, Value, _

LEAST_MOST: dict[Unit, tuple[int, int]] = {"hours": (1, 720), "before": (0, 365), "after": (0, 365), "clock": (5, 11)}
DAY, WEEK = 24, 168  # hours
_ONE = re.compile(r"(\d{1,4})\s*(jam|hari|minggu|hours?|days?|weeks?)?")
_LENGTHS = {"j": 1, "ho": 1, "ha": DAY, "d": DAY, "m": WEEK, "w": WEEK}


class Offsets:
    """As many whole numbers as the campaign `of` the answers has, growing; hours for a campaign that counts in hours."""

    contact = False
    digits = True

    def __init__(self, of: Callable[[Answers], Campaign]) -> None:
        self.of = of

    def rows(self, step: Step, _draft: Json, answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer what is usual."""
        campaign = self.of(answers)
        return ((Button(written(campaign.unit, campaign.offsets), step.id, "usual"),),)

    def read(self, reply: Reply, _draft: Json, answers: Answers, _context: Context) -> Reading:
        """Take the numbers, or say which ones are possible."""
        campaign = self.of(answers)
        if isinstance(reply, Pressed) and reply.option == "usual":
            return Taken(list(campaign.offsets))
        found = None if isinstance(reply, (Contact, Pressed)) else _read(reply.text, campaign.unit)
        if found is not None and self.holds(list(found), answers, _context):
            return Taken(list(found))
        least, most = LEAST_MOST[campaign.unit]
        return Refused(
            _(
                "Please type {count} of them, from {least} to {most}, the smaller ones first. For example: {example}",
                count=len(campaign.offsets),
                least=written(campaign.unit, (least,)),
                most=written(campaign.unit, (most,)),
                example=written(campaign.unit, campaign.offsets),
            )
        )

    def holds(self, value: Json, answers: Answers, _context: Context) -> bool:
        """Tell whether there are as many as needed, growing, within the bounds."""
        campaign = self.of(answers)
        least, most = LEAST_MOST[campaign.unit]
        if not isinstance(value, list) or len(value) != len(campaign.offsets):
            return False
        numbers = [one for one in value if isinstance(one, int) and least <= one <= most]
        return len(numbers) == len(value) and numbers == sorted({*numbers})

    def shown(self, value: Json, answers: Answers, _context: Context) -> Value:
        """Return the times in words."""
        numbers = [one for one in value if isinstance(one, int)] if isinstance(value, list) else []
        return written(self.of(answers).unit, tuple(numbers))


def written(unit: Unit, offsets: tuple[int, ...]) -> Value:
    """Return times in words, such as "1 hour, 1 day, 3 days"."""
    return Lines([_written(unit, one) for one in offsets], ", ")


def _written(unit: Unit, number: int) -> Value:
    if unit == "clock":
        return _("{hour}:00", hour=number)
    if unit == "hours" and number % DAY:
        return _("{count} hours", count=number)
    return _("{count} days", count=number // DAY if unit == "hours" else number)


def _read(text: str, unit: Unit) -> tuple[int, ...] | None:
    """Return the numbers in a text, in hours where the campaign counts in hours; None where there is anything else."""
    words = re.sub(
        r"\b(dan|and|setelah|sesudah|sebelum|before|after|pukul|jam)\b(?=\s*\d)", " ", plain(text).casefold()
    )
    parts = [part.strip(" .:h-") for part in re.split(r"[,;+&\n]|\s{2,}", words.removesuffix(":00")) if part.strip()]
    found = [_ONE.fullmatch(part) for part in parts]
    if not found or not all(found):
        return None
    return tuple(int(one[1]) * _length(one[2], unit) for one in found if one is not None)


def _length(word: str | None, unit: Unit) -> int:
    """Return what a number is multiplied by: hours for a campaign in hours, else days."""
    if unit == "clock" or not word:
        return 1
    hours = next(length for start, length in _LENGTHS.items() if word.startswith(start))
    return hours if unit == "hours" else max(1, hours // DAY)
