"""The allowance: people never notice it, whoever floods is held to it, and little is remembered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.intake.allowance import HASTE, REST, Allowance, Sender, Verdict

ANI, BUDI = Sender(1, presses=False), Sender(2, presses=False)
GAPS = st.lists(st.sampled_from([0.0, 0.0, 0.3, 1.0, 2.0, 7.0, 15.0, 40.0]), max_size=120)


def verdicts(allowance: Allowance, gaps: list[float]) -> list[tuple[float, Verdict]]:
    """Return what becomes of what Ani sends after each gap in seconds."""
    at, said = 0.0, []
    for gap in gaps:
        at += gap
        said.append((at, allowance.judge(ANI, at)))
    return said


@given(st.lists(st.floats(1.0, 100.0), max_size=100))
def test_one_a_second_is_never_too_much(gaps: list[float]) -> None:
    """Whoever sends thirty at once and then no more than one a second is always taken, however long it goes on."""
    said = verdicts(Allowance(), [0.0] * int(HASTE) + gaps)
    assert {verdict for _at, verdict in said} <= {Verdict.TAKEN}


@given(GAPS)
def test_no_more_than_answers_can_follow(gaps: list[float]) -> None:
    """In any span of time no more is taken than thirty and one a second, whatever is sent."""
    taken = [at for at, verdict in verdicts(Allowance(), gaps) if verdict is Verdict.TAKEN]
    for first, begin in enumerate(taken):
        for last, end in enumerate(taken[first:], first):
            assert last - first + 1 <= HASTE + end - begin


@given(GAPS)
def test_nobody_is_passed_over_without_a_word(gaps: list[float]) -> None:
    """What is not taken was told, or comes less than ten seconds' rest after the last telling; nobody is told more often."""
    told: float | None = None
    for at, verdict in verdicts(Allowance(), gaps):
        if verdict is Verdict.TOLD:
            assert told is None or at - told >= REST
            told = at
        elif verdict is Verdict.PASSED_OVER:
            assert told is not None
            assert at - told < REST
        else:
            assert told is None or at - told >= REST - 1


def test_each_for_themselves() -> None:
    """Somebody's flood takes nothing from others, and somebody's words nothing from the own presses."""
    allowance = Allowance()
    for _again in range(100):
        allowance.judge(ANI, 0.0)
    assert allowance.judge(ANI, 0.0) is Verdict.PASSED_OVER
    assert allowance.judge(BUDI, 0.0) is Verdict.TAKEN
    assert allowance.judge(Sender(1, presses=True), 0.0) is Verdict.TAKEN


def test_little_is_remembered() -> None:
    """However many strangers come, so many are remembered at most: those who were heard last."""
    allowance = Allowance(most=50)
    for number in range(10_000):
        allowance.judge(Sender(number, presses=False), 0.0)
        for _again in range(30):
            allowance.judge(ANI, 0.0)
    assert len(allowance) == 50
    assert allowance.judge(ANI, 0.0) is Verdict.PASSED_OVER


def test_given_back() -> None:
    """What could not be kept takes nothing, however often it comes again."""
    allowance = Allowance()
    for _again in range(100):
        had = allowance.of([ANI])
        for _update in range(int(HASTE)):
            assert allowance.judge(ANI, 0.0) is Verdict.TAKEN
        allowance.give_back(had)
