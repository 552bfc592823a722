"""What BPJS answers about one registration, read from a row: covered, not matched, or refused. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from conversations.kinds.line import read_date
from conversations.rules import prices
from conversations.words import Text, _
from storage.registrations import read_number

Outcome = Literal["active", "not_matched", "rejected"]

LONGEST_REASON = 200  # characters
KPJ = re.compile(r"[0-9]{8,15}")
NIK = re.compile(r"[0-9]{16}")

# What a status or a reason says, by a word in it; the first that fits counts, so refusals stand before what they deny.
WORDS: Mapping[Outcome, re.Pattern[str]] = {
    "not_matched": re.compile(
        r"dukcapil|padan|konsolidasi|tidak (cocok|sesuai|ditemukan|terdaftar)|not.?match|nik (salah|invalid)"
    ),
    "rejected": re.compile(r"tolak|gagal|batal|reject|refus|tidak (dapat|bisa|memenuhi|aktif)|usia|ganda|double"),
    "active": re.compile(r"aktif|active|terdaftar|berhasil|sukses|diterima|terlindungi|covered|^ok$|^ya$"),
}

DAMAGED = _("A spreadsheet has changed this long number. Please format the column as text and type it again.")
NOBODY = _("It has neither a registration number nor a NIK.")
UNCLEAR = _("It says neither a KPJ number nor why not.")
NO_KPJ = _("It says covered, but the KPJ number is missing or has another number of digits.")
NO_DATE = _("The date cannot be read. Please write it as 01-12-2026.")
NO_START = _("The date from which cover holds is required. Please write it as 01-12-2026.")
NO_REASON = _("Please write why it was refused: the worker reads it.")


@dataclass(frozen=True, slots=True)
class Answer:
    """One row. Cover always has its first day, `cover_from`; `paid_until` is None where the row does not say.

    `reason` is BPJS's own words.
    """

    number: str | None
    nik: str | None = field(repr=False)
    outcome: Outcome
    kpj: str | None = field(repr=False)
    cover_from: date | None
    paid_until: date | None
    reason: str = field(repr=False)


def read(cells: Mapping[str, str], damaged: tuple[str, ...]) -> Answer | Text:
    """Read a row of text by field, or return what is wrong with it. It is found by its number, else by the NIK."""
    number, nik = identity(cells, damaged)
    if number is None and nik is None:
        return DAMAGED if "nik" in damaged else NOBODY
    said = cells.get("status", "").casefold().strip()
    reason = cells.get("reason", "").strip()[:LONGEST_REASON]
    kpj = _digits(cells.get("kpj", ""))
    outcome = _outcome(said) or ("active" if kpj else _outcome(reason.casefold()))
    if outcome == "rejected" and _outcome(reason.casefold()) == "not_matched":
        outcome = "not_matched"  # which can still be put right
    dates = {name: read_date(cells[name]) for name in ("cover_from", "paid_until") if cells.get(name, "").strip()}
    if outcome is None:
        return UNCLEAR
    covered = outcome == "active"
    if covered and (wrong := DAMAGED if "kpj" in damaged else _wrong_cover(kpj, dates)) is not None:
        return wrong
    if outcome == "rejected" and not reason:
        return NO_REASON
    return Answer(
        number,
        nik,
        outcome,
        kpj if covered else None,
        dates.get("cover_from") if covered else None,
        dates.get("paid_until") if covered else None,
        reason,
    )


def _wrong_cover(kpj: str, dates: Mapping[str, date | None]) -> Text | None:
    """Return what a row lacks that says covered. Its first day is never guessed: the worker reads it as BPJS's word."""
    if KPJ.fullmatch(kpj) is None:
        return NO_KPJ
    if None in dates.values():
        return NO_DATE
    return None if "cover_from" in dates else NO_START


def identity(cells: Mapping[str, str], damaged: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Return the registration number and the NIK of a row. Pasted lines may have either in their first place."""
    number = read_number(cells.get("number", ""))
    nik = _digits(cells.get("nik", "")) or _digits(cells.get("number", ""))
    return number, nik if "nik" not in damaged and NIK.fullmatch(nik) else None


def until(start: date, months: int) -> date:
    """Return the last day of cover that is paid for so many months from `start`."""
    month = prices.later(start, months)
    return month.replace(day=min(start.day, monthrange(month.year, month.month)[1])) - timedelta(days=1)


def _outcome(text: str) -> Outcome | None:
    return next((outcome for outcome, pattern in WORDS.items() if pattern.search(text)), None)


def _digits(text: str) -> str:
    return re.sub(r"[\s.\-'‘’]", "", text)
