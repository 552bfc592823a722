"""The programme in the form: what is offered, why not, and what follows from the choice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conversation_table import Table, programme, registers, with_programmes

from conversations import events
from conversations.neighbour import NEIGHBOUR
from conversations.registration import CORRECTION, REGISTRATION
from conversations.replies import Finished
from locales import words


def offered(*known: dict[str, events.Json], payer: str = "sponsor", flow: object = REGISTRATION) -> Table:
    """A form at the question of who pays, answered, where these programmes exist."""
    table = with_programmes(NEIGHBOUR if flow is NEIGHBOUR else REGISTRATION)
    table.facts = {"programmes": [*known]}
    registers(table, until="payer")
    table.presses(payer)
    return table


def asked(table: Table) -> str:
    """The open question, in English."""
    return words("en").plain(table.question.text)


def options(table: Table) -> set[str]:
    """The options of the open question."""
    return {button.option for row in table.question.rows for button in row}


def test_a_programme_says_which_package_and_who_pays() -> None:
    """Under a programme no package is asked, and what the government pays is the full price."""
    table = offered(programme("kudus"), programme("donor", "sponsor"))
    assert "16,800 a month" in asked(table)
    table.presses("kudus")
    assert table.question.step == "summary"
    table.presses("send")
    finished = table.said[-1]
    assert isinstance(finished, Finished)
    assert "tier" not in finished.answers
    assert finished.answers["programme"] == {
        "code": "kudus", "name": "Kudus", "payer": "apbd", "tier": "basic", "months": 12,
    }  # fmt: skip


def test_one_that_does_not_fit_is_named_with_the_reason() -> None:
    """It has no button, and typing its name does not choose it."""
    table = offered(programme("boats", occupations=("fisher",)), programme("kudus"))
    assert "Boats: it is for other kinds of work" in asked(table)
    assert options(table) >= {"kudus", "-"}
    assert "boats" not in options(table)
    table.types("Boats")
    assert table.question.step == "programme"


def test_where_nothing_fits_the_form_goes_on() -> None:
    """The reasons are told once, and the package is asked as without programmes."""
    table = offered(programme("boats", occupations=("fisher",)))
    assert asked(table).startswith("No programme fits")
    table.presses("-")
    assert table.question.step == "tier"


def test_own_words_for_work_never_speak_against_anybody() -> None:
    """A kind of work that is not in the list is left to the officer."""
    table = with_programmes(REGISTRATION)
    table.facts = {"programmes": [programme("boats", occupations=("fisher",))]}
    registers(table, until="occupation")
    table.types("qwxz")
    table.presses("other")
    registers(table, until="payer")
    table.presses("unknown")
    assert "boats" in options(table)


def test_the_social_register_is_nothing_a_person_is_told() -> None:
    """Whether somebody stands in the government's data is checked by the officer and never a reason here."""
    for rule in ("in", "out"):
        table = offered(programme("kudus", social_register=rule))
        assert "kudus" in options(table)
        assert "officer checks" in asked(table)


def test_another_village_or_payer_asks_for_the_programme_again() -> None:
    """A choice made for one place, even to go without, does not silently count for another."""
    table = offered(programme("kudus"))
    table.presses("-")
    table.presses("basic")
    table.facts = {"programmes": [programme("other")]}
    for press in ("change", "edit:village", "33.19.02"):
        table.presses(press)
    table.presses(min(one for one in options(table) if one.startswith("33.19.02.")))
    assert table.question.step == "programme"
    assert "other" in options(table)


def test_who_pays_alone_is_not_offered_what_others_pay() -> None:
    """Who pays alone chooses package and months, whatever programmes there are; nobody else is offered a drive."""
    both = (programme("kudus"), programme("rembang", "self"))
    assert offered(*both, payer="self").question.step == "tier"
    assert "rembang" not in options(offered(*both))


def test_terms_that_changed_are_asked_again() -> None:
    """A programme whose months changed while the form was open is chosen once more, not taken as it was."""
    table = offered(programme("kudus"))
    table.presses("kudus")
    table.context = replace(table.context, facts={})
    table.happens(events.Learned("programmes", [programme("kudus") | {"months": 6}]))
    assert table.question.step == "programme"


def test_who_only_pays_cannot_go_on_without_a_programme() -> None:
    """Somebody without a role registers under what they pay themselves and in no other way."""
    table = Table(NEIGHBOUR, with_programmes(NEIGHBOUR).context)
    table.facts = {"programmes": [programme("mine", "sponsor")]}
    table.happens(events.Started({"payer": "sponsor"}, {"bound": True}))
    registers(table, until="programme")
    assert table.question.step == "programme"
    assert "-" not in options(table)
    table.happens(events.Pressed("programme", "-", table.question.version))
    assert table.question.step == "programme"


def test_places_outside_ones_own_are_not_offered() -> None:
    """A facilitator picks only villages of the own area, by button or by name."""
    table = Table(NEIGHBOUR, with_programmes(NEIGHBOUR).context)
    table.happens(events.Started({}, {"areas": ["33.19.03.2007"]}))
    registers(table, until="village")
    assert {one for one in options(table) if one.startswith("33")} == {"33.19.03"}
    table.types("mlati kidul")
    assert table.question.step == "village"
    table.happens(events.Pressed("village", "33.19.02.1001", table.question.version))
    assert table.question.step == "village"


def test_a_correction_knows_the_programmes_of_its_village() -> None:
    """Answers given beforehand are looked up like those given now, so a programme chosen before still holds."""
    table = with_programmes(CORRECTION)
    done = offered(programme("kudus"))
    done.presses("kudus")
    assert done.session is not None
    table.facts = {"programmes": [programme("kudus")]}
    table.happens(events.Started({**done.session.answers}, {"correcting": "K7M-4QXT"}))
    assert table.question.step == "summary"
    assert "Kudus" in asked(table)


@pytest.mark.parametrize(("typed", "tier"), [("16.800", "basic"), ("36.800", "with_jht"), ("Paket 2", "with_jht")])
def test_a_package_is_chosen_by_what_people_type(typed: str, tier: str) -> None:
    """An option is found by each of its names, dots and capitals however they come."""
    table = offered(payer="self")
    assert table.question.step == "tier"
    table.types(typed)
    assert table.session is not None
    assert table.session.answers["tier"] == tier
