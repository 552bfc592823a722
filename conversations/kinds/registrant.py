"""Somebody who has registered others: picked from a list with how many each registered, or found by a typed name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Narrowed, Reading, Refused, Reply, Step, Taken
from conversations.kinds.line import tidy
from conversations.kinds.picking import LONGEST, MOST_FOUND, PAGE, page_of, turns
from conversations.kinds.several import entries
from conversations.replies import Button
from conversations.words import Number, Value, _


class RegistrantPick:
    """One of the entries in the fact `registrants`, each with `person`, `name` and `count`.

    A button carries the place in that list and never who it is; the answer keeps both: `{"option": …, "person": …}`.
    Names are not kept in it, since an answer outlives the conversation.
    """

    contact = False
    digits = False

    def rows(self, step: Step, draft: Json, _answers: Answers, context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer whom a search found, or else a page of the list."""
        listed = registrants(context)
        if isinstance(draft, dict) and isinstance(found := draft.get("found"), list):
            rows = [_button(step, listed, one) for one in found if isinstance(one, int) and one < len(listed)]
            return (*rows, (Button(_("Show the list"), step.id, "page-0"),))
        page = page_of(draft)
        shown = range(len(listed))[page * PAGE : (page + 1) * PAGE]
        return (*(_button(step, listed, one) for one in shown), *turns(step, page, len(listed)))

    def read(self, reply: Reply, _draft: Json, _answers: Answers, context: Context) -> Reading:
        """Take a press, or search for a typed name."""
        if isinstance(reply, Contact):
            return Refused(_("Thank you, but no phone number is needed here. Please press one of the buttons."))
        listed = registrants(context)
        if isinstance(reply, Pressed):
            return _picked(reply.option, listed)
        words = tidy(reply.text)[:LONGEST]
        found = [number for number, one in enumerate(listed) if _is_called(words, str(one["name"]))]
        if len(found) == 1:
            return _picked(str(found[0]), listed)
        if found:
            return Narrowed({"found": [*found[:MOST_FOUND]]}, _("Is it one of these?"))
        return Refused(
            _(
                "Nobody called “{words}” has registered others there. Please type the name differently, or press it.",
                words=words,
            )
        )

    def holds(self, value: Json, _answers: Answers, context: Context) -> bool:
        """Tell whether this is still somebody who has registered others there."""
        return entry(value, context) is not None

    def shown(self, value: Json, _answers: Answers, context: Context) -> Value:
        """Return the name."""
        found = entry(value, context)
        return "" if found is None else str(found["name"])


def registrants(context: Context) -> list[dict[str, Any]]:
    """Return who has registered others there, as far as that has been looked up."""
    return entries(context.facts.get("registrants"))


def entry(answer: Json, context: Context) -> dict[str, Any] | None:
    """Return the entry that an answer chooses, if it is listed."""
    person = answer.get("person") if isinstance(answer, dict) else None
    return next((one for one in registrants(context) if one["person"] == person), None)


def _button(step: Step, listed: Sequence[dict[str, Any]], number: int) -> tuple[Button, ...]:
    one = listed[number]
    label = _("{name} · {count}", name=str(one["name"]), count=Number(int(one["count"])))
    return (Button(label, step.id, str(number)),)


def _picked(option: str, listed: Sequence[dict[str, Any]]) -> Reading:
    if option.startswith("page-") and option[5:].isdecimal():
        return Narrowed({"page": int(option[5:])})
    found = next((one for number, one in enumerate(listed) if option == str(number)), None)
    if found is None:
        return Refused(_("Please press one of the buttons, or type a name."))
    return Taken({"option": option, "person": found["person"]})


def _is_called(words: str, name: str) -> bool:
    """Tell whether each of the words begins one of the name's."""
    parts = name.casefold().split()
    return bool(words) and all(any(part.startswith(word) for part in parts) for word in words.casefold().split())
