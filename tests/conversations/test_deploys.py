"""A deploy changes the table of steps under open conversations, and nobody is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conversation_table import Table, context_on, registers
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations import events
from conversations.flow import Flow, Step
from conversations.kinds import Choice, Line, Option
from conversations.registration import REGISTRATION
from conversations.replies import Finished
from conversations.words import _

STEPS = [step.id for step in REGISTRATION.steps]
HOBBY = Step("hobby", _("What is your hobby?"), Line(2, 40, short=_("Please type a word or two.")))


def opened(until: str) -> Table:
    """A registration answered up to a question."""
    table = Table(REGISTRATION, context_on())
    registers(table, until=until)
    return table


def without(*names: str) -> Flow:
    """The registration without some of its steps."""
    return Flow("registration", tuple(step for step in REGISTRATION.steps if step.id not in names))


def test_an_inserted_question_is_asked_and_the_answers_stay() -> None:
    """A question put in before the present one is asked once; afterwards the conversation is where it was."""
    table = opened("address")
    at = STEPS.index("name")
    table.flow = Flow("registration", (*REGISTRATION.steps[:at], HOBBY, *REGISTRATION.steps[at:]))
    table.types("Jl. Lama")
    assert table.question.step == "hobby"  # what was typed answered a question that is no longer the first open one
    table.types("memancing")
    assert table.question.step == "address"
    assert table.session is not None
    assert table.session.answers["name"] == "Slamet Riyadi"


def test_a_removed_question_is_left_behind() -> None:
    """The question on the screen disappears: the next one is asked, and its old answers are not in the result."""
    table = opened("address")
    table.flow = without("address", "phone")
    table.happens(events.Resumed())
    assert table.question.step == "employer"
    registers_on(table)
    finished = table.said[-1]
    assert isinstance(finished, Finished)
    assert "phone" not in finished.answers


def registers_on(table: Table) -> None:
    """Answer what is left, and send."""
    for option in ("no", "self", "basic", "12", "send"):
        table.presses(option)


def test_a_renamed_question_keeps_its_answer() -> None:
    """An answer given under a former id counts under the new one."""
    table = opened("village")
    renamed = tuple(
        replace(step, id="full_name", was=("name",)) if step.id == "name" else step for step in REGISTRATION.steps
    )
    table.flow = Flow("registration", renamed)
    table.happens(events.Resumed())
    assert table.question.step == "village"
    assert table.session is not None
    assert table.session.answers["full_name"] == "Slamet Riyadi"


def test_a_button_of_a_renamed_question_opens_it() -> None:
    """An old button that names a former id still leads to the question it belonged to."""
    table = opened("tier")
    renamed = tuple(
        replace(step, id="pays", was=("payer",)) if step.id == "payer" else step for step in REGISTRATION.steps
    )
    table.flow = Flow("registration", renamed)
    table.happens(events.Pressed("payer", "sponsor", 1))
    assert table.question.step == "pays"


def test_a_tightened_rule_asks_again() -> None:
    """A stored answer that today's rule refuses is asked again; the others stay."""
    table = opened("village")
    strict = Line(20, 80, letters=True, short=_("Please type the full name as on the KTP."))
    table.flow = Flow(
        "registration",
        tuple(replace(step, kind=strict) if step.id == "name" else step for step in REGISTRATION.steps),
    )
    table.happens(events.Resumed())
    assert table.question.step == "name"
    table.types("Slamet Riyadi bin Sukarjo")
    assert table.question.step == "village"


def test_an_option_that_is_gone_asks_again() -> None:
    """An answer whose option no longer exists is asked again."""
    table = opened("tier")
    fewer = Choice(Option("sponsor", _("Somebody pays for me")))
    table.flow = Flow(
        "registration",
        tuple(replace(step, kind=fewer) if step.id == "payer" else step for step in REGISTRATION.steps),
    )
    table.happens(events.Resumed())
    assert table.question.step == "payer"


@settings(max_examples=60)
@given(
    until=st.sampled_from(STEPS),
    gone=st.sets(st.sampled_from([name for name in STEPS if name not in {"consent", "nik", "summary"}]), max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_no_deploy_loses_anybody(until: str, gone: set[str], order: object) -> None:
    """Whatever is removed or put in another order, the next turn asks a question and keeps every answer."""
    table = opened(until)
    before = dict(table.session.answers) if table.session is not None else {}
    kept = [step for step in REGISTRATION.steps if step.id not in gone]
    middle = kept[1:-1]
    order.shuffle(middle)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    table.flow = Flow("registration", (kept[0], *middle, kept[-1]))
    table.happens(events.Resumed())
    assert table.session is not None
    assert table.question.step == table.session.at
    assert {name: table.session.answers[name] for name in before} == before


def test_two_steps_may_not_share_an_id() -> None:
    """A table in which two steps answer to one id is refused at once."""
    with pytest.raises(ValueError, match="share an id"):
        Flow("registration", (HOBBY, replace(HOBBY, was=("x",))))
