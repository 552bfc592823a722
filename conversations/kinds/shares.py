"""Places by village, typed as lines such as "Jati Kulon: 40". Stored as people by village code."""

from __future__ import annotations

import re
from collections.abc import Callable

from conversations.events import Contact, Json, Pressed
from conversations.flow import Answers, Context, Reading, Refused, Reply, Step, Taken
from conversations.kinds.line import tidy
from conversations.replies import Button
from conversations.rules import amounts
from conversations.rules.areas import Level, within
from conversations.words import Number, Value, _

MOST_LINES = 400
_LINE = re.compile(r"(?P<village>.*?[^\W\d].*?)\s*[:=]\s*(?P<people>[\d.,\s]+)")
Scope = Callable[[Answers, Context], str]
Places = Callable[[Answers], int | None]


class VillageShares:
    """People by village within the area `scope` gives; together not more than `places`, where that is known."""

    contact = False
    digits = False

    def __init__(self, scope: Scope, places: Places) -> None:
        self.scope, self.places = scope, places

    def rows(self, _step: Step, _draft: Json, _answers: Answers, _context: Context) -> tuple[tuple[Button, ...], ...]:
        """Offer nothing: the lines are typed."""
        return ()

    def read(self, reply: Reply, _draft: Json, answers: Answers, context: Context) -> Reading:
        """Take lines of villages and numbers; the first that cannot be read is named."""
        if isinstance(reply, (Contact, Pressed)):
            return Refused(_("Please type one line for each village, for example Jati Kulon: 40."))
        people: dict[str, Json] = {}
        for line in [one for one in map(tidy, reply.text.splitlines()[:MOST_LINES]) if one]:
            found = _LINE.fullmatch(line)
            number = None if found is None else amounts.read(found["people"])
            code = None if found is None else self._village(found["village"], answers, context)
            if number is None or code is None or code in people:
                return Refused(
                    _(
                        "I cannot read “{line}”, or know several such villages. Please write it like “Jati Kulon, Kec. Jati: 40”, each village once.",
                        line=line[:60],
                    )
                )
            people[code] = number
        if (problem := self._problem(people, answers)) is not None:
            return Refused(problem)
        return Taken(people)

    def _village(self, words: str, answers: Answers, context: Context) -> str | None:
        """Return the one village that words name; None when there is none, or several are alike."""
        scope = self.scope(answers, context)
        found = context.areas.find(words, scope, fits=lambda area: area.level is Level.VILLAGE)
        bare = words.partition(",")[0].casefold().strip()
        exact = [one for one in found if one.name.casefold() == bare]
        best = found[:1] if "," in words or len(found) == 1 else exact
        return best[0].code if len(best) == 1 else None

    def _problem(self, people: dict[str, Json], answers: Answers) -> Value | None:
        shared, places = _total(people), self.places(answers)
        if not people:
            return _("Please type one line for each village, for example Jati Kulon: 40.")
        if places is not None and shared > places:
            return _(
                "The villages' shares make {shared} together, but there are only {places} places. Please lower them.",
                shared=Number(shared),
                places=Number(places),
            )
        return None

    def holds(self, value: Json, answers: Answers, context: Context) -> bool:
        """Tell whether every village lies in the area and the shares fit the places."""
        if not isinstance(value, dict) or self._problem(value, answers) is not None:
            return False
        scope = self.scope(answers, context)
        return all(within(code, scope) and isinstance(number, int) for code, number in value.items())

    def shown(self, value: Json, _answers: Answers, _context: Context) -> Value:
        """Return how many villages and how many places."""
        shares = value if isinstance(value, dict) else {}
        return _("{villages} villages, {people} places", villages=len(shares), people=Number(_total(shares)))


def _total(people: dict[str, Json]) -> int:
    return sum(number for number in people.values() if isinstance(number, int))


def equal(people: int, villages: list[str]) -> dict[str, int]:
    """Return people shared out evenly; the first villages take what cannot be divided."""
    each, rest = divmod(people, len(villages))
    return {code: each + (index < rest) for index, code in enumerate(villages)}
