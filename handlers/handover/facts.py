"""What can stand in a column of the file for BPJS, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from conversations import paying
from conversations.rules import nik, occupations, prices
from conversations.rules.areas import Areas
from conversations.rules.nik import Understood
from conversations.rules.prices import Payer, Tier
from conversations.rules.programmes import Programme
from conversations.words import Text, _
from locales import words
from sheets.writing import Cell
from storage.registrations import Handed

WOMAN, MAN = _("woman"), _("man")
PAYERS: Mapping[str, Text] = {
    "self": _("pays alone"),
    "sponsor": _("somebody else pays"),
    "unknown": _("not known yet"),
}
CONSENTS: Mapping[str, Text] = {
    "own": _("given in the chat"),
    "claimed": _("confirmed in the chat"),
    "attested": _("attested by the facilitator"),
}
DISTRICT, REGENCY, VILLAGE = 3, 2, 4  # parts of an area code


@dataclass(frozen=True, slots=True)
class Subject:
    """One row: the registration with the months its programme pays, and what is needed to write it out.

    `today` is the day of the proposal, so that the same hand-over is the same file whenever it is made.
    """

    handed: Handed
    programme: Programme | None
    areas: Areas
    today: date

    @property
    def document(self) -> Mapping[str, Any]:
        """The finished form; empty once it is erased."""
        return self.handed.registration.document or {}

    @property
    def tier(self) -> Tier | None:
        """The package, None while an officer has not decided it."""
        stored = self.handed.registration.tier
        return next((tier for tier in Tier if tier.value == stored), None)

    @property
    def months(self) -> int | None:
        """How many months are paid for: by the programme, or as the worker chose; None when nobody has said."""
        return self.handed.months or paying.months_chosen(self.document)

    @property
    def first_month(self) -> date:
        """The first contribution month."""
        return self.handed.first_month or prices.first_month(self.today)

    def area(self, parts: int) -> str:
        """Return the name of the village, district or regency; empty when the list no longer has it."""
        code = ".".join(self.handed.registration.area.split(".")[:parts])
        return self.areas.name(code) if len(code.split(".")) == parts and self.areas.known(code) else ""


def _text(name: str) -> Callable[[Subject], Cell]:
    def value(subject: Subject) -> Cell:
        found = subject.document.get(name)
        return found if isinstance(found, str) else None

    return value


def _understood(subject: Subject) -> nik.Nik | None:
    read = nik.read(str(subject.document.get("nik", "")), subject.today, subject.areas)
    return read.nik if isinstance(read, Understood) else None


def _birth_date(subject: Subject) -> Cell:
    typed = subject.document.get("birth_date") or subject.document.get("born")
    if isinstance(typed, str):
        return date.fromisoformat(typed)
    read = _understood(subject)
    return None if read is None else read.born


def _sex(subject: Subject) -> Cell:
    read = _understood(subject)
    return None if read is None else words(None).plain(WOMAN if read.female else MAN)


def _phone(subject: Subject) -> Cell:
    found = subject.document.get("phone")
    return f"0{found.removeprefix('+62')}" if isinstance(found, str) and found.startswith("+62") else found


def _occupation(subject: Subject) -> Cell:
    chosen = subject.document.get("occupation") or {}
    known = occupations.get(subject.handed.registration.occupation)
    own = chosen.get("words") if isinstance(chosen, Mapping) else None
    return str(own) if own else (None if known is None else words(None).plain(known.label))


def _benefits(subject: Subject) -> Cell:
    return None if subject.tier is None else "+".join(subject.tier.programmes).upper()


def _rupiah(subject: Subject) -> Cell:
    if subject.handed.rupiah is not None:
        return subject.handed.rupiah
    if subject.tier is None or subject.months is None:
        return None
    transport = subject.handed.registration.transport
    return prices.total(subject.first_month, subject.months, transport, Payer.SELF, subject.tier)


def _payer(subject: Subject) -> Cell:
    if subject.programme is not None:
        return subject.programme.name
    known = PAYERS.get(subject.handed.registration.payer)
    return None if known is None else words(None).plain(known)


def _consent(subject: Subject) -> Cell:
    known = CONSENTS.get(subject.handed.registration.claim)
    return None if known is None else words(None).plain(known)


@dataclass(frozen=True, slots=True)
class Fact:
    """A field: what kind of cell it makes, and how it is found; empty where it is not known."""

    kind: Literal["text", "number", "date"]
    of: Callable[[Subject], Cell]


FACTS: Mapping[str, Fact] = {
    "number": Fact("text", lambda subject: subject.handed.registration.number),
    "nik": Fact("text", _text("nik")),
    "name": Fact("text", _text("name")),
    "birth_date": Fact("date", _birth_date),
    "sex": Fact("text", _sex),
    "address": Fact("text", _text("address")),
    "village": Fact("text", lambda subject: subject.area(VILLAGE)),
    "district": Fact("text", lambda subject: subject.area(DISTRICT)),
    "regency": Fact("text", lambda subject: subject.area(REGENCY)),
    "area_code": Fact("text", lambda subject: subject.handed.registration.area),
    "phone": Fact("text", _phone),
    "occupation": Fact("text", _occupation),
    "benefits": Fact("text", _benefits),
    "months": Fact("number", lambda subject: subject.months),
    "first_month": Fact("date", lambda subject: subject.first_month),
    "rupiah": Fact("number", _rupiah),
    "payer": Fact("text", _payer),
    "programme": Fact("text", lambda subject: subject.handed.registration.programme),
    "relation": Fact("text", _text("relation")),
    "consent": Fact("text", _consent),
    "registered_on": Fact("date", lambda subject: subject.handed.registration.created_at.date()),
}
