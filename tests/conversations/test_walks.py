"""Random walks over every flow: whatever people do, the rules of the engine hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from conversation_table import Table, begun, context_on, registers
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations import FLOWS, audience, events, replies
from conversations.engine import advance, open_session
from conversations.flow import Flow
from conversations.leaving import LEAVE
from conversations.session import Session
from locales import LANGUAGES, words

CRITERIA = [step.id for step in audience.CRITERIA]
TEXTS = st.one_of(
    st.sampled_from(
        ["3319020505909001", "3319024505909002", "3319 0205 0512 9001", "081234567890", "Slamet Riyadi", "ojek", "tani",
         "jati kulon", "Jl. Mawar No. 12 RT 03", "3 Mei 1990", "ya", "1", "tidak", "kode OTP 123456", "O812", "grab",
         "33190205O5909001", "<b>Ani", "{x}", "0291 123456", "26.000", "5 miliar", "jan 2027", "Jati Kulon: 4",
         "Halo {nama_depan}, <b>iuran</b> {iuran}", "{nama}", "25-11-2026 08:00 WIT", "sekarang", "x" * 1200]
    ),
    st.text(max_size=40),
)  # fmt: skip
KINDS = st.sampled_from(["photo", "sticker", "voice", "video", "location", "document", "forward", "other"])


@st.composite
def acts(draw: Any) -> tuple[str, Any]:
    """Something a person may do next, chosen without looking at the screen."""
    kind = draw(
        st.sampled_from(
            ["press", "press", "press", "press", "old", "type", "type", "edit", "back", "cancel", "help", "attach",
             "contact", "silence", "resume", "undeliverable", "forge", "start"]
        )
    )  # fmt: skip
    return kind, (draw(TEXTS), draw(st.integers(0, 40)), draw(KINDS), draw(st.booleans()))


def act(table: Table, kind: str, choice: tuple[str, int, Any, bool], pressed: list[events.Pressed]) -> None:
    """Do it."""
    text, number, attached, own = choice
    buttons = [button for row in table.question.rows for button in row]
    match kind:
        case "press" if buttons:
            button = buttons[number % len(buttons)]
            pressed.append(events.Pressed(button.step, button.option, table.question.version))
            table.happens(pressed[-1])
        case "old" if pressed:
            table.happens(pressed[number % len(pressed)])
        case "type" | "press" | "old":
            table.types(text)
        case "edit":
            table.happens(events.Corrected(text, number))
        case "back":
            table.happens(events.WentBack())
        case "cancel":
            table.happens(events.Cancelled())
        case "help":
            table.happens(events.AskedHelp())
        case "attach":
            sent = 1000 + number
            table.happens(events.Pictured("AgACAgUAAxkBAAI", sent) if own else events.Attached(attached, sent))
        case "contact":
            table.happens(events.Contact("+6281234567890", own, 1000 + number))
        case "silence":
            table.happens(events.Silence())
        case "resume":
            table.happens(events.Resumed())
        case "forge":
            table.happens(events.Pressed(text, text, number))
        case "start":
            table.happens(events.Started({"village": {"code": "33.19.03.2007", "words": None}}))


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.name)
@settings(max_examples=120)
@given(
    walk=st.lists(acts(), max_size=45),
    until=st.sampled_from(["consent", "name", "village", "payer", "programme", "summary"]),
    way=st.integers(0, 5),
)
def test_while_open_the_last_reply_is_the_question_at_hand(
    flow: Flow, walk: list[tuple[str, Any]], until: str, way: int
) -> None:
    """Whatever happens, an open conversation ends its turn with the question `at`, in words of every language."""
    ways = begun(flow)
    table = ways[way % len(ways)]
    if flow.step("consent") is not None and flow.step("summary") is not None:
        registers(table, until=until)
    pressed: list[events.Pressed] = []
    for kind, choice in walk:
        if table.session is None:
            break
        act(table, kind, choice, pressed)
        if table.session is None:
            check_end(table)
        elif kind != "undeliverable":
            check_open(table)


def check_open(table: Table) -> None:
    """An open conversation: its question is the last reply, and its buttons fit Telegram and every language."""
    assert table.session is not None
    assert table.question.step == table.session.at
    assert table.question.version == table.session.version
    assert json.loads(json.dumps(table.session.to_json())) == table.session.to_json()
    for language in LANGUAGES:
        assert 0 < len(words(language)(table.question.text)) <= 4096
        for button in (button for row in table.question.rows for button in row):
            assert words(language).plain(button.label)
            assert len(f"t|{table.flow.name}|{button.step}|{button.option}|zzzzzzz".encode()) <= 64


def check_end(table: Table) -> None:
    """An ended conversation: left, or finished with an answer for every applicable step and no other."""
    last = table.said[-1]
    assert isinstance(last, replies.Finished | replies.Left)
    if isinstance(last, replies.Finished) and last.outcome == "done":
        context = replace(table.context, facts=last.facts)
        applicable = [step.id for step in table.flow.steps if step.when(last.answers, context)]
        assert sorted(last.answers) == sorted(applicable)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.name)
def test_every_step_can_be_reached(flow: Flow) -> None:
    """No step is dead: for each there are answers under which it is the next question."""
    seen, situations = set(), set()
    pending = begun(flow)
    while pending:
        table = pending.pop()
        if table.session is None or situation(table.session) in situations:
            continue
        situations.add(situation(table.session))
        seen.add(table.question.step)
        for event in openings(table):
            copy = Table(flow, table.context, table.session, table.said, table.message, dict(table.facts))
            copy.happens(event)
            pending.append(copy)
    known = {"subject", "verdict"} if flow.name == "decision" else set()
    known |= {step.id for step in flow.steps if not step.asked}
    known |= {"regency"} & {step.id for step in flow.steps}  # only where a whole province is served
    assert seen | known == {step.id for step in flow.steps}


def situation(session: Session) -> tuple[object, ...]:
    """What makes two moments of a conversation alike enough to look at only one of them."""
    draft = session.draft
    shape = (
        sorted(name for name, value in draft.items() if value or name == "page") if isinstance(draft, dict) else draft
    )
    asked = ("nik", "employer", "payer", "programme", "verdict", "scope", "role", "answer", "people", "whom", "kind")
    told: list[object] = [str(session.answers.get(step)) for step in asked]
    told += ["by_department" in str(session.answers.get("rules")), "by_department" in str(session.draft)]
    told.append(str(session.learned.get("places")))
    ahead = CRITERIA[CRITERIA.index(session.at) :] if session.at in CRITERIA else []  # what is behind asks no more
    told += [
        str([one for one in ahead if one in str(session.answers.get("by"))]),
        str(draft) if session.at == "by" else "",
    ]
    return (session.at, str(shape), bool(session.learned.get("own_registration")), *told)


def openings(table: Table) -> list[events.Event]:
    """The answers that lead on from a question, in their kinds: every button, and what is typed at it."""
    question = table.question
    said = {
        "nik": ["3319020505909001", "3319020505109001", "3319020505459001", "3319023102909001"],
        "name": ["Slamet"],
        "phone": ["081234567890"],
        "village": ["jati kulon"],
        "address": ["Jl. Mawar No. 12"],
        "born": ["3 Mei 1990"],
        "proof": ["3319020505909001", "3319020505909002"],
        "people": ["10"],
        "by_village": ["Jati Kulon, Kec. Jati: 4"],
        "text_id": ["Halo {nama_depan}", "Halo semua"],
    }.get(question.step, [])
    typed: list[events.Event] = [events.Typed(text, 1) for text in said]
    if question.step == "nik_right":
        typed.append(events.Learned("own_registration", "K7M-4QX"))
    buttons = [button for row in question.rows for button in row if not button.option.startswith("!")]
    return [*typed, *(events.Pressed(button.step, button.option, question.version) for button in buttons)]


def test_a_silent_delivery_failure_changes_nothing() -> None:
    """A message that could not be delivered leaves the conversation as it was, without a word."""
    [table] = begun(FLOWS["registration"])
    before = table.session
    table.happens(events.Undeliverable())
    assert (table.session, table.said) == (before, ())


def test_leaving_is_asked_for_and_can_be_taken_back() -> None:
    """/batal asks first; "no" returns to the very question, "yes" ends and keeps nothing."""
    table = Table(FLOWS["registration"], context_on())
    registers(table, until="phone")
    table.happens(events.Cancelled())
    assert table.question.step == LEAVE.id
    table.presses("stay")
    assert table.question.step == "phone"
    table.happens(events.Cancelled())
    table.presses("leave")
    assert table.session is None
    assert isinstance(table.said[-1], replies.Left)


def test_advance_needs_nothing_but_its_arguments() -> None:
    """Two calls with the same arguments give the same result."""
    flow, context = FLOWS["registration"], context_on()
    session = open_session(flow, context)
    assert advance(flow, session, events.Started(), context) == advance(flow, session, events.Started(), context)
