"""The engine's rules, one by one, where the walks and the transcripts do not already show them."""

from __future__ import annotations

from datetime import date

import pytest
from conversation_table import Table, context_on, registers

from conversations import FLOWS, events, replies
from conversations.consent import VERSION
from conversations.replies import Finished, Toast
from locales import words


def table(until: str, flow: str = "registration") -> Table:
    """A conversation answered up to a question."""
    made = Table(FLOWS[flow], context_on())
    registers(made, until=until)
    return made


def test_a_press_that_arrives_late_does_not_confirm_something_else() -> None:
    """A "yes" pressed for one NIK and delivered once more after another was typed confirms nothing."""
    held = table("nik_right")
    late = events.Pressed("nik_right", "yes", held.question.version)
    held.presses("retype")
    held.types("3319024505909002")
    assert held.question.step == "nik_right"
    held.happens(late)
    assert held.question.step == "nik_right"
    assert any(isinstance(reply, Toast) for reply in held.said)


def test_a_press_that_arrives_twice_acts_once() -> None:
    """The second delivery of a press shows the question that is open, and changes nothing."""
    held = table("payer")
    press = events.Pressed("payer", "self", held.question.version)
    held.happens(press)
    assert held.session is not None
    answers = dict(held.session.answers)
    held.happens(press)
    assert held.question.step == "tier"
    assert held.session.answers == answers


def test_an_old_button_opens_its_question_but_does_not_act() -> None:
    """A button of an earlier question re-opens it with the answer as it was; keeping it leads back."""
    held = table("months")
    held.happens(events.Pressed("payer", "sponsor", 1))
    assert held.question.step == "payer"
    assert held.session is not None
    assert held.session.answers["payer"] == "self"
    held.presses("!keep")
    assert held.question.step == "months"


def test_the_same_question_shown_twice_has_buttons_that_work_twice() -> None:
    """After a sticker the question is shown again; the buttons of its first copy are as good as those of the second."""
    held = table("employer")
    press = events.Pressed("employer", "no", held.question.version)
    held.happens(events.Attached("sticker", 99))
    held.happens(press)
    assert held.question.step == "payer"


def test_what_is_known_beforehand_is_no_question_to_go_back_to() -> None:
    """From the first real question of a decision there is no way back to the registration it is about."""
    held = Table(FLOWS["decision"], context_on())
    held.happens(events.Started({"subject": "K7M-4QXT"}))
    assert held.question.step == "verdict"
    held.happens(events.WentBack())
    assert held.question.step == "verdict"
    assert "!back" not in [button.option for row in held.question.rows for button in row]


def test_another_nik_asks_for_its_own_confirmation() -> None:
    """Changing the NIK from the summary voids its confirmation and the date of birth that went with it."""
    held = table("summary")
    held.presses("change")
    held.presses("edit:nik")
    held.types("3319023102909001")
    assert held.question.step == "nik_right"
    held.presses("yes")
    assert held.question.step == "born"


def test_a_package_chosen_again_asks_the_months_again() -> None:
    """The months are agreed to at a price; when the package changes, they are asked again."""
    held = table("summary")
    held.presses("change")
    held.presses("edit:tier")
    held.presses("with_jht")
    assert held.question.step == "months"


def test_answers_that_no_longer_apply_stay_but_are_not_sent() -> None:
    """Somebody who has cover through an employer chooses no package; changing one's mind brings the answers back."""
    held = table("summary")
    held.presses("change")
    held.presses("edit:employer")
    held.presses("yes")
    held.presses("forward")
    held.presses("send")
    finished = held.said[-1]
    assert isinstance(finished, Finished)
    assert not {"payer", "tier", "months"} & finished.answers.keys()
    again = table("summary")
    for option in ("change", "edit:employer", "yes", "change", "no"):
        again.presses(option)
    assert again.question.step == "summary"


def test_consent_names_its_text_and_its_time() -> None:
    """What is stored proves which text was agreed to and when; an older text is asked again."""
    held = table("nik")
    assert held.session is not None
    assert held.session.answers["consent"] == {
        "option": "agree",
        "version": VERSION,
        "at": "2026-11-20T03:00:00+00:00",
    }
    older = {**held.session.answers, "consent": {"option": "agree", "version": "2020-01-01", "at": "2020-01-01"}}
    held.happens(events.Started(older))
    assert held.question.step == "consent"


def test_the_price_is_that_of_the_day_the_question_is_shown() -> None:
    """A conversation that is resumed in January shows January's price to a trader."""
    held = table("occupation")
    held.presses("market_trader")
    for answer in ("33.19.03", "33.19.03.2007"):
        held.presses(answer)
    held.types("Jl. Mawar No. 1")
    held.presses("no")
    held.presses("self")
    before = [picture_price(held)]
    held.at(date(2027, 1, 2))
    held.happens(events.Resumed())
    assert [*before, picture_price(held)] == ["Rp8,400", "Rp16,800"]


def picture_price(held: Table) -> str:
    """Today's price of the first package, as the question says it."""
    return words("en").plain(held.question.text).split("Now ")[1].split(" ")[0]


@pytest.mark.parametrize("step", ["name", "occupation", "village", "address", "employer", "payer"])
def test_a_nik_or_a_code_never_stays_where_it_was_not_asked(step: str) -> None:
    """A NIK or a one-time code typed at another question is deleted, said so, and not kept as an answer."""
    held = table(step)
    for text in ("3319024505909017", "kode OTP saya 123456"):
        message = held.types(text)
        assert replies.Forget(message) in held.said
        assert held.question.step == step
        assert held.session is not None
        assert text not in str(held.session.to_json())


def test_the_picture_is_sent_once() -> None:
    """Coming back to the packages does not send the card again, unless the price has changed."""
    held = table("tier")
    assert held.question.picture is not None
    held.happens(events.WentBack())
    held.presses("!keep")
    assert held.question.step == "tier"
    assert held.question.picture is None
    held.happens(events.WentBack())
    held.presses("sponsor")
    assert held.question.picture is not None
