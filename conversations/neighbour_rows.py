"""How a row of a sheet becomes a neighbour's form.

A row is read by the steps of the neighbour's form, with their own kinds, and the whole is judged by the engine's own
reckoning of what is still open. So a sheet can hold nothing that the conversation would not have taken. Where the
conversation would ask back, the row has to be put right, or its person is registered singly. Only the address may be
missing where no programme demands it: then nobody says one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from conversations import identity, paying
from conversations.batch import ASKED_BY_PROGRAMMES, COLUMNS
from conversations.events import Json, Typed
from conversations.flow import Answers, Context, Narrowed, Refused, Step, Taken
from conversations.kinds.picking import OTHER
from conversations.neighbour import NEIGHBOUR
from conversations.place import Place
from conversations.rules import nik
from conversations.rules.areas import Level, within
from conversations.rules.nik import NikWarning
from conversations.rules.programmes import Programme, why
from conversations.session import Session
from conversations.verdicts import Bad, Good, Known, Verdict
from conversations.words import Lines, Text, Value, _

EXAMPLE = ("contoh", "example")  # how the name of the template's example begins
SINGLY = _("Please register this person singly: /daftarkan.")
NOT_GIVEN = "(not given)"  # keeps the form from asking for an address; it is no answer and is left out


class Row(Protocol):
    """A row of a sheet: its line, the text by field, and the fields a spreadsheet has spoiled or merged."""

    @property
    def line(self) -> int: ...  # noqa: D102
    @property
    def cells(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def damaged(self) -> Collection[str]: ...  # noqa: D102
    @property
    def merged(self) -> Collection[str]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What has to be looked up beforehand.

    `own` are the sender's open registrations by NIK, `programmes` those that may be chosen by village, `areas` where
    the sender may register; outside `helps` only under a programme they pay themselves.
    """

    own: Mapping[str, str] = field(default_factory=dict, repr=False)
    programmes: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    areas: Sequence[str] = ()
    helps: Sequence[str] = ()


def niks(rows: Sequence[Row], context: Context) -> set[str]:
    """Return the NIK that stand in the rows."""
    read = [nik.read(row.cells.get("nik", ""), context.today, context.areas) for row in rows]
    return {one.nik.number for one in read if isinstance(one, nik.Understood)}


def villages(rows: Sequence[Row], defaults: Answers, known: Knowledge, context: Context) -> set[str]:
    """Return the codes of the villages that the rows name, and of the one that counts for the others."""
    named = [_village(text, known, context) for text in {row.cells.get("village", "") for row in rows} if text]
    return {str(one["code"]) for one in [*named, defaults.get("village")] if isinstance(one, dict)}


def check(rows: Sequence[Row], defaults: Answers, known: Knowledge, context: Context) -> list[Verdict]:
    """Judge every row but the template's example; of two rows with one NIK, the second has to be put right."""
    judge = _Judge(defaults, known, replace(context, nik_tries=0))
    first: dict[str, int] = {}
    verdicts: list[Verdict] = []
    for row in rows:
        if row.cells.get("name", "").casefold().startswith(EXAMPLE):
            continue
        verdict, number = judge.of(row)
        if not isinstance(verdict, Bad):
            if number in first:
                verdict = Bad(row.line, (_("The same NIK stands in row {line}.", line=first[number]),))
            first.setdefault(number, row.line)
        verdicts.append(verdict)
    return verdicts


@dataclass
class _Judge:
    """Judges the rows of one sheet; what was found for a word is kept, since many rows share it."""

    defaults: Answers
    known: Knowledge
    context: Context
    _found: dict[tuple[str, str], Json | Text] = field(default_factory=dict, repr=False)

    def of(self, row: Row) -> tuple[Verdict, str]:
        """Return what is said of a row, and its NIK."""
        answers: dict[str, Json] = {"relation": "neighbour", "phone": False, **self.defaults}
        answers |= {"nik_right": "yes", "summary": "send"}
        reasons: list[Value] = []
        for name, label in {**COLUMNS, **ASKED_BY_PROGRAMMES}.items():
            found = self._read(row, name, answers)
            if isinstance(found, Text):
                reasons.append(_("{field}: {reason}", field=label, reason=found))
            elif found is not None:
                answers[name] = found
        number = str(answers.get("nik", ""))
        if reasons:
            return Bad(row.line, tuple(reasons)), number
        return self._whole(row, answers, number), number

    def _read(self, row: Row, name: str, answers: dict[str, Json]) -> Json | Text:
        """Return what a cell says, None where it says nothing that counts, or why it cannot be taken."""
        text = row.cells.get(name, "")
        if name in row.damaged:
            return _("the spreadsheet has rounded this number. Please format the column as text and type it again.")
        if name in row.merged:
            return _("the cells are merged. Please separate them and fill in each.")
        if not text:
            return _("it is missing.") if name in {"nik", "name", "occupation"} else None
        if name != "nik" and nik.mentioned(text):
            return _("there is a NIK in it. Please move it to its own column.")
        if name in {"occupation", "village"}:
            if (name, text) not in self._found:
                self._found[name, text] = self._understood(name, text, answers)
            return self._found[name, text]
        return self._understood(name, text, answers)

    def _understood(self, name: str, text: str, answers: dict[str, Json]) -> Json | Text:
        if name == "village":
            return _village(text, self.known, self.context)
        if name == "programme":
            return {"wanted": text}
        if name in ASKED_BY_PROGRAMMES:
            return _YES_NO.get(text.casefold()) or _("please write ya or tidak.")
        match _step(name).kind.read(Typed(text, 0), None, answers, self.context):
            case Taken(value):
                return value
            case Narrowed({"found": [str(best), *_more], "words": words}):
                return {"code": best, "words": words}
            case Narrowed({"words": words}):
                return {"code": OTHER, "words": words}
            case Refused(Text() as why):
                return why
            case _:
                return _("there are letters among the digits. Please look at the KTP again.")

    def _whole(self, row: Row, answers: dict[str, Json], number: str) -> Verdict:
        """Judge the answers as one form."""
        village = answers.get("village")
        if not isinstance(village, dict):
            return Bad(row.line, (_("{field}: {reason}", field=COLUMNS["village"], reason=_("it is missing.")),))
        code = str(village["code"])
        answers.setdefault("address", NOT_GIVEN)
        if (own := self.known.own.get(number)) is not None:
            return Known(row.line, own)
        reason = self._programme(answers, code)
        if reason is not None:
            return Bad(row.line, (reason,))
        place = self._place(answers, code)
        if place.ending == "done" and not _asks_back(place):
            return Good(row.line, {name: value for name, value in place.result.items() if _is_answer(name, value)})
        return Bad(row.line, (self._open(place),))

    def _place(self, answers: dict[str, Json], village: str) -> Place:
        bound = not any(within(village, area) for area in self.known.helps)
        facts: dict[str, Json] = {
            "areas": list(self.known.areas),
            "programmes": list(self.known.programmes.get(village, ())),
            "bound": bound,
        }
        return Place.of(NEIGHBOUR, Session(NEIGHBOUR.name, 0, answers, learned=facts), self.context)

    def _programme(self, answers: dict[str, Json], village: str) -> Text | None:
        """Put the programme that is wanted among the answers, and say why where it is not to be had."""
        offered = [Programme.read(one) for one in self.known.programmes.get(village, ()) if isinstance(one, dict)]
        wanted = answers.pop("programme", paying.NONE)
        named = str(wanted.get("wanted") or wanted.get("code")) if isinstance(wanted, dict) else paying.NONE
        found = [one for one in offered if named.casefold() in {one.code.casefold(), one.name.casefold()}]
        if named != paying.NONE and not found:
            return _(
                "{field}: {reason}", field=COLUMNS["programme"], reason=_("there is none of this name in the village.")
            )
        for name in found[0].terms.fields if found else ():
            if answers.get(name) in {False, NOT_GIVEN}:
                return _(
                    "{field}: {reason}",
                    field=COLUMNS[name],
                    reason=_("{name} cannot do without it.", name=found[0].name),
                )
        if found and (found[0].payer == "self") != (answers.get("payer") == "self"):
            answers["payer"] = "self" if found[0].payer == "self" else "sponsor"
        answers["programme"] = paying.answer(found[0]) if found else paying.NONE
        answers.setdefault("tier", found[0].tier.value if found else "basic")
        answers.setdefault("months", "1")
        return None

    def _open(self, place: Place) -> Value:
        """Say what the form would ask next: it is what keeps the row from being taken."""
        step, answers, context = place.current, place.session.answers, place.context
        match None if step is None else step.id:
            case "too_young" | "too_old":
                return _("By the NIK this person is younger than {youngest} or older than {oldest}. {singly}",
                         youngest=identity.YOUNGEST, oldest=identity.OLDEST - 1, singly=SINGLY)  # fmt: skip
            case "village":
                return _("You cannot register others in this village.")
            case "programme":
                return _unfit(answers, context)
            case ("breadwinner" | "family_has_one") as name:
                return _("The programme asks for the column “{field}”: ya or tidak.", field=ASKED_BY_PROGRAMMES[name])
            case _:
                return _("There is something to ask about this NIK. {singly}", singly=SINGLY)


def _unfit(answers: Answers, context: Context) -> Value:
    """Say why the programme that is wanted does not fit, or that one is needed."""
    wanted = answers.get("programme")
    code = wanted.get("code") if isinstance(wanted, dict) else None
    programme = next((one for one in paying.offered(answers, context) if one.code == code), None)
    if programme is None:
        return _(
            "You register under your own programme: please name it in the column “{field}”.", field=COLUMNS["programme"]
        )
    reasons = programme.unfit(paying.applicant(answers, context), context.today)
    return Lines(
        [_("{programme} does not fit:", programme=programme.name), *(why(one, programme) for one in reasons)], " "
    )


_YES_NO = {"ya": "yes", "iya": "yes", "y": "yes", "yes": "yes", "tidak": "no", "bukan": "no", "t": "no", "no": "no"}


def _step(name: str) -> Step:
    return next(step for step in NEIGHBOUR.steps if step.id == name)


def _is_answer(name: str, value: Json) -> bool:
    return name != "summary" and value != NOT_GIVEN


def _asks_back(place: Place) -> bool:
    """Tell whether the conversation would have asked with more weight: a family card has a number like a NIK."""
    reading = identity.read_nik(place.session.answers, place.context)
    return reading is not None and NikWarning.MAYBE_FAMILY_CARD in reading.warnings


def _village(text: str, known: Knowledge, context: Context) -> Json | Text:
    """Return the village of exactly this name, or why it is not clear which one is meant: nobody else is to see the data."""
    named = [area.code for area in context.areas.named(text, context.area)]
    mine = [code for code in named if any(within(code, area) for area in known.areas)]
    if len(mine or named) == 1:
        return {"code": (mine or named)[0], "words": None}
    if named:
        return _("there are several villages of this name. Please add the district: {example}",
                 example=context.areas.describe(named[0]))  # fmt: skip
    alike = context.areas.find(text, context.area, fits=lambda area: area.level is Level.VILLAGE)
    if alike:
        return _("I do not know this village. Is it {village}?", village=context.areas.describe(alike[0].code))
    return _("I do not know this village in {area}.", area=context.areas.describe(context.area))
