"""Rows of a sheet are judged as the conversation would: no row says more than a form, and each fault has its sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from conversation_table import NOW, context_on
from hypothesis import given
from hypothesis import strategies as st

from conversations import consent, neighbour_rows
from conversations.batch import ASKED_BY_PROGRAMMES, COLUMNS
from conversations.neighbour import NEIGHBOUR
from conversations.neighbour_rows import Knowledge
from conversations.place import Place
from conversations.rules.prices import Tier
from conversations.rules.programmes import Programme, Terms
from conversations.session import Session
from conversations.verdicts import Bad, Counts, Good, Known, Verdict
from locales import LANGUAGES, words
from sheets.columns import fields

VILLAGE, OTHER_VILLAGE = "33.19.02.1001", "33.19.03.2007"
NIK = "3319020505909001"
DEFAULTS: dict[str, Any] = {
    "relation": "neighbour",
    "consent_how": {"option": "read", "version": consent.VERSION, "at": NOW.isoformat()},
    "village": {"code": VILLAGE, "words": None},
    "employer": "no",
    "payer": "unknown",
    "tier": "basic",
}
KNOWN = Knowledge(areas=["33.19.02"], helps=["33.19.02"])
ROW = {"nik": NIK, "name": "Kasmuri", "occupation": "ojek"}


@dataclass(frozen=True)
class Line:
    """A row as a sheet gives it."""

    line: int
    cells: dict[str, str]
    damaged: tuple[str, ...] = ()
    merged: tuple[str, ...] = field(default=())


def judged(cells: dict[str, str], known: Knowledge = KNOWN, **row: Any) -> Verdict:
    """What is said of one row."""
    [verdict] = neighbour_rows.check([Line(2, cells, **row)], DEFAULTS, known, context_on())
    return verdict


def told(verdict: Verdict) -> str:
    """The reasons of a bad row, in English."""
    assert isinstance(verdict, Bad), verdict
    return " ".join(words("en").plain(reason) for reason in verdict.reasons)


def test_the_shortest_row() -> None:
    """NIK, name and work are enough; what was asked once does the rest, and nobody says an address that was not given."""
    verdict = judged(ROW)
    assert isinstance(verdict, Good)
    assert verdict.entry["phone"] is False
    assert verdict.entry["village"] == {"code": VILLAGE, "words": None}
    assert "address" not in verdict.entry
    assert verdict.entry["consent_how"] == DEFAULTS["consent_how"]
    assert verdict.entry["occupation"] == {"code": "ojek", "words": "ojek"}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"nik": NIK[:15]}, "15 digits"),
        ({"nik": ""}, "NIK: it is missing"),
        ({"nik": "331902O505909OO1"}, "letters among the digits"),
        ({"nik": "3319020505909001 3319020505909002"}, "more than one NIK"),
        ({"nik": "3319020505209001"}, "singly"),  # a date in the recent past: a family card
        ({"nik": "3319023104909001"}, "singly"),  # 31 April
        ({"nik": "3319020505409001"}, "older than 64"),
        ({"name": "Kasmuri 2"}, "digits in it"),
        ({"name": ""}, "Name: it is missing"),
        ({"name": NIK}, "there is a NIK in it"),
        ({"address": f"NIK {NIK}"}, "there is a NIK in it"),
        ({"phone": "0291 432100"}, "landline"),
        ({"occupation": "123"}, "in a word or two"),
        ({"village": "Jati Kulon"}, "cannot register others"),
        ({"village": "Jati Kulom"}, "Is it Desa Jati Kulon"),
        ({"village": "Atlantis"}, "do not know this village"),
        ({"programme": "Rahasia"}, "none of this name"),
    ],
)
def test_each_fault_has_its_sentence(changed: dict[str, str], reason: str) -> None:
    """A row that cannot be taken says why, and never repeats the NIK."""
    said = told(judged({**ROW, **changed}))
    assert reason in said
    assert NIK not in said


def test_what_a_spreadsheet_did_is_told() -> None:
    """Rounded numbers and merged cells are named with their column."""
    assert "NIK: the spreadsheet has rounded" in told(judged(ROW, damaged=("nik",)))
    assert "Name: the cells are merged" in told(judged(ROW, merged=("name",)))


def test_one_sheet_one_nik() -> None:
    """Of two rows with one NIK the first counts, the second says where; what is registered already is only named."""
    rows = [Line(2, {**ROW, "nik": NIK[:15]}), Line(3, ROW), Line(4, ROW)]
    verdicts = neighbour_rows.check(rows, DEFAULTS, KNOWN, context_on())
    assert Counts.of(verdicts) == Counts(good=1, known=0, bad=2)
    assert "row 3" in told(verdicts[2])
    own = Knowledge({NIK: "ABC-DEFG"}, areas=KNOWN.areas, helps=KNOWN.helps)
    assert judged(ROW, own) == Known(2, "ABC-DEFG")


def test_the_example_is_no_person() -> None:
    """The template's example row is neither good nor bad."""
    assert (
        neighbour_rows.check([Line(2, {**ROW, "name": "CONTOH, baris ini dilewati"})], DEFAULTS, KNOWN, context_on())
        == []
    )


def test_words_without_a_trade_are_kept() -> None:
    """Work that the list does not have is taken as it is; of several that fit, the best is taken with the own words."""
    own = judged({**ROW, "occupation": "pawang hujan"})
    assert isinstance(own, Good)
    assert own.entry["occupation"] == {"code": "other", "words": "pawang hujan"}


PROGRAMME = Programme(
    "kudus-2026", "Kudus 2026", "apbd", "33.19", Tier.BASIC, 12, date(2026, 1, 1), date(2027, 12, 1),
    Terms(breadwinner=True, oldest=60),
)  # fmt: skip


def test_a_programme_asks_what_it_needs() -> None:
    """A programme wanted by name is taken where it fits, says why where it does not, and asks for its own column."""
    known = Knowledge(programmes={VILLAGE: [PROGRAMME.to_json()]}, areas=KNOWN.areas, helps=KNOWN.helps)
    assert "Main earner" in told(judged({**ROW, "programme": "kudus 2026"}, known))
    verdict = judged({**ROW, "programme": "Kudus 2026", "breadwinner": "Ya"}, known)
    assert isinstance(verdict, Good)
    assert (verdict.entry["programme"]["code"], verdict.entry["payer"]) == ("kudus-2026", "unknown")
    assert "main earner" in told(judged({**ROW, "programme": "Kudus 2026", "breadwinner": "tidak"}, known))
    assert "up to 60" in told(judged({**ROW, "nik": "3319020505649001", "programme": "Kudus 2026"}, known))
    assert isinstance(judged({**ROW, "programme": "-"}, known), Good)


def test_the_template_names_what_is_read() -> None:
    """Every column of the template is known again by its header, in every language."""
    for language in LANGUAGES:
        headers = [words(language).plain(label) for label in {**COLUMNS, **ASKED_BY_PROGRAMMES}.values()]
        assert list(fields(headers).values()) == [*COLUMNS, *ASKED_BY_PROGRAMMES]


cells = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [NIK, "3319020505909002", "Kasmuri", "ojek", "tani", "Purwosari", "08110000001", "tetangga", "ya", "-"]
    ),
)


@given(st.lists(st.dictionaries(st.sampled_from([*COLUMNS, "breadwinner"]), cells), max_size=6))
def test_a_good_row_is_a_finished_form(sheet: list[dict[str, str]]) -> None:
    """Whatever stands in the cells, a row that is taken is a form the conversation would have finished."""
    rows = [Line(line, row) for line, row in enumerate(sheet, 2)]
    verdicts = neighbour_rows.check(rows, DEFAULTS, KNOWN, context_on())
    for verdict in verdicts:
        if isinstance(verdict, Good):
            facts: dict[str, Any] = {"areas": [*KNOWN.areas], "programmes": []}
            whole = Session(NEIGHBOUR.name, 0, {**verdict.entry, "summary": "send"}, learned=facts)
            assert Place.of(NEIGHBOUR, whole, context_on()).ending == "done"
        elif isinstance(verdict, Bad):
            assert all(words(language)(reason) for reason in verdict.reasons for language in LANGUAGES)
    assert verdicts == neighbour_rows.check(rows, DEFAULTS, KNOWN, context_on())


def test_what_a_programme_demands_may_not_be_missing() -> None:
    """A row without the address or phone that its programme demands is not taken; with them it is."""
    demanding = Programme(
        "kudus", "Kudus", "apbd", "33.19", Tier.BASIC, 12, date(2026, 12, 1), date(2027, 11, 1),
        Terms(fields=("phone", "address", "birth_date")),
    ).to_json()  # fmt: skip
    known = Knowledge(programmes={VILLAGE: [demanding]}, areas=["33.19.02"], helps=["33.19.02"])
    row = {**ROW, "programme": "Kudus"}
    assert "Phone: Kudus cannot do without it" in told(judged(row, known))
    assert "Address: Kudus cannot do without it" in told(judged({**row, "phone": "081234567890"}, known))
    whole = {**row, "phone": "081234567890", "address": "Jl. Mawar No. 1"}
    assert isinstance(judged(whole, known), Good)
