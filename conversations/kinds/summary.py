"""The last look before a form is sent: every answer, each with a way to change it."""

from __future__ import annotations

from conversations.events import Json, Pressed
from conversations.flow import Answers, Context, Narrowed, Reading, Refused, Reply, Step, Taken
from conversations.replies import Button
from conversations.words import Lines, Text, Value, _


class Summary:
    """Shows the answers of the labelled steps and takes "send"; "change" offers the steps one by one."""

    contact = False
    digits = False

    def __init__(self, *steps: Step, send: Text) -> None:
        self.steps = steps
        self.send = send

    def lines(self, answers: Answers, context: Context) -> Value:
        """Return the answers, one a line."""
        return Lines(
            [
                _(
                    "{label}: <b>{value}</b>",
                    label=step.label,
                    value=step.kind.shown(answers[step.id], answers, context),
                )
                for step in self._listed(answers, context)
                if step.label is not None
            ]
        )

    def _listed(self, answers: Answers, context: Context) -> list[Step]:
        return [
            step
            for step in self.steps
            if step.label and answers.get(step.id) is not None and step.when(answers, context)
        ]

    def rows(self, step: Step, draft: Json, answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer to send or to change; when changing, one button an answer."""
        if draft != "change":
            return ((Button(self.send, step.id, "send"),), (Button(_("✏️ Change an answer"), step.id, "change"),))
        fields = [
            Button(field.label, step.id, f"edit:{field.id}")
            for field in self._listed(answers, context)
            if field.label is not None
        ]
        rows = [tuple(fields[index : index + 2]) for index in range(0, len(fields), 2)]
        return (*rows, (Button(_("All is right"), step.id, "fold"),))

    def read(self, reply: Reply, _draft: Json, _answers: Answers, _context: Context) -> Reading:
        """Take "send"; the engine follows "edit:…"."""
        if isinstance(reply, Pressed):
            match reply.option:
                case "send":
                    return Taken("send")
                case "change":
                    return Narrowed("change")
                case "fold":
                    return Narrowed(None)
        return Refused(_("Please press “Send” if all is right, or “Change an answer”."))

    def holds(self, _value: Json, _answers: Answers, _context: Context) -> bool:
        """Never hold: sending ends the conversation, and everything else is looked at again."""
        return False

    def shown(self, _value: Json, _answers: Answers, _context: Context) -> Value:
        """Return nothing: the summary is not an answer of its own."""
        return ""
