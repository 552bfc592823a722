"""A whole number: people, months, rupiah; typed as people write it, or pressed."""

from __future__ import annotations

from collections.abc import Callable

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Condition, Context, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.rules import amounts
from conversations.words import Money, Number, Text, Value, _

SKIP = "skip"  # stored where the person left the number open


class Amount:
    """A number from `least` to `most`, some of them `offered` as buttons.

    `least` may depend on the answers. With `skip`, the label of a button, it may be left open wherever `skips` holds.
    """

    contact = False
    digits = True

    def __init__(
        self,
        least: int | Callable[[Answers], int],
        most: int,
        *,
        offered: tuple[int, ...] = (),
        money: bool = False,
        skip: Text | None = None,
        skips: Condition | None = None,
    ) -> None:
        self.least, self.most, self.offered, self.money = least, most, offered, money
        self.skip, self.skips = skip, skips

    def _lowest(self, answers: Answers) -> int:
        return self.least(answers) if callable(self.least) else self.least

    def _may_skip(self, answers: Answers, context: Context) -> bool:
        return self.skip is not None and (self.skips is None or self.skips(answers, context))

    def _worded(self, number: int) -> Value:
        return Money(number) if self.money else Number(number)

    def rows(self, step: Step, _draft: Json, answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer the usual numbers, and to leave it open."""
        lowest = self._lowest(answers)
        usual = tuple(Button(self._worded(one), step.id, str(one)) for one in self.offered if one >= lowest)
        rows = (usual,) if usual else ()
        if self.skip is not None and self._may_skip(answers, context):
            rows = (*rows, (Button(self.skip, step.id, SKIP),))
        return rows

    def read(self, reply: Reply, _draft: Json, answers: Answers, context: Context) -> Reading:
        """Take a press or a typed number within the bounds."""
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. Please type the number."))
        if isinstance(reply, Pressed) and reply.option == SKIP and self._may_skip(answers, context):
            return Taken(SKIP)
        number = amounts.read(reply.option if isinstance(reply, Pressed) else reply.text)
        if number is None:
            return Refused(_("I cannot read that number. Please type it like 26.000, 5 juta or 2,5 miliar."))
        lowest = self._lowest(answers)
        if not lowest <= number <= self.most:
            return Refused(
                _(
                    "Please type a number from {least} to {most}.",
                    least=self._worded(lowest),
                    most=self._worded(self.most),
                )
            )
        return Taken(number)

    def holds(self, value: Json, answers: Answers, context: Context) -> bool:
        """Tell whether the number is within today's bounds, or was left open where it may be."""
        if value == SKIP:
            return self._may_skip(answers, context)
        return isinstance(value, int) and self._lowest(answers) <= value <= self.most

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return the number, or the word for leaving it open."""
        return self._worded(value) if isinstance(value, int) else self.skip or ""


def given(value: Json) -> int | None:
    """Return a number that was answered; None where it was left open."""
    return value if isinstance(value, int) else None
