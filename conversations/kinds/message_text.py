"""The text of a message to many, with placeholders and marks; stored as HTML that is ready to be filled."""

from __future__ import annotations

from collections.abc import Callable, Collection

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.kinds.choice import Option
from conversations.replies import Button
from conversations.rules import placeholders
from conversations.rules.placeholders import Template
from conversations.words import Value, _

SHOWN = 120  # characters of a text that stand in a summary

Known = Callable[[Answers], Collection[str]]
Room = Callable[[Answers], int]


class MessageText:
    """A text as `{"html": …}`, or one of `options` in its place.

    `known` are the placeholders that can be filled for these answers, `room` the characters there are.
    """

    contact = False
    digits = False

    def __init__(self, known: Known, room: Room, *options: Option) -> None:
        self.known, self.room, self.options = known, room, options

    def rows(self, step: Step, _draft: Json, answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer what may stand in place of a text."""
        offered = self._offered(answers, context)
        return tuple((Button(option.worded(answers, context), step.id, option.name),) for option in offered)

    def _offered(self, answers: Answers, context: Context) -> list[Option]:
        return [option for option in self.options if option.when is None or option.when(answers, context)]

    def read(self, reply: Reply, _draft: Json, answers: Answers, context: Context) -> Reading:
        """Take a text that can be sent to everybody it is for, or say what is wrong with it."""
        if isinstance(reply, Contact):
            return Refused(_("Please type the text that is to be sent."), forget=True)
        if isinstance(reply, Pressed):
            offered = any(option.name == reply.option for option in self._offered(answers, context))
            return Taken(reply.option) if offered else Refused(_("Please type the text that is to be sent."))
        match placeholders.read(reply.text, self.known(answers), self.room(answers)):
            case Template(html):
                return Taken({"html": html})
            case fault:
                return Refused(fault.why)

    def holds(self, value: Json, answers: Answers, context: Context) -> bool:
        """Tell whether the text can still be sent, now that the other answers are as they are."""
        html = html_of(value)
        if html is None:
            return any(option.name == value for option in self._offered(answers, context))
        return isinstance(placeholders.read(html, self.known(answers), self.room(answers)), Template)

    def shown(self, value: Json, answers: Answers, context: Context) -> Value:
        """Return how the text begins."""
        html = html_of(value)
        if html is None:
            return next((one.worded(answers, context) for one in self.options if one.name == value), "")
        text = " ".join(placeholders.plain(html).split())
        return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"


def html_of(value: Json) -> str | None:
    """Return a text that was answered, None where something else stands in its place."""
    html = value.get("html") if isinstance(value, dict) else None
    return html if isinstance(html, str) else None
