"""Composing a message to many: what is asked of whom, and what the answers come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conversation_table import Table, begun, context_on

from conversations import FLOWS, audience, broadcast, events, replies
from conversations.broadcast import BROADCAST
from conversations.kinds.moment_pick import MomentPick, moment_of
from locales import LANGUAGES, words
from storage.states import OPEN

VILLAGE = "33.19.03.2007"


def composing(*, until: str, **choices: str) -> Table:
    """Compose as an admin up to the question `until`; `choices` says which option is pressed where it is not the usual."""
    table, _sponsor = begun(BROADCAST)
    usual = {"whom": "registered", "scope": "whole", "by": "done", "text_en": "same", "picture": "none", "button": "none",
             "kind": "news", "night": "no", "when": "now"} | choices  # fmt: skip
    while table.question.step != until:
        if table.question.step == "text_id":
            table.types("Halo, iuran bulan {bulan} sudah bisa dibayar.")
        else:
            table.presses(usual[table.question.step])
    return table


def made(table: Table) -> dict[str, Any]:
    """Return the broadcast that the answers make."""
    assert table.session is not None
    context = replace(table.context, facts=table.session.learned)
    return broadcast.body(table.session.answers, context)


def test_the_states_and_languages_are_those_there_are() -> None:
    """Whoever can be written to can be chosen, and every language that people read has its text."""
    assert set(audience.STATES) == {state.value for state in OPEN}
    assert set(audience.LANGUAGES) == set(broadcast.TEXTS) == set(LANGUAGES)


def test_the_usual_message_takes_few_questions() -> None:
    """A piece of news for everybody is ten answers, and reaches everybody whose registration is open."""
    table = composing(until="summary")
    assert table.session is not None
    assert len(table.session.answers) == 9
    body = made(table)
    text = "Halo, iuran bulan {bulan} sudah bisa dibayar."
    assert body["texts"] == {"id": text, "en": text}
    assert (body["picture"], body["button"]) == (None, None)
    assert body["audience"] == {
        "whom": "registered", "area": "33.19", "states": list(audience.STATES), "programmes": [], "occupations": [],
        "languages": [], "entered": "", "lapses_within": None, "registrant": None,
    }  # fmt: skip
    table.presses("send")
    assert isinstance(table.said[-1], replies.Finished)


def test_only_what_still_applies_narrows() -> None:
    """A criterion that was chosen and taken back again has no part in the audience."""
    table = composing(until="by")
    for option in ("states", "programmes", "lapses", "done", "active", "done", "kudus", "-", "done", "14"):
        table.presses(option)
    chosen = made(table)["audience"]
    assert (chosen["states"], chosen["programmes"], chosen["lapses_within"]) == (["active"], ["kudus", ""], 14)
    for _question in range(4):
        table.happens(events.WentBack())
    for option in ("states", "programmes", "lapses", "done"):
        table.presses(option)
    assert table.question.step == "text_id"
    chosen = made(table)["audience"]
    assert (chosen["states"], chosen["programmes"], chosen["lapses_within"]) == (list(audience.STATES), [], None)


def test_every_answer_about_people_has_them_counted() -> None:
    """Each step that changes whom it reaches asks for the number, and the next question says it."""
    for step in audience.AUDIENCE:
        assert step.learns[-1] == "recipients", step.id
    table = composing(until="by")
    assert "26,000" in str_of(table)


def choosing_a_registrant() -> Table:
    """Compose as an admin up to the question whose people it is for."""
    table = composing(until="by")
    table.presses("registrant")
    table.presses("done")
    assert table.question.step == "registrant"
    return table


def test_whose_people_it_is_for_is_pressed_or_typed() -> None:
    """A page of names with how many each registered; a name, or how it begins, finds the rest, and two alike are asked."""
    table = choosing_a_registrant()
    assert [words("en").plain(row[0].label) for row in table.question.rows][:2] == [
        "Sri Kader · 40",
        "Sulis Kader · 39",
    ]
    table.presses("page-1")
    table.presses("8")
    assert made(table)["audience"]["registrant"] == 7_200_000_008
    table = choosing_a_registrant()
    table.types("kader sri")
    assert [row[0].option for row in table.question.rows][:3] == ["0", "9", "page-0"]
    table.presses("9")
    assert made(table)["audience"]["registrant"] == 7_200_000_009
    table = choosing_a_registrant()
    table.types("Slamet")
    assert table.question.step == "registrant"
    assert table.notices[0].startswith("Nobody called “Slamet”")
    table.types("sulis")
    assert table.question.step == "text_id"


def test_no_button_and_no_answer_names_a_registrant() -> None:
    """The id of somebody who registers others stands in no button, and the name in no answer, which may outlive it."""
    table = choosing_a_registrant()
    shown = [f"{button.step} {button.option}" for row in table.question.rows for button in row]
    assert not any("72000" in one for one in shown)
    table.presses("1")
    assert table.session is not None
    assert table.session.answers["registrant"] == {"option": "1", "person": 7_200_000_001}


def test_a_registrant_who_is_not_of_the_area_is_asked_again() -> None:
    """Where the area is changed to one in which somebody registered nobody, the choice is open again and narrows nothing."""
    table = choosing_a_registrant()
    table.presses("0")
    assert table.session is not None
    table.facts = {**table.facts, "registrants": []}
    table.happens(events.Pressed("scope", "village", 0))
    for option in ("village", "33.19.03", VILLAGE):
        table.presses(option)
    assert table.question.step == "registrant"
    assert "Nobody has registered others there" in str_of(table)
    assert made(table)["audience"]["registrant"] is None


def str_of(table: Table) -> str:
    """Return the open question in English."""
    return words("en").plain(table.question.text)


def test_a_text_is_asked_again_when_the_people_change() -> None:
    """A value that is not known of the new people re-opens the text, with the values there are."""
    table = composing(until="text_id")
    table.types("Nomor Bapak/Ibu {nomor}")
    assert table.question.step == "text_en"
    assert table.session is not None
    table.happens(events.Pressed("whom", "unfinished", 0))
    table.presses("unfinished")
    assert table.question.step == "text_id"
    assert "{nomor}" not in str_of(table).partition("Bold")[0].partition("Values:")[2]
    table.types("Nomor Bapak/Ibu {nomor}")
    assert table.notices == ["{nomor} is not known of these people. There are: {bulan}, {operator}, {kontak}."]


def test_a_picture_leaves_less_room() -> None:
    """A text that does not fit under a picture keeps the picture out, and a picture keeps a longer text out."""
    table = composing(until="text_id")
    table.types("x" * 1500)
    table.presses("same")
    table.happens(events.Pictured("AgAC", 90))
    assert "at most 1,024 characters" in table.notices[0]
    assert table.question.step == "picture"
    table.presses("none")
    table = composing(until="picture")
    table.happens(events.Pictured("AgAC", 90))
    assert made(table)["picture"] == "AgAC"
    table.happens(events.Corrected("x" * 1500, 1))
    assert any("at most 1,024" in notice for notice in table.notices)


@pytest.mark.parametrize("flow", [FLOWS["registration"], FLOWS["programme"]], ids=lambda flow: flow.name)
def test_a_picture_nobody_asked_for_is_deleted_unread(flow: Any) -> None:
    """Where no picture is expected, a photo is deleted from the chat and nothing of it is kept."""
    [table] = begun(flow)
    table.happens(events.Pictured("AgAC-secret", 77))
    assert replies.Forget(77) in table.said
    assert "AgAC-secret" not in str(table.session.to_json() if table.session else "")


def test_who_reads_english_is_left_out_only_when_said_so() -> None:
    """English readers get their own text, the Indonesian one, or nothing; the latter only where both are asked."""
    assert made(composing(until="summary", text_en="none"))["texts"].keys() == {"id"}
    table = composing(until="by")
    for option in ("languages", "done", "en", "done"):
        table.presses(option)
    assert table.question.step == "text_en"
    assert {button.option for row in table.question.rows for button in row} == {"!about-values", "!back"}


def test_a_sponsor_writes_news_to_the_own_places() -> None:
    """Who looks after a village is asked which one, never for the whole area, and never for a necessary notice."""
    _admin, table = begun(BROADCAST)
    assert "unfinished" not in {button.option for row in table.question.rows for button in row}
    table.presses("registered")
    table.presses(VILLAGE)
    assert made(table)["audience"]["area"] == VILLAGE
    asked = {"whom", "place", "by", "text_id", "text_en", "picture", "button", "when", "summary"}
    steps = set()
    table.presses("done")
    table.types("Halo")
    for option in ("same", "none", "none", "now", "send"):
        steps.add(table.question.step)
        table.presses(option)
    assert steps <= asked
    assert isinstance(table.said[-1], replies.Finished)
    assert "kind" not in table.said[-1].answers


def test_an_urgent_notice_is_asked_about_the_night_anew() -> None:
    """That it may arrive at night is asked of necessary notices only, and again when the kind was changed back."""
    table = composing(until="when", kind="necessary", night="yes")
    table.happens(events.Pressed("kind", "news", 0))
    table.presses("news")
    assert table.question.step == "when"
    table.happens(events.Pressed("kind", "necessary", 0))
    table.presses("necessary")
    assert table.question.step == "night"


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("sekarang", None),
        ("25-11-2026 08:00", datetime(2026, 11, 25, 1, 0, tzinfo=UTC)),
        ("25/11/2026 08.00 wit", datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_the_zone_it_names(said: str, moment: datetime | None) -> None:
    """Without a zone it is that of the operator; what is stored is the moment itself."""
    table = composing(until="when")
    table.types(said)
    assert table.question.step == "summary"
    assert table.session is not None
    assert moment_of(table.session.answers["when"]) == moment


@pytest.mark.parametrize("said", ["20-11-2026 09:59", "30-02-2027 08:00", "besok", "20-03-2027 08:00"])
def test_a_moment_that_is_over_far_away_or_nowhere_is_refused(said: str) -> None:
    """Only a moment to come within three months is taken."""
    table = composing(until="when")
    table.types(said)
    assert table.question.step == "when"
    assert table.notices


def test_a_moment_that_has_passed_meanwhile_is_asked_again() -> None:
    """Whoever looks at the summary for too long is asked when once more, instead of sending late."""
    table = composing(until="when")
    table.presses("tomorrow")
    assert table.question.step == "summary"
    table.context = replace(table.context, now=table.context.now + timedelta(days=2))
    table.happens(events.Resumed())
    assert table.question.step == "when"
    assert MomentPick().holds("now", {}, context_on())
