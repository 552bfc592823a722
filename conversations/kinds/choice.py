"""One of a few options, by button or by typing its words or its number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.words import Text, Value, _

Condition = Callable[[Answers, Context], bool]
LONGEST_REASON = 200


@dataclass(frozen=True)
class Option:
    """An option: its name in the answers, its label, words people type for it, and for whom it is offered."""

    name: str
    label: Value | Callable[[Answers, Context], Text]
    also: tuple[str, ...] = ()
    when: Condition | None = None

    def worded(self, answers: Answers, context: Context) -> Value:
        """Return the label for these answers."""
        return self.label(answers, context) if callable(self.label) else self.label


class Choice:
    """One of `options`. With `own_words`, any typed line is an answer too, stored as "=" and the words."""

    contact = False
    digits = False

    def __init__(self, *options: Option, own_words: bool = False) -> None:
        self.options = options
        self.own_words = own_words

    def offered(self, answers: Answers, context: Context) -> list[Option]:
        """Return the options that are offered for these answers."""
        return [option for option in self.options if option.when is None or option.when(answers, context)]

    def rows(self, step: Step, _draft: Json, answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Return one button a row: labels are sentences, and thumbs are wide."""
        return tuple(
            (Button(option.worded(answers, context), step.id, option.name),)
            for option in self.offered(answers, context)
        )

    def read(self, reply: Reply, _draft: Json, answers: Answers, context: Context) -> Reading:
        """Take a press, a typed synonym, a typed number, or own words where they are allowed."""
        offered = self.offered(answers, context)
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. Please press one of the buttons."))
        if isinstance(reply, Pressed):
            return self._chosen(offered, reply.option)
        typed = _spoken(reply.text)
        for number, option in enumerate(offered, start=1):
            if typed in {*map(_spoken, option.also), str(number)}:
                return Taken(option.name)
        if self.own_words:
            return _in_own_words(reply.text)
        return self._chosen(offered, "")

    @staticmethod
    def _chosen(offered: list[Option], name: str) -> Reading:
        if any(option.name == name for option in offered):
            return Taken(name)
        return Refused(_("Please press one of the buttons below the question."))

    def holds(self, value: Json, answers: Answers, context: Context) -> bool:
        """Tell whether the option is still offered."""
        if self.own_words and isinstance(value, str) and value.startswith("="):
            return True
        return any(option.name == value for option in self.offered(answers, context))

    def shown(self, value: Json, answers: Answers, context: Context) -> Value:
        """Return the option's label, or the person's own words."""
        if isinstance(value, str) and value.startswith("="):
            return value[1:]
        chosen = next((option for option in self.options if option.name == value), None)
        return "" if chosen is None else chosen.worded(answers, context)


def _spoken(text: str) -> str:
    """Return words as they are compared: what people type and what an option is also called, in one form."""
    return " ".join(text.casefold().replace(".", " ").split())


def _in_own_words(text: str) -> Reading:
    words = " ".join(text.split())
    if not words:
        return Refused(_("Please press one of the buttons, or type it in a few words."))
    if len(words) > LONGEST_REASON:
        return Refused(_("That is too long. Please use at most {most} characters.", most=LONGEST_REASON))
    return Taken("=" + words)
