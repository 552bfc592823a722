"""Several of a list: each pressed on and off, page by page; typing searches where a search is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Narrowed, Reading, Refused, Reply, Step, Taken
from conversations.kinds.choice import Option
from conversations.kinds.picking import PAGE, page_of, turns
from conversations.replies import Button
from conversations.words import Lines, Text, Value, _

Search = Callable[[str], Iterable[str]]


class Several:
    """Any number of `options`, stored as a list of their names in the order of the options.

    `answer` is the id of the step that asks. `none` is what choosing nothing means. `search` finds names by words.
    """

    contact = False
    digits = False
    needed = False  # whether at least one has to be chosen

    def __init__(self, answer: str, *options: Option, none: Text, search: Search | None = None) -> None:
        self.answer, self.options, self.none, self.search = answer, options, none, search

    def offered(self, _context: Context) -> Sequence[Option]:
        """Return what can be chosen."""
        return self.options

    def _chosen(self, draft: Json, answers: Answers, context: Context) -> list[str]:
        """Return what is ticked: while choosing that of the draft, else the answer."""
        ticked = draft.get("chosen") if isinstance(draft, dict) else answers.get(self.answer)
        return self._known(ticked, context)

    def _known(self, names: Json, context: Context) -> list[str]:
        return [one.name for one in self.offered(context) if isinstance(names, list) and one.name in names]

    def rows(self, step: Step, draft: Json, answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer a page of options, ticked or not, and to be done."""
        offered, chosen, page = self.offered(context), self._chosen(draft, answers, context), page_of(draft)
        ticks = [
            (
                Button(
                    Lines(["✅" if one.name in chosen else "▫️", one.worded(answers, context)], " "), step.id, one.name
                ),
            )
            for one in offered[page * PAGE : (page + 1) * PAGE]
        ]
        done = _("👍 Done ({count} chosen)", count=len(chosen)) if chosen else self.none
        closing = ((Button(done, step.id, "done"),),) if chosen or not self.needed else ()
        return (*ticks, *turns(step, page, len(offered)), *closing)

    def read(self, reply: Reply, draft: Json, answers: Answers, context: Context) -> Reading:
        """Take a tick, a page, words to search for, or "done"."""
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. Please press one of the buttons."))
        chosen = self._chosen(draft, answers, context)
        if isinstance(reply, Pressed):
            if reply.option == "done":
                return Refused(self.none) if self.needed and not chosen else Taken(list(chosen))
            if reply.option.startswith("page-") and reply.option[5:].isdigit():
                return Narrowed({"chosen": list(chosen), "page": int(reply.option[5:])})
            return self._ticked(reply.option, chosen, context)
        found = () if self.search is None else self.search(reply.text)
        return self._ticked(next(iter(found), ""), chosen, context)

    def _ticked(self, name: str, chosen: list[str], context: Context) -> Reading:
        """Tick an option, or untick it, and show the page it is on."""
        names = [one.name for one in self.offered(context)]
        if name not in names:
            return Refused(_("Please press the buttons to choose, then “Done”."))
        kept = set(chosen) ^ {name}
        return Narrowed({"chosen": [one for one in names if one in kept], "page": names.index(name) // PAGE})

    def holds(self, value: Json, _answers: Answers, context: Context) -> bool:
        """Tell whether every name is still an option, and there is one where one is needed."""
        if not isinstance(value, list) or (self.needed and not value):
            return False
        return len(self._known(value, context)) == len(value)

    def shown(self, value: Json, answers: Answers, context: Context) -> Value:
        """Return the labels with commas between them, or what choosing nothing means."""
        chosen = self._known(value, context)
        labels = [one.worded(answers, context) for one in self.offered(context) if one.name in chosen]
        return Lines(labels, ", ") if labels else self.none


class SomeOf(Several):
    """At least one of the entries in the fact `listed`, each with its `number` and `name`; stored as their numbers."""

    needed = True

    def __init__(self, answer: str, fact: str, none: Text) -> None:
        super().__init__(answer, none=none)
        self.fact = fact

    def entries(self, context: Context) -> list[dict[str, Any]]:
        """Return what can be chosen, as it was given."""
        return entries(context.facts.get(self.fact))

    def offered(self, context: Context) -> Sequence[Option]:
        """Return what can be chosen."""
        return [Option(one["number"], one["name"]) for one in self.entries(context)]


def entries(listed: Json) -> list[dict[str, Any]]:
    """Return the entries of a list that came as JSON."""
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
