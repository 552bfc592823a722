"""What the tests of conversations share: a context of a fixed day, and a table to talk at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from conversations import engine, events, replies
from conversations.flow import Context, Flow
from conversations.replies import Question
from conversations.rules.areas import Areas
from conversations.rules.prices import Tier
from conversations.rules.programmes import Programme, Terms
from conversations.session import Session
from locales import words

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)

LISTED: dict[str, events.Json] = {  # what a reviewer chooses from
    "listed": [
        {
            "number": f"K7M-4Q{sign}{sign}",
            "name": "Slamet R.",
            "occupation": {"code": "ojek", "words": None},
            "seen": "",
        }
        for sign in "AEGHJKMNPR"
    ]
}


@cache
def areas() -> Areas:
    """The areas of Kudus, read once."""
    return Areas.load("33.19")


def context_on(day: date = date(2026, 11, 20)) -> Context:
    """A context on a day, in Kudus."""
    return Context(
        now=NOW,
        today=day,
        areas=areas(),
        area="33.19",
        operator="Dinas Contoh",
        contact="Jl. Contoh No. 1",
        facts=LISTED,
    )


def programme(code: str, payer: str = "apbd", **rules: Any) -> dict[str, Any]:
    """A programme in Kudus as a fact, with these rules."""
    first, last = date(2026, 1, 1), date(2027, 12, 1)
    made = Programme(code, code.title(), payer, "33.19", Tier.BASIC, 12, first, last, Terms(**rules))
    return made.to_json()


PROGRAMMES = [
    programme("kudus", occupations=("ojek", "market_trader"), social_register="out"),
    programme("breadwinner", breadwinner=True, one_per_family=True),
    programme("rembang", "self"),
]
REGISTRANTS: list[events.Json] = [
    {"person": 7_200_000_000 + number, "name": f"{name} Kader", "count": 40 - number}
    for number, name in enumerate(["Sri", "Sulis", "Wati", "Min", "Ani", "Tini", "Joko", "Rina", "Budi", "Sri"])
]


def with_programmes(flow: Flow) -> Table:
    """A conversation in a place that has programmes."""
    facts: dict[str, events.Json] = {
        **LISTED,
        "programmes": [*PROGRAMMES],
        "registrants": [*REGISTRANTS],
        "recipients": 26_000,
    }
    return Table(flow, replace(context_on(), facts=facts), facts=facts)


@dataclass
class Table:
    """A conversation held in memory; its session goes through JSON at every turn, as a stored one does."""

    flow: Flow
    context: Context
    session: Session | None = None
    said: tuple[replies.Reply, ...] = ()
    message: int = 0
    facts: dict[str, events.Json] = field(default_factory=dict)

    def happens(self, event: events.Event) -> None:
        """Take one turn."""
        session = self.session or engine.open_session(self.flow, self.context)
        restored = Session.from_json(session.to_json())
        assert restored == session
        self.session, self.said = engine.advance(self.flow, restored, event, self.context)
        for wish in [reply for reply in self.said if isinstance(reply, replies.LookUp)]:
            if self.session is not None:
                learned = events.Learned(wish.fact, self.facts.get(wish.fact))
                self.session, more = engine.advance(self.flow, self.session, learned, self.context)
                self.said = (*(reply for reply in self.said if not isinstance(reply, Question)), *more)

    def types(self, text: str) -> int:
        """Type a message and return its id."""
        self.message += 1
        self.happens(events.Typed(text, self.message))
        return self.message

    def presses(self, option: str) -> None:
        """Press the open question's button with this option."""
        button = next(button for row in self.question.rows for button in row if button.option == option)
        self.happens(events.Pressed(button.step, button.option, self.question.version))

    @property
    def question(self) -> Question:
        """The open question."""
        assert isinstance(self.said[-1], Question), self.said[-1]
        return self.said[-1]

    @property
    def notices(self) -> list[str]:
        """What was said beside the question, in English."""
        return [words("en").plain(reply.text) for reply in self.said if isinstance(reply, replies.Notice)]

    def at(self, day: date) -> None:
        """Go on on another day."""
        self.context = replace(self.context, today=day)


ENTERED: dict[str, events.Json] = {
    "claim": 1,
    "number": "K7M-4QX",
    "name": "Kasmuri bin Sarjo",
    "nik": "3319020505909001",
    "occupation": {"code": "ojek", "words": None},
    "village": "33.19.03.2007",
    "payer": "apbd",
    "programme": None,
    "by": "Bu Lurah",
}
# How conversations begin that are not begun with nothing.
BEGUN: dict[str, list[events.Started]] = {
    "decision": [events.Started({"subject": "K7M-4QX"})],
    "claim": [events.Started({}, ENTERED)],
    "invitation": [
        events.Started({}, {"roles": ["facilitator", "sponsor", "verifier", "admin"], "places": []}),
        events.Started({"role": "facilitator"}, {"roles": ["facilitator"], "places": ["33.19.03.2007", "33.19.03"]}),
    ],
    "broadcast": [
        events.Started({}, {"admin": True, "places": []}),
        events.Started({}, {"admin": False, "places": ["33.19.03.2007", "33.19.03"]}),
    ],
    "campaign": [
        events.Started({"code": "unfinished", "what": "offsets"}),
        events.Started({"code": "digest", "what": "offsets"}),
        events.Started({"code": "lapse", "what": "most"}),
        events.Started({"code": "payment", "what": "text"}),
    ],
}


def begun(flow: Flow) -> list[Table]:
    """Return the flow at its first question, once for each way in which it begins."""
    tables = []
    for started in BEGUN.get(flow.name, [events.Started()]):
        table = with_programmes(flow)
        table.happens(started)
        tables.append(table)
    return tables


def registers(table: Table, until: str = "") -> None:
    """Answer a registration in the usual way, up to the question `until`."""
    table.happens(events.Started())
    answers = {
        "relation": lambda: table.presses("neighbour"),
        "consent_how": lambda: table.presses("present"),
        "consent": lambda: table.presses("agree"),
        "nik": lambda: table.types("3319020505909001"),
        "nik_right": lambda: table.presses("yes"),
        "name": lambda: table.types("Slamet Riyadi"),
        "phone": lambda: table.types("081234567890"),
        "occupation": lambda: table.presses("ojek"),
        "village": lambda: (table.presses("33.19.03"), table.presses("33.19.03.2007")),
        "address": lambda: table.types("Jl. Mawar No. 12 RT 03"),
        "employer": lambda: table.presses("no"),
        "payer": lambda: table.presses("self"),
        "programme": lambda: table.presses("-"),
        "tier": lambda: table.presses("basic"),
        "months": lambda: table.presses("12"),
    }
    while isinstance(table.said[-1], Question) and table.question.step not in {until, "summary"}:
        answers[table.question.step]()
